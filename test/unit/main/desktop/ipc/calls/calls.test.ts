import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { MessageBoxOptions } from 'electron';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#lib/clock.ts';
import { silentLog } from '#lib/log.ts';
import { createDesktopDoctor } from '#main/desktop/desktop-doctor.ts';
import { createAppCalls } from '#main/desktop/ipc/calls/app-calls.ts';
import { createHistoryCalls } from '#main/desktop/ipc/calls/history-calls.ts';
import { createPairingCalls } from '#main/desktop/ipc/calls/pairing-calls.ts';
import { createRelayCalls } from '#main/desktop/ipc/calls/relay-calls.ts';
import { createSessionCalls } from '#main/desktop/ipc/calls/session-calls.ts';
import { createSettingsCalls } from '#main/desktop/ipc/calls/settings-calls.ts';
import { PairingCodes } from '#main/desktop/pairing-codes.ts';
import { RemoteSwitch } from '#main/desktop/remote-switch.ts';
import { THIS_COMPUTER } from '#main/host/access.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import type { WindowState } from '#preload/contract.ts';
import type { CommandBody, CommandKind } from '#protocol/commands.ts';
import { pair } from '#test/support/device/pair.ts';
import { createLifecycleWorld, type LifecycleWorld } from '#test/unit/main/desktop/lifecycle-world.ts';

let world: LifecycleWorld;
let heard: unknown[];
let answer: number;
let asked: MessageBoxOptions[];
let calls: ReturnType<typeof createCalls>;

/** All groups before a real host, with a person who answers boxes with `answer`. */
function createCalls() {
  const { lifecycle, settings, folder } = world;
  const findHost = () => lifecycle.findStarted();
  const codes = new PairingCodes({ lifecycle, clock: systemClock, log: silentLog });
  const ask = async (options: MessageBoxOptions) => {
    asked.push(options);
    return answer;
  };
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void heard.push([name, ...args]);
  return {
    codes,
    ...createSessionCalls({ findHost, phoneOrigin: () => lifecycle.running?.relay.phoneOrigin ?? null }),
    ...createPairingCalls({ findHost, codes }),
    ...createRelayCalls({
      lifecycle,
      remoteSwitch: new RemoteSwitch({ lifecycle, settings, ask, log: silentLog }),
      testRelay: () => Promise.reject(new Error('not asked here')),
      examine: createDesktopDoctor({
        ...{ lifecycle, settings, dataFolder: folder, phoneFolder: null, now: Date.now, log: silentLog },
        secrets: createSecretFile(join(folder, 'keys.json')),
        isNotificationSupported: () => true,
      }),
      resume: note('resume'),
    }),
    ...createSettingsCalls({
      findHost,
      settings,
      setLogin: async (isEnabled) => ({ kind: isEnabled ? 'requires-approval' : 'off' }),
    }),
    ...createHistoryCalls({
      findHost,
      dataFolder: folder,
      dialogs: { chooseFolder: async () => '/chosen', chooseExportFile: async (name) => join(folder, name) },
      openPath: async (path) => (path === folder ? '' : 'no'),
      now: () => Date.UTC(2026, 0, 2),
    }),
    ...createAppCalls({
      lifecycle,
      load: async () => ({}) as WindowState,
      showPage: note('page'),
      closeWindow: note('close'),
      writeClipboard: note('clipboard'),
      updatePage: null,
      openExternal: async (address) => note('outside')(address),
      checkForUpdate: async () => ({ kind: 'current', at: 1 }),
      quit: note('quit'),
    }),
  };
}

beforeEach(async () => {
  world = await createLifecycleWorld();
  heard = [];
  asked = [];
  answer = 0;
  calls = createCalls();
});
afterEach(() => world.stop());

async function open(): Promise<void> {
  await world.lifecycle.open();
  await world.until(() => world.lifecycle.running?.host.remote.status.kind === 'connected');
}
const host = () => {
  const running = world.lifecycle.running;
  if (!running) throw new Error('There is no host.');
  return running.host;
};
const state = (session: string) =>
  host()
    .supervisor.state()
    .sessions.find(({ id }) => id === session)?.state;
/** A command of the person at the computer, as the window's client brings it. */
function give<Kind extends CommandKind>(session: string, kind: Kind, body: CommandBody<Kind>): void {
  const command = { id: uuidv7(), session, kind, body, at: Date.now() };
  expect(host().supervisor.handleCommand(THIS_COMPUTER, command).state).not.toBe('rejected');
}
async function startSession(): Promise<string> {
  const folder = join(world.folder, 'project');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'hello.js'), 'export {};\n');
  const session = uuidv7();
  give(session, 'session.new', { agent: 'demo', folder, title: 'A session' });
  await world.until(() => state(session) === 'idle');
  return session;
}

test('what is chosen while the host is being started counts once it runs', async () => {
  const chosen = calls['settings.set']({ keepAwake: 'always' });
  await open();
  expect([await chosen, world.settings.get().keepAwake]).toEqual([{ ok: true, value: null }, 'always']);
});

