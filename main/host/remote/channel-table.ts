/** All channels that the relay bridges to this host: who may have one, and which frame belongs to whom. */

import type { Clock } from '#lib/clock.ts';
import type { Log } from '#lib/log.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { LIVE_CHANNELS_MAX } from '#protocol/limits.ts';
import type { RelayToHost } from '#protocol/relay-messages.ts';
import { channelRefusal, isPaired } from '../access.ts';
import type { ClientTable } from '../clients/client-table.ts';
import type { HostApi } from '../clients/host-api.ts';
import type { DeviceStore } from '../history/device-store.ts';
import type { HostKeys } from '../host-keys.ts';
import type { ChannelEnd, ChannelPort } from './channel-port.ts';
import { DeviceChannel } from './device-channel.ts';
import type { Pairing } from './pairing.ts';
import { createPairingChannel } from './pairing-channel.ts';
import type { RelayLink } from './relay-link.ts';

/** Handshakes that may fail within a minute before further channels are refused; only a dishonest relay gets there. */
export const HANDSHAKE_FAILURES_MAX = 20;
const HANDSHAKE_FAILURES_WINDOW_MS = 60_000;
/** A connected device is heard every few seconds; that is not worth a write each time. */
const TOUCH_EVERY_MS = 30_000;
/** What the relay passes on of a reason. */
const REASON_MAX_CHARS = 120;

export interface ChannelTableOptions {
  readonly link: RelayLink;
  readonly keys: HostKeys;
  readonly devices: DeviceStore;
  readonly pairing: Pairing;
  readonly api: HostApi;
  /** Where the channels of devices are listed while they are open. */
  readonly table: ClientTable;
  readonly clock: Clock;
  readonly log: Log;
  /** A device came, went, or was heard. */
  onDidChangeDevice(device: string, proof: { lastRoundTripMs: number | null } | null): void;
}

export class ChannelTable {
  readonly #options: ChannelTableOptions;
  readonly #ends = new Map<number, ChannelEnd>();
  readonly #devices = new Map<string, DeviceChannel>();
  /** When each device's row was last written. */
  readonly #touchedAt = new Map<string, number>();
  #failures: number[] = [];

  constructor(options: ChannelTableOptions) {
    this.#options = options;
    options.link.onDidReceiveFrame((channel, frame) => this.#ends.get(channel)?.receive(frame));
  }

  /** Channels of devices that have proven themselves. */
  get open(): readonly DeviceChannel[] {
    return [...this.#devices.values()].filter((channel) => channel.isOpen);
  }

  device(id: string): DeviceChannel | null {
    return this.#devices.get(id) ?? null;
  }

  handleRelay(message: RelayToHost): void {
    if (message.type === 'channel.open') this.#openChannel(message.channel, message.role, message.id);
    else if (message.type === 'channel.closed') this.#forget(message.channel);
  }

  /** The link is gone, and every channel with it. */
  disposeAll(): void {
    for (const channel of [...this.#ends.keys()]) this.#forget(channel);
  }

  #openChannel(channel: number, role: 'device' | 'pairing', id: string): void {
    const { log, clock } = this.#options;
    this.#forget(channel);
    const port = this.#createPort(channel);
    if (this.#ends.size >= LIVE_CHANNELS_MAX) {
      log.warn('A channel was refused: too many are open', { limit: LIVE_CHANNELS_MAX });
      port.close(CloseCode.full, 'Too many devices are connected to this computer.');
      return;
    }
    this.#failures = this.#failures.filter((at) => clock.now() - at < HANDSHAKE_FAILURES_WINDOW_MS);
    if (this.#failures.length >= HANDSHAKE_FAILURES_MAX) {
      log.warn('A channel was refused: too many handshakes have failed', { limit: HANDSHAKE_FAILURES_MAX });
      port.close(CloseCode.tooManyAttempts, 'Too many attempts have failed. Try again in a minute.');
      return;
    }
    const end = role === 'device' ? this.#openDevice(id, port) : this.#openPairing(id, port);
    if (end) this.#ends.set(channel, end);
  }

  #openDevice(id: string, port: ChannelPort): ChannelEnd | null {
    const { devices, keys, api, table, clock, log } = this.#options;
    const device = devices.get(id);
    if (!isPaired(device)) {
      log.warn('A device that is not paired, or was revoked, was refused');
      const { code, reason } = channelRefusal(device);
      port.close(code, reason);
      return null;
    }
    this.#devices.get(id)?.end(CloseCode.replaced, 'A newer connection of this device took over.');
    const events = {
      onOpened: (isSigned: boolean) => {
        if (isSigned && !device.isSigning) devices.setSigning(id);
        this.#heard(id, null);
      },
      onPing: (lastRoundTripMs: number | null) => this.#heard(id, lastRoundTripMs),
      onHandshakeFailed: () => this.#failures.push(clock.now()),
    };
    const created = new DeviceChannel({ device, keys, api, table, port, clock, log, events });
    this.#devices.set(id, created);
    return created;
  }

  #openPairing(pairId: string, port: ChannelPort): ChannelEnd | null {
    const { pairing, keys, clock, log } = this.#options;
    const psk = pairing.take(pairId);
    if (!psk) {
      port.close(CloseCode.pairingUnknown, 'This code was used already, or is too old.');
      return null;
    }
    const onHandshakeFailed = () => this.#failures.push(clock.now());
    return createPairingChannel({ pairId, psk, keys, pairing, port, clock, log, onHandshakeFailed });
  }

  #createPort(channel: number): ChannelPort {
    const { link } = this.#options;
    return {
      send: (frame) => link.sendFrame(channel, frame),
      bufferedBytes: () => link.bufferedBytes,
      close: (code, reason) => {
        this.#forget(channel);
        link.send({ type: 'channel.close', channel, code, reason: reason.slice(0, REASON_MAX_CHARS) });
      },
    };
  }

  #heard(device: string, lastRoundTripMs: number | null): void {
    const now = this.#options.clock.now();
    try {
      if (now - (this.#touchedAt.get(device) ?? 0) >= TOUCH_EVERY_MS) {
        this.#touchedAt.set(device, now);
        this.#options.devices.touch(device);
      }
    } catch (error) {
      // When it was last seen is not worth its connection, nor the host, when the disk is full.
      this.#options.log.warn('Failed to note that a device was seen', { error });
    }
    this.#options.onDidChangeDevice(device, { lastRoundTripMs });
  }

  #forget(channel: number): void {
    const end = this.#ends.get(channel);
    this.#ends.delete(channel);
    end?.dispose();
    if (!(end instanceof DeviceChannel)) return;
    const { id } = end.device;
    if (this.#devices.get(id) === end) this.#devices.delete(id);
    this.#options.onDidChangeDevice(id, null);
  }
}
