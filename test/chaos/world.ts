/** Everything that runs: a relay and a host in processes of their own, two devices, and a wire to each that can be cut. */
import { keeperPathsIn, isAlive, readState } from '#main/keeper/wire/keeper-paths.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { WebSocket } from 'ws';
import type { FromHost } from '#protocol/messages.ts';
import { relaySocketUrl } from '#protocol/relay-auth.ts';
import { CuttingProxy } from '../support/chaos/cutting-proxy.ts';
import { processesWith, signalIfRunning } from '../support/chaos/processes.ts';
import { isSettled } from '../support/device/device-store.ts';
import { ChaosDevice } from './chaos-device.ts';
import { HostChild } from './host-child.ts';
import { RelayChild } from './relay-child.ts';

const DEVICE_NAMES = ['Device one', 'Device two'] as const;
const SESSIONS = 3;
const DEMO_PACE_MS = 1;
const POLL_MS = 50;
/** So long nothing may be under way: between two messages it may look as if all were done. */
const QUIET_FOR_MS = 300;
const BEGIN_WITHIN_MS = 30_000;
const JOURNAL_VARIABLE = 'BATON_DEMO_JOURNAL';

export interface WorldOptions {
  readonly folder: string;
  readonly marker: string;
  /** Sent in the clear on purpose, to prove that the wires are read. */
  readonly decoy: string;
  onMessage(device: ChaosDevice, message: FromHost): void;
}

export class World {
  readonly folder: string;
  readonly journal: string;
  readonly relay: RelayChild;
  readonly host: HostChild;
  readonly hostWire: CuttingProxy;
  readonly devices: readonly ChaosDevice[];
  readonly sessions = Array.from({ length: SESSIONS }, () => uuidv7());
  readonly #project: string;

