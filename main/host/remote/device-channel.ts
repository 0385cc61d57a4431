/** The channel of one paired device: proves who it is, then carries its commands, its sync and its view of the host. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { equalBytes } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { Receipt, WireCommand } from '#protocol/commands.ts';
import { encodePrologue } from '#protocol/keys.ts';
import {
  CHANNEL_LIFETIME_MS,
  HANDSHAKE_TIMEOUT_MS,
  LINK_BUFFER_MAX_BYTES,
  MESSAGE_MAX_BYTES,
  PROTOCOL_VERSION,
} from '#protocol/limits.ts';
import { type ByeReason, deviceHello, type FromDevice, type FromHost, fromDevice } from '#protocol/messages.ts';
import type { Device } from '../history/device-store.ts';
import type { HostKeys } from '../host-keys.ts';
import type { ChannelEnd, ChannelPort } from './channel-port.ts';
import { sealAtOnce } from './seal-at-once.ts';
import { StateFeed, type StateSource } from './state-feed.ts';
import { DeviceSync, type SyncSource } from './sync.ts';

/** What a device can reach: the sessions and their history. */
export interface DeviceDesk extends SyncSource, StateSource {
  readonly hostName: string;
  readonly build: string;
  streaming(session: string): readonly { id: string; role: 'message' | 'thought'; text: string }[];
  blob(session: string, blob: string): string | null;
  /** Executes a command at most once and answers its receipt. */
  handleCommand(device: Device, command: WireCommand): Receipt;
  /** Whether there is a receipt of this command on disk. */
  isStored(command: string): boolean;
}

/** Of an output as JSON: it must fit into one message, together with what says which one it is. */
export const BLOB_MAX_BYTES = MESSAGE_MAX_BYTES - 1024;

export interface DeviceChannelEvents {
  /** The device has proven who it is. */
  onOpened(): void;
  /** A round trip, as the device measured it; null before its first. */
  onPing(lastRoundTripMs: number | null): void;
  /** The handshake failed: a wrong key, or a relay that plays games. */
  onHandshakeFailed(): void;
}

export interface DeviceChannelOptions {
  readonly device: Device & { readonly psk: NonNullable<Device['psk']> };
  readonly keys: HostKeys;
  readonly desk: DeviceDesk;
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
  readonly #sync: DeviceSync;
  readonly #state: StateFeed;
  /** The limit on the handshake, then the one on the channel's life. */
  #cancelTimeout: Disposer;
  #isOpen = false;

  constructor(options: DeviceChannelOptions) {
    this.#options = options;
    const { device, keys, port, clock, desk } = options;
    this.#channel = SecureChannel.respond({
      keys: keys.noise,
      psk: device.psk,
      prologue: encodePrologue('device', keys.hostId, device.id),
      sealAtOnce,
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
    const sending = {
      send: (message: FromHost) => this.#channel.send(message),
      bufferedBytes: () => this.bufferedBytes,
    };
    this.#sync = new DeviceSync(desk, sending, clock);
    this.#state = new StateFeed(desk, sending, clock);
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
    return this.#isOpen;
  }

  /** The session on the device's screen, if any. */
  get watched(): string | null {
    return this.#isOpen ? this.#sync.watched : null;
  }

  get bufferedBytes(): number {
    return this.#channel.unsentBytes + this.#options.port.bufferedBytes();
  }

  receive(frame: Uint8Array): void {
    this.#channel.receive(frame);
  }

