/** What a sweep over the host plays on: a relay, a host in a process of its own on a small disk, and one paired device. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import type { FromHost } from '#protocol/messages.ts';
import type { Relay } from '#relay/relay.ts';
import { type Evidence, readDevice, readHost, readJournal } from '#test/chaos/evidence.ts';
import { HostChild } from '#test/chaos/host-child.ts';
import { Device } from '#test/support/device/device.ts';
import { isSettled } from '#test/support/device/device-store.ts';
import { endKeeper } from '#test/support/keeper/end-keeper.ts';
import { startRelay } from '#test/support/test-host.ts';
import { untilTrue } from '../patience.ts';
import { makeSweptDisk, type SweptDisk } from './disk.ts';
import { Layer } from './layer.ts';

const BEGIN_WITHIN_MS = 30_000;
const DEVICE = 'The phone';
/** What a host may call an error on a full disk; anything else is one. */
const MEANT_ERRORS = [
  'Failed to write the history; trying again until it works',
  'Failed to store a command',
  'Failed to note that a device was seen',
];

export class HostStage {
  readonly disk: SweptDisk;
  readonly layer: Layer;
  readonly host: HostChild;
  readonly project: string;
  readonly #folder: string;
  readonly #relay: Relay;
  #device: Device | null = null;
  /** Of the point that is played. */
  onMessage: (message: FromHost) => void = () => {};
  /** When the device heard anything last. */
  heardAt = 0;
  readonly failures: string[] = [];
  #number = 0;

  private constructor(parts: { folder: string; disk: SweptDisk; layer: Layer; relay: Relay }) {
    const { folder, disk, layer, relay } = parts;
    this.#folder = folder;
    this.disk = disk;
    this.layer = layer;
    this.#relay = relay;
    this.project = join(folder, 'project');
    mkdirSync(this.project);
    writeFileSync(join(this.project, 'hello.js'), 'export const hello = 1;\n');
    this.host = new HostChild(
      { dataFolder: this.dataFolder, project: this.project, relayOrigin: relay.origin },
      {
        ...layer.environment,
        SHELL: '/bin/sh',
        BATON_DEMO_JOURNAL: join(folder, 'journal'),
        BATON_DEMO_STATE: join(folder, 'agents'),
        BATON_DEMO_PACE_MS: '1',
      },
    );
  }