test('without a host, every call that needs one says why, and the settings are left alone', async () => {
  const server = createServer().listen(world.settings.get().relayPort, '127.0.0.1');
  await once(server, 'listening');
  await world.lifecycle.open();
  server.close();
  const before = world.settings.get();
  const answers = await Promise.all([
    calls['session.set-remote']({ session: uuidv7(), isRemote: true }),
    calls['remote.set']({ isEnabled: true }),
    calls['device.revoke-all'](null),
    calls['settings.set']({ keepAwake: 'always' }),
    calls['history.export'](null),
    calls['activity.page']({ before: 9 }),
  ]);
  expect(answers.filter(({ ok }) => ok)).toEqual([]);
  expect([world.settings.get(), asked]).toEqual([before, []]);
});

test('a session is hidden from phones and linked to, and the activity says what was done at the computer', async () => {
  await open();
  const session = await startSession();
  expect(await calls['session.set-remote']({ session, isRemote: false })).toMatchObject({ ok: true });
  expect(host().supervisor.isSessionRemote(session)).toBe(false);
  const origin = `http://127.0.0.1:${world.settings.get().relayPort}`;
  expect(await calls['session.link']({ session })).toEqual({
    ok: true,
    value: { link: `${origin}/s/${host().hostId}/${session}` },
  });
  give(session, 'session.end', {});
  await world.until(() => state(session) === 'ended');
  const page = await calls['activity.page']({ before: Number.MAX_SAFE_INTEGER });
  expect(page.ok && page.value.rows.map(({ by, text }) => [by, text.split(' in ')[0]])).toEqual([
    ['This computer', 'ended the session'],
    ['This computer', 'turned remote control off for the session'],
    ['This computer', 'started a session with “demo”'],
  ]);
  expect(await calls['activity.verify'](null)).toMatchObject({ ok: true, value: { isIntact: true } });
});

test('what the host refuses is told with its reason, and nothing has changed', async () => {
  await open();
  const unknown = '0199f3a4-7b1c-7d2e-8f3a-4b5c6d7e8f90';
  const answers = [
    await calls['session.link']({ session: unknown }),
    await calls['session.set-remote']({ session: unknown, isRemote: true }),
    await calls['device.revoke']({ device: 'd' }),
    await calls['device.set-scope']({ device: 'd', scope: 'watch' }),
    await calls['agent.remove']({ id: 'a' }),
    await calls['relay.set']({ address: 'http://relay.example', publicUrl: null }),
    await calls['relay.set']({ address: null, publicUrl: 'http://127.0.0.1:1' }),
    await calls['outside.open']({ page: 'update' }),
  ];
  expect(answers.map((one) => (one.ok ? 'ok' : one.error.length > 10))).toEqual(answers.map(() => true));
  expect([host().supervisor.state().sessions, heard]).toEqual([[], []]);
});

test('the switch for all sessions is asked about in main the first time it is turned on, and only then', async () => {
  await open();
  answer = 1;
  expect(await calls['remote.set']({ isEnabled: true })).toEqual({ ok: true, value: { isEnabled: false } });
  expect(world.settings.get()).toMatchObject({ remoteControl: false, isRemoteControlConfirmed: false });
  answer = 0;
  const both = await Promise.all([calls['remote.set']({ isEnabled: true }), calls['remote.set']({ isEnabled: true })]);
  expect(both).toEqual([1, 2].map(() => ({ ok: true, value: { isEnabled: true } })));
  expect(asked).toHaveLength(2);
  await calls['remote.set']({ isEnabled: false });
  expect(await calls['remote.set']({ isEnabled: true })).toEqual({ ok: true, value: { isEnabled: true } });
  expect([asked.length, asked[0]?.cancelId]).toEqual([2, 1]);
});

test('a code that is wanted while Baton still starts is shown as soon as it runs', async () => {
  expect(await calls['pairing.show'](null)).toEqual({ ok: true, value: null });
  expect(calls.codes.view()).toMatchObject({
    isShown: true,
    offer: null,
    trouble: expect.stringContaining('starting'),
  });
  await open();
  await world.until(() => calls.codes.view().offer !== null);
});

test('a code is shown, used, allowed with a scope; that is the confirmation too, and the device can be revoked', async () => {
  await open();
  await calls['pairing.show'](null);
  await world.until(() => calls.codes.view().offer !== null);
  const { offer } = calls.codes.view();
  const digits = Promise.withResolvers<string>();
  const paired = pair(offer?.link ?? '', 'My phone', digits.resolve);
  await world.until(() => calls.codes.view().requests.length > 0);
  const [request] = calls.codes.view().requests;
  expect(request).toMatchObject({ name: 'My phone', digits: await digits.promise, build: 'test' });
  const id = request?.id ?? '';
  expect(await calls['pairing.allow']({ request: id, scope: 'watch' })).toEqual({ ok: true, value: { isThere: true } });
  const { deviceId } = await paired;
  expect(calls.codes.view().lastPaired).toMatchObject({ name: 'My phone' });
  expect(world.settings.get()).toMatchObject({ remoteControl: true, isRemoteControlConfirmed: true });
  expect(await calls['pairing.allow']({ request: id, scope: 'full' })).toEqual({ ok: true, value: { isThere: false } });
  expect(host().remote.devices()).toMatchObject([{ id: deviceId, scope: 'watch' }]);
  expect(await calls['device.set-scope']({ device: deviceId, scope: 'answer' })).toMatchObject({ ok: true });
  expect(await calls['device.revoke-all'](null)).toEqual({ ok: true, value: { revoked: 1 } });
  expect(host().remote.devices()).toEqual([]);
  await calls['pairing.hide'](null);
  expect(calls.codes.view()).toMatchObject({ isShown: false, offer: null });
});