  /** Events were appended to this session. */
  pump(session: string): void {
    if (this.#isOpen) this.#sync.pump(session);
  }

  /** These sessions are deleted. */
  forget(sessions: readonly string[]): void {
    if (this.#isOpen) for (const session of sessions) this.#sync.forget(session);
  }

  /** The host's state may be another one, and sessions may be switched on that were off. */
  sendState(): void {
    if (!this.#isOpen) return;
    this.#state.update();
    this.#sync.resume();
  }

  stream(text: { session: string; id: string; role: 'message' | 'thought'; text: string }): void {
    if (this.#isOpen) this.#sync.stream(text);
  }

  sendReceipt(receipt: Receipt): void {
    if (this.#isOpen) this.#channel.send({ type: 'receipt', ...receipt } satisfies FromHost);
  }

  /** The last words. Resolves once they are handed to the link. */
  async sayBye(reason: ByeReason): Promise<void> {
    if (!this.#isOpen) return;
    this.#channel.send({ type: 'bye', reason, at: this.#options.clock.now() } satisfies FromHost);
    await this.#channel.flushed();
  }

  /** The last words, written to the link's socket before this returns; the channel is over then. */
  sayByeAtOnce(reason: ByeReason): void {
    if (this.#isOpen) this.#channel.sendLast({ type: 'bye', reason, at: this.#options.clock.now() } satisfies FromHost);
    this.dispose();
  }

  /** Ends the channel from this side, telling the device why. */
  end(code: CloseCode, reason: string): void {
    this.#close(code, reason);
  }

  dispose(): void {
    this.#isOpen = false;
    this.#cancelTimeout();
    this.#state.dispose();
    this.#sync.dispose();
    this.#channel.dispose();
  }

  #open(remoteKey: Uint8Array, payload: unknown): void {
    const { device, desk, clock, events, log } = this.#options;
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
    this.#cancelTimeout();
    this.#cancelTimeout = clock.after(CHANNEL_LIFETIME_MS + LIFETIME_GRACE_MS, () =>
      this.#close(CloseCode.hostGone, 'A new handshake is due.'),
    );
    this.#isOpen = true;
    log.info('A device is connected', { device: device.name });
    this.#channel.send({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      epoch: desk.epoch,
      hostName: desk.hostName,
      build: desk.build,
      scope: device.scope,
      now: clock.now(),
    } satisfies FromHost);
    this.sendState();
    events.onOpened();
  }

  /** Each command is a write to the disk, and an outbox may hold many: the event loop has a turn after each. */
  #receive(message: unknown): Promise<void> | null {
    const parsed = fromDevice.safeParse(message);
    if (!parsed.success) {
      const path = parsed.error.issues[0]?.path.join('.') ?? '';
      this.#close(CloseCode.channelBroken, 'A message was malformed.', `at "${path}"`);
      return null;
    }
    this.#handle(parsed.data);
    return parsed.data.type === 'command' ? nextTurn() : null;
  }

  #handle(message: FromDevice): void {
    const { desk, device, events, clock } = this.#options;
    const reply = (answer: FromHost) => this.#channel.send(answer);
    switch (message.type) {
      case 'sync':
        this.#sync.follow(message.cursors);
        return;
      case 'ack':
        this.#sync.acknowledge(message.session, message.seq);
        return;
      case 'command':
        this.sendReceipt(desk.handleCommand(device, message.command));
        return;
      case 'page': {
        if (this.#isBehind(message.request)) return;
        const { request, session, before, limit } = message;
        reply({ type: 'page', request, session, epoch: desk.epoch, events: this.#sync.page(session, before, limit) });
        return;
      }
      case 'blob': {
        if (this.#isBehind(message.request)) return;
        const text = desk.isVisible(message.session) ? desk.blob(message.session, message.blob) : null;
        if (text === null)
          reply({ type: 'refused', request: message.request, reason: 'That output is not there any more.' });
        else if (Buffer.byteLength(JSON.stringify(text)) > BLOB_MAX_BYTES)
          reply({ type: 'refused', request: message.request, reason: 'That output is too large to be sent.' });
        else reply({ type: 'blob', request: message.request, text });
        return;
      }
      case 'watch':
        this.#sync.watch(message.session, message.session === null ? [] : desk.streaming(message.session));
        return;
      case 'ping':
        events.onPing(message.lastRoundTripMs);
        reply({ type: 'pong', id: message.id, now: clock.now() });
        return;
      case 'bye':
        this.#close(CloseCode.hostGone, 'The device said goodbye.');
        return;
      default:
        message satisfies never;
    }
  }

  /** Whoever does not read what it asked for is given no more of it. */
  #isBehind(request: string): boolean {
    if (this.bufferedBytes <= LINK_BUFFER_MAX_BYTES) return false;
    const reason = 'Too much is on its way to this device already. Try again in a moment.';
    this.#channel.send({ type: 'refused', request, reason } satisfies FromHost);
    return true;
  }

  #close(code: CloseCode, reason: string, detail = ''): void {
    this.#options.log.info('A channel ends', { device: this.#options.device.name, code, reason, detail });
    this.dispose();
    this.#options.port.close(code, reason);
  }
}