  /** Resolves when the device is paired. `folder`: made, and not removed. */
  static async begin(folder: string): Promise<HostStage> {
    mkdirSync(folder, { recursive: true });
    const disk = makeSweptDisk(join(folder, 'disk'));
    const layer = await Layer.start(disk);
    const stage = new HostStage({ folder, disk, layer, relay: await startRelay(folder) });
    try {
      await stage.host.start();
      await stage.host.untilConnected();
      const identity = await stage.host.pair(DEVICE);
      stage.#device = Device.open({
        file: stage.#deviceFile,
        identity,
        onMessage: (message) => {
          stage.heardAt = performance.now();
          stage.onMessage(message);
        },
        onFailure: (error) => stage.failures.push(`${error.phase}: ${error.message}`),
      });
      await stage.device.until('connected', () => stage.device.isConnected && stage.device.state !== null);
      return stage;
    } catch (error) {
      await stage.end();
      throw error;
    }
  }

  get dataFolder(): string {
    return join(this.disk.folder, 'data');
  }

  get device(): Device {
    if (!this.#device) throw new Error('No device is paired.');
    return this.#device;
  }

  get #deviceFile(): string {
    return join(this.#folder, 'device.db');
  }

  /** Ready for a prompt. */
  async newSession(): Promise<string> {
    const session = uuidv7();
    this.device.send('session.new', session, { agent: 'demo', folder: this.project, title: 'Swept' });
    await untilTrue(
      () => `a session, which is ${this.stateOf(session)?.state}: ${this.unrest().join(' ')}`,
      () => this.stateOf(session)?.state === 'idle',
      BEGIN_WITHIN_MS,
    );
    return session;
  }

  async endSession(session: string): Promise<void> {
    this.device.send('session.end', session, {});
    await untilTrue(
      () => `the end of a session that is ${this.stateOf(session)?.state}: ${this.unrest().join(' ')}`,
      () => this.stateOf(session)?.state === 'ended' && this.unrest().length === 0,
      BEGIN_WITHIN_MS,
    );
  }

  stateOf(session: string) {
    return this.device.state?.sessions.find(({ id }) => id === session);
  }

  /** A number that was not given before: the agent's tricks take no other words that would tell two prompts apart. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  /** What is under way, in words; nothing when all is quiet. */
  unrest(): string[] {
    const { device } = this;
    if (this.host.pid === null) return ['The host is not there.'];
    if (!device.isConnected || !device.state) return ['The device is not connected.'];
    const open = device.store.outbox().filter(({ state }) => !isSettled(state));
    const cursors = new Map(device.store.cursors().map(({ session, seq }) => [session, seq]));
    const { sessions, approvals } = device.state;
    return [
      ...open.map(({ command, state }) => `A ${command.kind} is "${state}".`),
      ...sessions
        .filter(({ state, queued }) => queued > 0 || ['starting', 'working', 'waiting'].includes(state))
        .map(({ state, queued, detail }) => `A session is ${state} (${detail}) with ${queued} prompts waiting.`),
      ...sessions
        .filter(({ id, seq }) => cursors.get(id) !== seq)
        .map(({ id, seq }) => `The device has ${cursors.get(id) ?? 0} of ${seq} events.`),
      ...approvals.map(({ title }) => `“${title}” is not answered.`),
    ];
  }

  evidence(): Evidence {
    return {
      host: readHost(join(this.dataFolder, 'history.db')),
      devices: [readDevice(DEVICE, this.#deviceFile)],
      journal: readJournal(join(this.#folder, 'journal')),
      keeperKills: 0,
    };
  }

  /** All that the agent of this session has said, as it remembers it itself. */
  saidByAgent(session: string): string {
    const started = this.device.store.events(session).findLast(({ kind }) => kind === 'session.started');
    if (!started) throw new Error('The device does not know of an agent.');
    const { agentSession } = started.body as { agentSession: string };
    const text = readFileSync(join(this.#folder, 'agents', `${agentSession}.json`), 'utf8');
    const { history } = JSON.parse(text) as { history: { role: string; text: string }[] };
    return history.flatMap(({ role, text: said }) => (role === 'agent' ? [said] : [])).join('');
  }

  /** Lines of the host's log since `from`, also those for which there was no room. */
  logSince(from: number): string[] {
    return this.#logLines().slice(from);
  }

  get logLength(): number {
    return this.#logLines().length;
  }

  /** Errors in the host's log that a full disk does not explain. */
  strangeErrors(from: number): string[] {
    const lines = this.logSince(from).flatMap((line) => line.split(/\d{4}-\d\d-\d\dT[\d:.]+Z /));
    // Of a line for which there was no room, the rest is missing, and the next one follows at once.
    const isSame = (text: string, line: string) => line.startsWith(text) || text.startsWith(line);
    return lines.filter(
      (line) => line.startsWith('[error]') && !MEANT_ERRORS.some((text) => isSame(text, line.slice(8))),
    );
  }

  #logLines(): string[] {
    const stored = readFileSync(join(this.dataFolder, 'baton.log'), 'utf8');
    return [...stored.split('\n'), ...this.layer.unlogged.flatMap((text) => text.split('\n'))];
  }

  /** Whatever state it is in: nothing of it runs on. */
  async end(): Promise<void> {
    this.disk.free();
    this.#device?.dispose();
    await this.host.kill();
    await endKeeper(this.dataFolder);
    await this.#relay.stop({ graceful: false });
    await this.layer.stop();
    this.disk.dispose();
  }
}