test('settings are stored; an agent of their own keeps what only the file may hold', async () => {
  await open();
  await calls['settings.set']({ keepAwake: 'on-power', isNotifying: false });
  await calls['settings.set']({ keepAgentsHours: 72 });
  await calls['settings.dismiss-guide']({ guide: 'relay' });
  await calls['settings.dismiss-guide']({ guide: 'relay' });
  const set = { keepAwake: 'on-power', keepAgentsHours: 72, isNotifying: false, dismissedGuides: ['relay'] };
  expect(world.settings.get()).toMatchObject(set);
  const own = { id: 'mine', name: 'Mine', command: '/bin/mine', args: ['--acp'] };
  world.settings.update({ customAgents: [{ ...own, name: 'Old', env: { API_KEY: 'k' } }] });
  await calls['agent.add'](own);
  expect(world.settings.get().customAgents).toEqual([{ ...own, env: { API_KEY: 'k' } }]);
  await calls['agent.remove']({ id: 'mine' });
  expect(world.settings.get().customAgents).toEqual([]);
  expect(await calls['login.set']({ isEnabled: true })).toEqual({ ok: true, value: { kind: 'requires-approval' } });
});

test('the history is written to a file, and deleted when it is told to be', async () => {
  await open();
  await startSession();
  const exported = await calls['history.export'](null);
  const file = join(world.folder, 'baton-history-2026-01-02.jsonl');
  expect(exported).toEqual({ ok: true, value: { file, sessions: 1 } });
  expect(readFileSync(file, 'utf8')).toContain('A session');
  expect(await calls['history.delete']({ what: 'ended' })).toEqual({ ok: true, value: { sessions: 0 } });
  expect(await calls['history.delete']({ what: 'all' })).toEqual({ ok: true, value: { sessions: 1 } });
  expect(host().supervisor.state().sessions).toEqual([]);
});

test('the window asks for what is around it', async () => {
  await open();
  await calls['window.network']({ isOnline: false });
  await calls['window.network']({ isOnline: true });
  await calls['window.show-page']({ page: 'devices' });
  await calls['window.close'](null);
  await calls['clipboard.write']({ text: 'x' });
  await calls['outside.open']({ page: 'caddy' });
  await calls['app.quit'](null);
  expect(heard).toEqual([
    ['resume'],
    ['page', 'devices'],
    ['close'],
    ['clipboard', 'x'],
    ['outside', expect.stringMatching(/^https:\/\/caddyserver\.com\//)],
    ['quit'],
  ]);
  expect(await calls['app.retry'](null)).toEqual({ ok: true, value: null });
  expect(await calls['folder.choose'](null)).toEqual({ ok: true, value: { folder: '/chosen' } });
});

test('the doctor looks at the host that runs, and goes on with what it can while none does', async () => {
  await world.lifecycle.open();
  await world.until(() => world.lifecycle.running?.host.remote.status.kind === 'connected');
  const states = async () => {
    const result = await calls['doctor.run'](null);
    if (!result.ok) throw new Error(result.error);
    return Object.fromEntries(result.value.checks.map(({ name, state }) => [name, state]));
  };
  expect(await states()).toMatchObject({
    ...{ folder: 'ok', settings: 'ok', history: 'ok', keys: 'ok', relay: 'ok', clock: 'ok', upgrade: 'ok' },
    ...{ 'sign-in': 'ok', link: 'ok', admission: 'ok', 'round-trip': 'ok', notifications: 'ok' },
  });
  expect(world.lifecycle.running?.host.remote.status.kind).toBe('connected');

  const second = await createLifecycleWorld({ folder: world.folder });
  const { relayPort } = world.settings.get();
  second.settings.update({ relayPort });
  const examine = createDesktopDoctor({
    ...{ lifecycle: second.lifecycle, settings: second.settings, dataFolder: world.folder, phoneFolder: null },
    ...{ secrets: createSecretFile(join(world.folder, 'keys.json')), now: Date.now, log: silentLog },
    isNotificationSupported: () => true,
  });
  const [one, same] = [examine(), examine()];
  expect(await one).toBe(await same);
  expect((await one).checks.find(({ name }) => name === 'history')?.text).toContain('Another Baton has it open');
  expect((await one).checks.find(({ name }) => name === 'round-trip')).toMatchObject({ state: 'ok' });
  await second.lifecycle.dispose();
});
