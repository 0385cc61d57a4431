/** What a person is told, and what goes on, when the world around a host is not as it should be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { agoWords } from '#lib/duration-words.ts';
import { renderLink, renderRelay } from '#main/desktop/ipc/views/link-view.ts';
import { renderSessions } from '#main/desktop/ipc/views/sessions-view.ts';
import { describeStatus } from '#main/terminal/status-words.ts';
import { statusAfterEnd } from '#phone/core/link/link-status.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { FromHost } from '#protocol/messages.ts';
import { linkWords } from '#renderer/words/link-words.ts';
import { ClockOffset } from '#ui/client/clock-offset.ts';
import { translateState } from '#ui/client/host-times.ts';
import { statusWords } from '#ui/words/status-words.ts';
import { createShiftingClock } from '../support/chaos/shifting-clock.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { makeFolder, startHost, startRelay, type TestHost } from '../support/test-host.ts';

const DAY_MS = 24 * 60 * 60_000;
const JUST_NOW = /^(just now|\d+ s ago)$/;
const hosts: TestHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0).reverse()) await host.stop();
});
async function start(options: Parameters<typeof startHost>[0] = {}): Promise<TestHost> {
  const host = await startHost(options);
  hosts.push(host);
  return host;
}

const probe = mountSmallDisk(1);
probe?.dispose();
const canMount = probe !== null;
function makeDisk(megabytes: number): SmallDisk {
  const disk = mountSmallDisk(megabytes);
  if (!disk) throw new Error('This user may not mount.');
  onTestFinished(() => disk.dispose());
  return disk;
}

/** As the terminal and the window say how the link is. */
function linkLines({ host, relay }: TestHost): { terminal: string; window: ReturnType<typeof linkWords> } {
  const { status, link } = host.remote;
  const now = Date.now();
  const { origin } = relay;
  const view = renderRelay({ relayOrigin: origin, phoneOrigin: origin, isOwn: false });
  return {
    terminal: describeStatus({
      link: host.remote.facts(),
      state: host.supervisor.state(),
      isRemoteControlEnabled: true,
      now,
    }),
    window: linkWords(renderLink(status, link.heardAt, view), now),
  };
}

/** How old a phone says that a session is: it measures the host's clock as its page does. */
function createAgeReader() {
  const offset = new ClockOffset(0);
  return {
    onMessage: (message: FromHost) => {
      if (message.type === 'welcome') {
        offset.restart();
        offset.take({ hostNow: message.now, receivedAt: Date.now(), roundTripMs: null });
      }
    },
    ageOf: (state: Parameters<typeof translateState>[0] | null, title: string) => {
      const translated = state && translateState(state, offset.value);
      const session = translated?.sessions.find((one) => one.title === title);
      return session ? agoWords(session.createdAt, Date.now()) : 'not there';
    },
  };
}

test('a clock that is a day ahead, and then a day behind, breaks neither pairing, ages on the phone, nor coming back', async () => {
  const clock = createShiftingClock();
  clock.shift(DAY_MS);
  const baton = await start({ clock });
  const reader = createAgeReader();
  const device = await baton.pairDevice('Phone', 'full', { onMessage: reader.onMessage });
  await baton.startSession('Ahead');
  await device.until('session', () => reader.ageOf(device.state, 'Ahead') !== 'not there');
  expect(reader.ageOf(device.state, 'Ahead')).toMatch(JUST_NOW);

  // The clock is set right, and too far: the host notices within seconds that it jumped, and dials again.
  const { connections } = device;
  clock.shift(-2 * DAY_MS);
  baton.host.remote.resume();
  await device.until('back', () => device.isConnected && device.connections > connections);
  await baton.startSession('Behind');
  await device.until('session', () => reader.ageOf(device.state, 'Behind') !== 'not there');
  expect(reader.ageOf(device.state, 'Behind')).toMatch(JUST_NOW);
  expect((await baton.pairDevice('Another')).isConnected).toBe(true);

  // The relay goes; the clock jumps while the host waits for the next attempt; the relay comes back.
  const { port } = baton.relay;
  await baton.relay.stop({ graceful: false });
  await baton.until('unreachable', () => baton.host.remote.status.kind === 'unreachable');
  const status = baton.host.remote.status;
  if (status.kind !== 'unreachable') throw new Error(status.kind);
  expect(status.retryAt - clock.now()).toBeLessThanOrEqual(30_000);
  clock.shift(2 * DAY_MS);
  const relay = await startRelay(baton.folder, { port });
  onTestFinished(() => relay.stop({ graceful: false }));
  await baton.until('connected', () => baton.host.remote.status.kind === 'connected');
  await device.until('connected', () => device.isConnected);
  expect(await device.ping()).toBeGreaterThanOrEqual(0);
});

