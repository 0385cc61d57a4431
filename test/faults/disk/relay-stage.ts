/** What a sweep over the relay plays on: a relay in a process of its own on a small disk, a host, and a device that is paired in it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readHost } from '#test/chaos/evidence.ts';
import { HostChild } from '#test/chaos/host-child.ts';
import { Child } from '#test/support/chaos/processes.ts';
import { Device } from '#test/support/device/device.ts';
import type { Identity } from '#test/support/device/device-store.ts';
import { endKeeper } from '#test/support/keeper/end-keeper.ts';
import { makePage } from '#test/support/test-host.ts';
import type { RelayProcessOptions } from '../relay-runner.ts';
import { makeSweptDisk, type SweptDisk } from './disk.ts';
import { Layer } from './layer.ts';

const ENTRY = join(import.meta.dirname, '../relay-process.ts');
const PAIR_WITHIN_MS = 20_000;
/** A relay refuses those who try often. */
const PAIR_AGAIN_AFTER_MS = 1_500;

export class RelayStage {
  readonly disk: SweptDisk;
  readonly layer: Layer;
  readonly #folder: string;
  #relay: Child | null = null;
  #port = 0;
  /** What relays of earlier lives printed. */
  #printedBefore = '';
  #host: HostChild | null = null;
  #device: Device | null = null;

  private constructor(folder: string, disk: SweptDisk, layer: Layer) {
    this.#folder = folder;
    this.disk = disk;
    this.layer = layer;
    mkdirSync(join(folder, 'project'), { recursive: true });
  }

  /** Resolves when the relay listens. */
  static async begin(folder: string): Promise<RelayStage> {
    const disk = makeSweptDisk(join(folder, 'disk'));
    const stage = new RelayStage(folder, disk, await Layer.start(disk));
    await stage.startRelay();
    return stage;
  }

  /** At the same port in all its lives. Rejects with what it printed if it does not start. */
  async startRelay(): Promise<void> {
    this.#printedBefore = this.printed;
    const options: RelayProcessOptions = {
      port: this.#port,
      publicOrigins: [],
      databaseFile: this.#database,
      phoneFolder: makePage(this.#folder),
      limits: {},
    };
    const env = { ...process.env, ...this.layer.environment };
    this.#relay = new Child([ENTRY, JSON.stringify(options)], { env });
    const [, port] = await this.#relay.untilPrinted(/listening on (\d+)/);
    this.#port = Number(port);
  }

  async killRelay(): Promise<void> {
    await this.#relay?.kill();
  }

  get isRelayRunning(): boolean {
    return this.#relay?.isRunning === true;
  }

  get printed(): string {
    return this.#printedBefore + (this.#relay?.output ?? '');
  }

  get #database(): string {
    return join(this.disk.folder, 'relay.db');
  }

  get project(): string {
    return join(this.#folder, 'project');
  }

  get journal(): string {
    return join(this.#folder, 'journal');
  }

  get historyFile(): string {
    return join(this.#folder, 'host', 'history.db');
  }

  get deviceFile(): string {
    return join(this.#folder, 'device.db');
  }

  get host(): HostChild {
    this.#host ??= new HostChild(
      {
        dataFolder: join(this.#folder, 'host'),
        project: this.project,
        relayOrigin: `http://127.0.0.1:${this.#port}`,
      },
      {
        SHELL: '/bin/sh',
        BATON_DEMO_JOURNAL: this.journal,
        BATON_DEMO_STATE: join(this.#folder, 'agents'),
        BATON_DEMO_PACE_MS: '1',
      },
    );
    return this.#host;
  }

  get device(): Device {
    if (!this.#device) throw new Error('The device is not open.');
    return this.#device;
  }

  /** A person tries again if the relay was just killed. */
  async pair(): Promise<void> {
    await this.host.untilConnected();
    const deadline = performance.now() + PAIR_WITHIN_MS;
    for (;;) {
      try {
        await this.openDevice(await this.host.pair('The phone'));
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await wait(PAIR_AGAIN_AFTER_MS);
      }
    }
  }

  async openDevice(identity?: Identity): Promise<void> {
    this.#device = Device.open({ file: this.deviceFile, ...(identity && { identity }) });
    await this.device.until('a connection', () => this.device.isConnected && this.device.state !== null);
  }

  closeDevice(): void {
    this.#device?.dispose();
    this.#device = null;
  }

  /** State and number of the commands that the host has stored. */
  hostCommands(): Map<string, string> {
    return new Map(readHost(this.historyFile).commands);
  }

  /** That wait at the relay, as it says itself. */
  async countLetters(): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/metrics`);
    const [, count] = /^baton_relay_letters (\d+)$/m.exec(await response.text()) ?? [];
    return Number(count);
  }

  /** Whatever state it is in: nothing of it runs on. */
  async end(): Promise<void> {
    this.disk.free();
    this.closeDevice();
    await this.#host?.kill();
    await endKeeper(join(this.#folder, 'host'));
    await this.killRelay();
    await this.layer.stop();
    this.disk.dispose();
  }
}
