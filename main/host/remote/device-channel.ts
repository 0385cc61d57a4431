/** The channel of one paired device: Noise frames over the relay. It proves who the device is; what is said then is `ClientChannel`. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { equalBytes } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { encodePrologue } from '#protocol/keys.ts';
import { CHANNEL_LIFETIME_MS, HANDSHAKE_TIMEOUT_MS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import { type ByeReason, deviceHello, type FromHost, fromDevice } from '#protocol/messages.ts';
import { isHandshakeProven } from '#protocol/proof.ts';
import { deviceClient } from '../access.ts';
import { ClientChannel } from '../clients/client-channel.ts';
import type { ClientTable } from '../clients/client-table.ts';
import type { HostApi } from '../clients/host-api.ts';
import type { Device } from '../history/device-store.ts';
import type { HostKeys } from '../host-keys.ts';
import type { ChannelEnd, ChannelPort } from './channel-port.ts';
import { sealAtOnce } from './seal-at-once.ts';

export interface DeviceChannelEvents {
  /** The device has proven who it is; `isSigned`: with its auth key as well. */
  onOpened(isSigned: boolean): void;
  /** A round trip, as the device measured it; null before its first. */
  onPing(lastRoundTripMs: number | null): void;
  /** The handshake failed: a wrong key, or a relay that plays games. */
  onHandshakeFailed(): void;
}

export interface DeviceChannelOptions {
  readonly device: Device & { readonly psk: NonNullable<Device['psk']> };
  readonly keys: HostKeys;
  readonly api: HostApi;
  readonly table: ClientTable;
  readonly port: ChannelPort;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: DeviceChannelEvents;
}

/** The device asks for the next channel by itself; one that does not loses this one. */
const LIFETIME_GRACE_MS = 60_000;

export class DeviceChannel implements ChannelEnd {
  readonly #options: DeviceChannelOptions;
  readonly #channel: SecureChannel;
  /** The limit on the handshake, then the one on the channel's life. */
  #cancelTimeout: Disposer;
  /** Null before the device has proven itself, and once the channel is over. */
  #client: ClientChannel | null = null;
  #isSigned = false;

  constructor(options: DeviceChannelOptions) {
    this.#options = options;
    const { device, keys, port, clock } = options;
    this.#channel = SecureChannel.respond({
      keys: keys.noise,
      psk: device.psk,
      prologue: encodePrologue('device', keys.hostId, device.id),
      sealAtOnce,
      verify: async ({ transcript, payload }) => {
        const proof = deviceHello.safeParse(payload).data?.proof;
        if (proof === undefined) return;
        const { hostId } = keys;
        const handshake = { purpose: 'device', hostId, id: device.id, transcript } as const;
        this.#isSigned = await isHandshakeProven(device.authKey, proof, handshake);
        if (!this.#isSigned) throw new Error('The signature is not that of the device.');
      },
      send: (frame) => port.send(frame),
      onMessage: (message) => this.#receive(message),
      onFailure: (error) => {
        if (error.phase === 'handshake') {
          options.events.onHandshakeFailed();
          this.#close(CloseCode.handshakeFailed, 'The handshake failed.', error.message);
        } else {
          this.#close(CloseCode.channelBroken, 'A frame was damaged.', error.message);
        }
      },
    });
    this.#cancelTimeout = clock.after(HANDSHAKE_TIMEOUT_MS, () =>
      this.#close(CloseCode.handshakeFailed, 'The handshake took too long.'),
    );
    this.#channel.opened
      .then(
        (opened) => this.#open(opened.remoteKey, opened.payload),
        () => {}, // Reported through onFailure.
      )
      // A bug, or a disk that cannot be read: the end of this channel, not of the host.
      .catch((error: unknown) => this.#close(CloseCode.channelBroken, 'The computer could not begin.', String(error)));
  }

  get device(): Device {
    return this.#options.device;
  }

  get isOpen(): boolean {
    return this.#client !== null;
  }

  /** The session on the device's screen, if any. */
  get watched(): string | null {
    return this.#client?.watched ?? null;
  }

  receive(frame: Uint8Array): void {
    this.#channel.receive(frame);
  }

  /** The last words. Resolves once they are handed to the link. */
  async sayBye(reason: ByeReason): Promise<void> {
    if (!this.#client) return;
    this.#client.sendBye(reason);
    await this.#channel.flushed();
  }

  /** The last words, written to the link's socket before this returns; the channel is over then. */
  sayByeAtOnce(reason: ByeReason): void {
    if (this.#client) this.#channel.sendLast({ type: 'bye', reason, at: this.#options.clock.now() } satisfies FromHost);
    this.dispose();
  }

  /** Ends the channel from this side, telling the device why. */
  end(code: CloseCode, reason: string): void {
    this.#close(code, reason);
  }

  dispose(): void {
    this.#cancelTimeout();
    this.#client?.dispose();
    this.#client = null;
    this.#channel.dispose();
  }

  #open(remoteKey: Uint8Array, payload: unknown): void {
    const { device, api, table, port, clock, events, log } = this.#options;
    const hello = deviceHello.safeParse(payload);
    if (!equalBytes(remoteKey, device.noiseKey)) {
      events.onHandshakeFailed();
      this.#close(CloseCode.handshakeFailed, 'The handshake failed.', 'The key is another device’s.');
      return;
    }
    if (!hello.success) {
      this.#close(CloseCode.channelBroken, 'The device introduced itself in a way that cannot be read.');
      return;
    }
    if (hello.data.version !== PROTOCOL_VERSION) {
      this.#close(CloseCode.versionMismatch, 'The page and Baton on the computer are of different versions.');
      return;
    }
    if (device.isSigning && !this.#isSigned) {
      log.warn('A channel with the keys of a device, but without its signature, was refused', { device: device.name });
      this.#close(CloseCode.versionMismatch, 'The page is older than the one that this device had.');
      return;
    }
    this.#cancelTimeout();
    this.#cancelTimeout = clock.after(CHANNEL_LIFETIME_MS + LIFETIME_GRACE_MS, () =>
      this.#close(CloseCode.hostGone, 'A new handshake is due.'),
    );
    log.info('A device is connected', { device: device.name });
    this.#client = new ClientChannel({
      client: deviceClient(device),
      port: {
        send: (json) => this.#channel.sendJson(json),
        bufferedBytes: () => this.#channel.unsentBytes + port.bufferedBytes(),
        close: (code, reason) => this.#close(code, reason),
      },
      onPing: events.onPing,
      ...{ api, table, clock },
    });
    events.onOpened(this.#isSigned);
  }

  /** Each command is a write to the disk, and an outbox may hold many: the event loop has a turn after each. */
  #receive(message: unknown): Promise<void> | null {
    const parsed = fromDevice.safeParse(message);
    if (!parsed.success) {
      const path = parsed.error.issues[0]?.path.join('.') ?? '';
      this.#close(CloseCode.channelBroken, 'A message was malformed.', `at "${path}"`);
      return null;
    }
    this.#client?.handle(parsed.data);
    return parsed.data.type === 'command' ? nextTurn() : null;
  }

  #close(code: CloseCode, reason: string, detail = ''): void {
    this.#options.log.info('A channel ends', { device: this.#options.device.name, code, reason, detail });
    this.dispose();
    this.#options.port.close(code, reason);
  }
}