  private constructor(
    options: WorldOptions,
    hostWire: CuttingProxy,
    deviceWires: readonly CuttingProxy[],
    relay: RelayChild,
  ) {
    const { folder } = options;
    this.folder = folder;
    this.journal = join(folder, 'journal');
    this.relay = relay;
    this.hostWire = hostWire;
    this.#project = join(folder, 'project');
    mkdirSync(this.#project);
    writeFileSync(join(this.#project, 'hello.js'), 'export const hello = 1;\n');
    this.host = new HostChild(
      { dataFolder: join(folder, 'host'), project: this.#project, relayOrigin: hostWire.origin },
      {
        [JOURNAL_VARIABLE]: this.journal,
        BATON_DEMO_STATE: join(folder, 'agents'),
        BATON_DEMO_PACE_MS: String(DEMO_PACE_MS),
      },
    );
    this.devices = DEVICE_NAMES.map((name, index) => {
      const file = join(folder, `device-${index + 1}.db`);
      return new ChaosDevice({ name, file, wire: deviceWires[index] as CuttingProxy, onMessage: options.onMessage });
    });
  }

  /** Starts relay and host, pairs both devices and begins the sessions. */
  static async begin(options: WorldOptions): Promise<World> {
    const parts: { relay: RelayChild | null } = { relay: null };
    const needles = [options.marker, options.decoy];
    const wires = await Promise.all(
      [null, ...DEVICE_NAMES].map(() => CuttingProxy.start(() => parts.relay?.port ?? 0, needles)),
    );
    const [hostWire, ...deviceWires] = wires as [CuttingProxy, ...CuttingProxy[]];
    const publicOrigins = wires.map(({ origin }) => origin);
    const relay = new RelayChild({ folder: join(options.folder, 'relay'), publicOrigins, marker: options.marker });
    parts.relay = relay;
    await relay.start();
    const world = new World(options, hostWire, deviceWires, relay);
    try {
      await world.#sayInTheClear(options.decoy);
      await world.host.start();
      await world.host.untilConnected();
      for (const device of world.devices) device.open(await world.host.pair(device.name));
      await world.#beginSessions();
      return world;
    } catch (error) {
      await world.abandon();
      throw error;
    }
  }

  async #beginSessions(): Promise<void> {
    const [first] = this.devices;
    for (const session of this.sessions) {
      first?.device?.send('session.new', session, { agent: 'demo', folder: this.#project, title: 'A session' });
    }
    const haveAll = () => this.devices.every(({ device }) => device?.state?.sessions.length === SESSIONS);
    const isReady = (await this.until(haveAll, BEGIN_WITHIN_MS)) && (await this.untilAtRest(BEGIN_WITHIN_MS));
    if (!isReady) throw new Error(`The sessions did not begin: ${this.unrest().join(' ')}`);
  }

  get wires(): readonly CuttingProxy[] {
    return [this.hostWire, ...this.devices.map(({ wire }) => wire)];
  }

  deviceFile(index: number): string {
    return join(this.folder, `device-${index + 1}.db`);
  }

  get hostFile(): string {
    return join(this.folder, 'host', 'history.db');
  }

  /** What is still under way, in words; nothing when all is quiet. */
  unrest(): string[] {
    return this.devices.flatMap(({ name, device }) => {
      if (!device?.isConnected || !device.state) return [`${name} is not connected.`];
      const open = device.store.outbox().filter(({ state }) => !isSettled(state));
      const cursors = new Map(device.store.cursors().map(({ session, seq }) => [session, seq]));
      const { sessions, approvals } = device.state;
      const busy = sessions.filter(
        ({ state, queued }) => queued > 0 || ['starting', 'working', 'waiting'].includes(state),
      );
      const behind = sessions.filter(({ id, seq }) => cursors.get(id) !== seq);
      return [
        ...(open.length > 0
          ? [`${name} has ${open.length} commands without a final receipt, the first "${open[0]?.state}".`]
          : []),
        ...busy.map(({ id, state, queued }) => `${name} sees session ${id} ${state} with ${queued} prompts waiting.`),
        ...behind.map(({ id, seq }) => `${name} has session ${id} up to ${cursors.get(id) ?? 0} of ${seq}.`),
        ...(approvals.length > 0 ? [`${name} sees ${approvals.length} open questions.`] : []),
      ];
    });
  }

  /** Whether everything came to rest in time. */
  async untilAtRest(timeoutMs: number): Promise<boolean> {
    let quietSince: number | null = null;
    return await this.until(() => {
      quietSince = this.unrest().length > 0 ? null : (quietSince ?? performance.now());
      return quietSince !== null && performance.now() - quietSince >= QUIET_FOR_MS;
    }, timeoutMs);
  }

  /** Whether the condition came to hold in time. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      if (performance.now() > deadline) return false;
      await wait(POLL_MS);
    }
    return true;
  }

  /** Stops every agent in its tracks; the answer lets them go on. */
  async freezeAgents(): Promise<() => void> {
    const pids = await this.agentPids();
    const signal = (name: NodeJS.Signals) => {
      for (const pid of pids) signalIfRunning(pid, name);
    };
    signal('SIGSTOP');
    return () => signal('SIGCONT');
  }

  /** The keeper of all lives of the host; null if none runs. */
  async keeper(): Promise<number | null> {
    const state = readState(keeperPathsIn(join(this.folder, 'host', 'keeper')));
    return state && (await isAlive(state)) ? state.pid : null;
  }

  async killKeeper(): Promise<void> {
    const pid = await this.keeper();
    if (pid !== null) signalIfRunning(pid, 'SIGKILL');
  }

  /** Agents of all lives of the host that run now. */
  async agentPids(): Promise<number[]> {
    const running = await processesWith(`${JOURNAL_VARIABLE}=${this.journal}`);
    // The host has the variable too: it is where the agents have it from.
    return running.filter((pid) => pid !== this.host.pid);
  }

  /** Has both devices fetch what snapshots left out. False if it did not come in time. */
  async fillUp(timeoutMs: number): Promise<boolean> {
    const wanted = this.devices.flatMap(({ device }) => this.sessions.map((session) => ({ device, session })));
    for (const { device, session } of wanted) device?.fillUp(session);
    return await this.until(
      () => wanted.every(({ device, session }) => device?.store.firstSeq(session) === 1),
      timeoutMs,
    );
  }

  /** Whatever state it is in: nothing of it runs on. */
  async abandon(): Promise<void> {
    for (const device of this.devices) device.close();
    await Promise.all([this.host.kill(), this.relay.kill()]);
    await this.killKeeper();
    for (const pid of await this.agentPids()) signalIfRunning(pid, 'SIGKILL');
    await Promise.all(this.wires.map((wire) => wire.stop()));
  }

  /** On the device's wire, where its words are masked. The relay knows no such message and closes. */
  async #sayInTheClear(text: string): Promise<void> {
    const socket = new WebSocket(relaySocketUrl(this.devices[0]?.wire.origin ?? ''));
    await new Promise<void>((resolve, reject) => {
      socket.on('open', () => socket.send(JSON.stringify({ type: 'decoy', text })));
      socket.on('close', () => resolve());
      socket.on('error', reject);
    });
  }
}
