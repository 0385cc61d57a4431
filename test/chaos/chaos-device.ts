/** A device that goes and comes: each life begins from the file that the one before has left. */
import { setTimeout as wait } from 'node:timers/promises';
import type { FromHost } from '#protocol/messages.ts';
import type { CuttingProxy } from '../support/chaos/cutting-proxy.ts';
import { Device } from '../support/device/device.ts';
import type { DeviceStore, Identity } from '../support/device/device-store.ts';

export interface ChaosDeviceOptions {
  readonly name: string;
  readonly file: string;
  readonly wire: CuttingProxy;
  onMessage(device: ChaosDevice, message: FromHost): void;
}

export class ChaosDevice {
  readonly name: string;
  readonly wire: CuttingProxy;
  readonly #options: ChaosDeviceOptions;
  #device: Device | null = null;
  #pastConnections = 0;
  snapshots = 0;
  pages = 0;
  /** Channels that broke by themselves, which none may. */
  readonly failures: string[] = [];

  constructor(options: ChaosDeviceOptions) {
    this.#options = options;
    this.name = options.name;
    this.wire = options.wire;
  }

  /** Null while it is down. */
  get device(): Device | null {
    return this.#device;
  }

  /** The store of the present life. */
  get store(): DeviceStore {
    if (!this.#device) throw new Error(`${this.name} is down.`);
    return this.#device.store;
  }

  /** Channels opened, over all lives. */
  get connections(): number {
    return this.#pastConnections + (this.#device?.connections ?? 0);
  }

  /** `identity`: in its first life. */
  open(identity?: Identity): void {
    const device = Device.open({
      file: this.#options.file,
      ...(identity && { identity: { ...identity, relayOrigin: this.wire.origin } }),
      onMessage: (message) => this.#receive(message),
      onFailure: (error) => this.failures.push(`${error.phase}: ${error.message}`),
    });
    this.#device = device;
  }

  /** Down for `forMs`, then up again from disk. */
  async restart(forMs: number): Promise<void> {
    this.close();
    await wait(forMs);
    this.open();
  }

  close(): void {
    const device = this.#device;
    if (!device) return;
    this.#pastConnections += device.connections;
    this.#device = null;
    device.dispose();
  }

  #receive(message: FromHost): void {
    if (message.type === 'snapshot') this.snapshots += 1;
    if (message.type === 'page') this.pages += 1;
    this.#options.onMessage(this, message);
  }
}
