/** A whole host with a real relay, SQLite files and the demo agent, in this process, in a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { type Clock, systemClock } from '#lib/clock.ts';
import { type Log, silentLog } from '#lib/log.ts';
import { THIS_COMPUTER } from '#main/host/access.ts';
import { createHost, type Host } from '#main/host/host.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { openSettings } from '#main/host/settings.ts';
import type { CommandBody, CommandKind, Receipt, Scope } from '#protocol/commands.ts';
import type { SessionState } from '#protocol/messages.ts';
import { createRelay, type Relay, type RelayOptions } from '#relay/relay.ts';
import { Device, type DeviceOptions } from './device/device.ts';
import { pair } from './device/pair.ts';
import { findFreePort } from './free-port.ts';
import { withProof } from './seen-question.ts';

export interface TestHost {
  readonly folder: string;
  /** With a file to edit; known to the host. */
  readonly project: string;
  readonly host: Host;
  readonly relay: Relay;
  /** Pairs over the wire: link, digits on both sides, Allow. */
  pairDevice(name: string, scope?: Scope, options?: Partial<DeviceOptions>): Promise<Device>;
  /** As the person at the computer. */
  command<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Receipt;
  /** A new session with the demo agent, ready for a prompt. */
  startSession(title?: string): Promise<string>;
  untilState(session: string, state: SessionState): Promise<void>;
  until(what: string, condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Tests without a browser need a page to serve, not the page. */
export function makePage(folder: string): string {
  const page = join(folder, 'page');
  mkdirSync(page, { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Baton</title>');
  return page;
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'baton-test-'));
}

/** On a port that is still free when a test stops the relay and starts it there again. */
export async function startRelay(folder: string, options: Partial<RelayOptions> = {}): Promise<Relay> {
  return await createRelay({
    host: '127.0.0.1',
    port: await findFreePort(),
    publicOrigins: [],
    databaseFile: join(folder, 'relay.db'),
    phoneFolder: makePage(folder),
    log: () => {},
    ...options,
  });
}

export async function startHost(
  options: {
    relay?: Partial<RelayOptions>;
    log?: Log;
    folder?: string;
    relayOrigin?: string;
    clock?: Clock;
    random?: () => number;
  } = {},
): Promise<TestHost> {
  const folder = options.folder ?? makeFolder();
  const project = join(folder, 'project');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'hello.js'), 'export const hello = 1;\n');
  const relay = await startRelay(folder, options.relay);
  const origin = options.relayOrigin ?? `http://127.0.0.1:${relay.port}`;
  const log = options.log ?? silentLog;
  const settings = openSettings({ path: join(folder, 'settings.json'), now: Date.now, log });
  settings.update({ projects: [project] });
  const created = await createHost({
    dataFolder: folder,
    settings,
    secrets: createSecretFile(join(folder, 'keys.json')),
    relayOrigin: origin,
    appOrigin: origin,
    hostName: 'Test computer',
    build: 'test',
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log,
  });
  if (created.kind === 'refused') throw new Error(created.text);
  const { host } = created;
  const devices: Device[] = [];

  const until = async (what: string, condition: () => boolean) => {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (condition()) resolve();
    };
    const timer = setTimeout(() => reject(new Error(`Waited in vain: ${what}`)), 20_000);
    const stops = [
      host.supervisor.onDidChange(check),
      host.history.events.onDidAppend(check),
      host.remote.onDidChange(check),
    ];
    await promise.finally(() => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    });
  };
  const command: TestHost['command'] = (kind, session, body) =>
    host.supervisor.handleCommand(THIS_COMPUTER, {
      ...{ id: uuidv7(), session, kind, at: Date.now() },
      body: withProof(kind, body, host.supervisor.state().approvals),
    });
  const untilState = (session: string, state: SessionState) =>
    until(`session ${state}`, () =>
      host.supervisor.state().sessions.some((one) => one.id === session && one.state === state),
    );

  host.remote.start();
  return {
    folder,
    project,
    host,
    relay,
    until,
    untilState,
    command,
    async pairDevice(name, scope = 'full', deviceOptions = {}) {
      await until('link', () => host.remote.status.kind === 'connected');
      const offer = await host.remote.pairing.show();
      let shown = '';
      const paired = pair(offer.link, name, (digits) => {
        shown = digits;
      });
      const asked = Promise.withResolvers<void>();
      const stop = host.remote.pairing.onDidChangeRequests((requests) => {
        const request = requests.find((one) => one.name === name);
        if (!request) return;
        if (shown !== '' && shown !== request.digits) asked.reject(new Error('The digits differ.'));
        host.remote.pairing.allow(request.id, scope);
        asked.resolve();
      });
      const identity = await Promise.all([paired, asked.promise])
        .then(([one]) => one)
        .finally(stop);
      host.remote.pairing.hide();
      const device = Device.open({ file: join(folder, `device-${identity.deviceId}.db`), identity, ...deviceOptions });
      devices.push(device);
      await device.until('connected', () => device.isConnected && device.state !== null);
      return device;
    },
    async startSession(title = 'A session') {
      const session = uuidv7();
      const receipt = command('session.new', session, { agent: 'demo', folder: project, title });
      if (receipt.state === 'rejected') throw new Error(receipt.reason);
      await untilState(session, 'idle');
      return session;
    },
    async stop() {
      for (const device of devices) device.dispose();
      await host.dispose();
      await relay.stop({ graceful: false });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