test('of two hosts with the same keys on one relay the newer one stays, and the older says so on both its screens', async () => {
  const first = await start();
  await first.until('link', () => first.host.remote.status.kind === 'connected');
  const folder = makeFolder();
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(first.folder, 'keys.json'), join(folder, 'keys.json'));
  const second = await start({ folder, relayOrigin: first.relay.origin });
  await second.until('link', () => second.host.remote.status.kind === 'connected');
  await first.until('stopped', () => first.host.remote.status.kind === 'stopped');
  const words =
    'Another Baton with the same keys is connected to this relay. Close it, or give this one its own data folder, then reconnect.';
  const { terminal, window } = linkLines(first);
  expect(terminal).toMatch(new RegExp(`^■ stopped: ${words.replaceAll('.', '\\.')}`));
  expect(window).toMatchObject({ shape: 'stopped', tone: 'bad', detail: words, canRetry: true });
  expect(second.host.remote.status.kind).toBe('connected');
});

test('two hosts with keys of their own share a relay without noticing each other', async () => {
  const first = await start();
  const second = await start({ relayOrigin: first.relay.origin });
  const [one, other] = [await first.pairDevice('One'), await second.pairDevice('Other')];
  await first.startSession('Of the first');
  await one.until('session', () => one.state?.sessions.some(({ title }) => title === 'Of the first') === true);
  expect(other.state?.sessions).toEqual([]);
  expect([first, second].map(({ host }) => host.remote.status.kind)).toEqual(['connected', 'connected']);
});

test.skipIf(!canMount)(
  'a disk that fills up in the middle of a turn is said on phone and window; nothing is lost; it goes on by itself',
  async () => {
    const disk = makeDisk(24);
    const baton = await start({ folder: join(disk.folder, 'data') });
    const device = await baton.pairDevice('Phone', 'full', { file: join(makeFolder(), 'device.db') });
    const session = await baton.startSession('Work');
    const prompt = device.send('prompt', session, { text: 'slow 3' });
    await device.untilReceipt(prompt, 'applied');
    disk.fill();
    const full = 'The disk is full. Free some space.';
    await device.until('words on the phone', () => device.state?.diskTrouble === full);
    const shown = renderSessions(baton.host.supervisor.state(), baton.host.remote.devices(), () => true);
    expect(shown).toMatchObject({ diskTrouble: full, list: [{ id: session }] });
    const [working] = baton.host.supervisor.state().sessions;
    expect(working).toMatchObject({ id: session, state: 'working', detail: '' });
    expect(linkLines(baton).terminal).toMatch(`NOTHING CAN BE STORED: ${full}`);

    const refused = device.send('prompt', session, { text: `echo: ${'x'.repeat(100_000)}` });
    await device.untilReceipt(refused, 'rejected');
    expect(device.receiptOf(refused)?.reason).toBe(`The computer could not store it. ${full}`);
    disk.free();
    await device.until('words are gone', () => device.state !== null && device.state.diskTrouble === undefined);
    await baton.untilState(session, 'idle');
    const again = device.send('prompt', session, { text: 'echo: there is room again' });
    await device.untilReceipt(again, 'applied');
    await baton.untilState(session, 'idle');
    const last = baton.host.history.events.last(session);
    await device.until('everything', () =>
      device.store.cursors().some((at) => at.session === session && at.seq === last),
    );
    const events = baton.host.history.events.after(session, 0, 500);
    const said = events.flatMap((event) => (event.kind === 'message' ? [(event.body as { text: string }).text] : []));
    expect(said.join('|')).toBe('Second 1 of 3. Second 2 of 3. Second 3 of 3. Done.|there is room again');
    const text = JSON.stringify(events);
    expect(text).not.toContain('xxxxxxxx');
  },
);

test.skipIf(!canMount)(
  'a disk on which the history has room and what an agent says has none is said, too: the agent stands still for it',
  async () => {
    const disk = makeDisk(24);
    const baton = await start({ folder: join(disk.folder, 'data') });
    const session = await baton.startSession('Work');
    // The journal of a history that is used for long has room of its own: it is written from its beginning again.
    const { connection } = baton.host.history.database;
    connection.exec('CREATE TABLE filler (text TEXT)');
    connection.prepare('INSERT INTO filler VALUES (?)').run('x'.repeat(4 * 1024 * 1024));
    connection.exec('DROP TABLE filler');
    connection.pragma('wal_checkpoint(RESTART)');
    disk.fill();
    const prompt = baton.command('prompt', session, { text: 'output 20' });
    expect(prompt.state).toBe('accepted');
    const trouble = () => baton.host.supervisor.state().diskTrouble;
    await baton.until('words', () => trouble() === 'The disk is full. Free some space.');
    disk.free();
    await baton.untilState(session, 'idle');
    expect(trouble()).toBe(undefined);
    const kinds = baton.host.history.events.after(session, 0, 500).map(({ kind }) => kind);
    expect(kinds.slice(-3)).toEqual(['tool', 'message', 'turn.ended']);
  },
);

test.skipIf(!canMount)('a home that is read-only is said in one line, and nothing is tried any further', async () => {
  const disk = makeDisk(1);
  const data = join(disk.folder, '.local/share/baton');
  disk.makeReadOnly();
  const run = async (...args: string[]) => {
    const entry = resolve(import.meta.dirname, '../../main/terminal/index.ts');
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, HOME: disk.folder, XDG_DATA_HOME: '', SHELL: '/bin/sh' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (printed += text.toString()));
    const [code] = await once(child, 'close');
    return { code, printed };
  };
  const words = `Baton cannot keep its data in ${data}: the file system is read-only.`;
  expect(await run()).toEqual({ code: 1, printed: `${words} Choose another folder with --data.\n` });
  const doctor = await run('doctor');
  expect(doctor.code).toBe(1);
  expect(doctor.printed.trimEnd().split('\n').at(-1)).toBe(`${words.slice(0, -1)}; choose another folder with --data.`);
  expect(readdirSync(disk.folder)).toEqual([]);
});

test('a relay that takes no more hosts is said on both screens, and is tried again by itself', async () => {
  const baton = await start({ relay: { limits: { storedHostsMax: 0 } } });
  await baton.until('refused', () => baton.host.remote.status.kind === 'unreachable');
  const { terminal, window } = linkLines(baton);
  expect(terminal).toMatch(
    /^○ relay unreachable for .+: This relay takes no more new computers now\. Next try in \d+ s/,
  );
  expect(window).toMatchObject({ tone: 'warn', canRetry: true });
  expect(window.detail).toContain('This relay takes no more new computers now.');
});

test('a device for which there is no room is told so on the phone, keeps trying, and gets in when another one leaves', async () => {
  const baton = await start({ relay: { limits: { channelsPerHostMax: 2 } } });
  const [first, second] = [await baton.pairDevice('One'), await baton.pairDevice('Two')];
  await expect(baton.pairDevice('Three')).rejects.toThrow();
  expect(second.isConnected).toBe(true);
  first.dispose();
  expect((await baton.pairDevice('Three')).isConnected).toBe(true);
  const status = statusAfterEnd(
    { kind: 'connecting', since: 0 },
    {
      kind: 'closed',
      code: CloseCode.full,
      reason: 'This computer has as many connections as it can.',
      retryAfterMs: null,
    },
    true,
    0,
  );
  const words = statusWords(status, 0, { locale: 'en-GB', timeZone: 'UTC' });
  expect(words.line).toBe('No room at the relay since 00:00 — trying again');
  expect(words.explanation).toContain('has as many connections as it can. This page tries again by itself');
  expect(words).toMatchObject({ tone: 'warn', isDeliverable: true, isProven: false });
});
