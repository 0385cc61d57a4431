/**
 * One attempt at the host: a socket to the relay, the encrypted channel in it (a fresh one every CHANNEL_LIFETIME_MS), and the proof
 * that the host itself answers. Used once; after `dispose`, or after it ended, it calls nobody any more.
 */
import { unawaited } from '#lib/unawaited.ts';
import type { Bytes } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { encodePrologue } from '#protocol/keys.ts';
import { CHANNEL_LIFETIME_MS, HANDSHAKE_TIMEOUT_MS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import { type DeviceHello, type FromDevice, type FromHost, fromHost } from '#protocol/messages.ts';
import { proveHandshake } from '#protocol/proof.ts';
import type { Silent } from '#ui/host-client.ts';
import type { Disposer, Environment } from '../environment.ts';
import { FROZEN_FOR_MS, PING_INTERVAL_MS, PONG_GIVEN_UP_AFTER_MS, PROOF_STALE_AFTER_MS } from '../limits.ts';
import type { DeviceKeys } from '../store/device-keys.ts';
import type { MailboxPort } from './mailbox-port.ts';
import { RelayProbe } from './relay-probe.ts';
import { type RelayEnd, RelaySocket } from './relay-socket.ts';

/** Who dials whom. */
export interface LinkIdentity {
  readonly hostId: string;
  readonly hostKey: Bytes;
  readonly relayOrigin: string;
  readonly psk: Bytes;
  readonly keys: DeviceKeys;
}

export interface Proof {
  readonly hostNow: number;
  readonly receivedAt: number;
  readonly roundTripMs: number;
}

export type AttemptEnd =
  | RelayEnd
  | { kind: 'host-closed'; code: number }
  | { kind: 'silence'; since: number; silent: Silent };

/** What carries messages to the host, encrypted and in order. One that is gone swallows what it is given. */
export interface OpenChannel {
  send(message: FromDevice): void;
  /** Resolves when all of it has been handed to the socket. */
  flushed(): Promise<void>;
}

export interface AttemptOptions {
  readonly environment: Environment;
  readonly identity: LinkIdentity;
  readonly build: string;
  onReady(host: 'online' | 'offline', since: number | null): void;
  /** The relay gave a way to the host; a handshake begins. */
  onHandshake(): void;
  /** A channel is open; whatever was said in the one before may be lost. It is good until it is told to be gone. */
  onOpened(channel: OpenChannel): void;
  onMessage(message: FromHost): void;
  onProof(proof: Proof): void;
  /** The channel is gone, the socket to the relay stays. */
  onChannelLost(why: 'renewed' | 'host-gone'): void;
  /** The host is away, and letters may be left at the relay for it; until a handshake begins, or the channel or the attempt ends. */
  onMailbox?(port: MailboxPort): void;
  /** The page was frozen: what is known of the connection is worth nothing. */
  onFrozen(): void;
  onEnd(end: AttemptEnd): void;
}

export class LinkAttempt {
  readonly #options: AttemptOptions;
  readonly #socket: RelaySocket;
  readonly #probe: RelayProbe;
  #channel: SecureChannel | null = null;
  #isOpen = false;
  /** Limits on the handshake and on the channel's life. */
  #timers: Disposer[] = [];
  /** The next ping, or the limit on the answer to the last one. */
  #stopPingTimer: Disposer = () => {};
  /** The same for the relay, while the host is away. */
  #stopRelayTimer: Disposer = () => {};
  #isWatchingRelay = false;
  #lastHeardAt = 0;
  #lastRoundTripMs: number | null = null;
  #ping: { id: number; sentAt: number } | null = null;
  #pingCount = 0;
  #hasHeardBye = false;
  #isOver = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    const { identity, environment } = options;
    this.#socket = new RelaySocket({
      environment,
      relayOrigin: identity.relayOrigin,
      role: 'device',
      hostId: identity.hostId,
      id: identity.keys.deviceId,
      keys: identity.keys.auth,
      onReady: (host, since) => {
        options.onReady(host, since);
        if (host === 'offline') this.#awaitHost();
      },
      onPong: (hostSilentMs) => {
        this.#probe.handlePong(hostSilentMs);
        if (this.#isWatchingRelay) this.#askRelayLater();
      },
      onOpen: () => this.#beginChannel(),
      onFrame: (frame) => this.#channel?.receive(frame),
      onClosed: (code) => unawaited(this.#handleClosed(code), 'end the channel'),
      onEnd: (end) => unawaited(this.#handleSocketEnd(end), 'end the attempt'),
    });
    this.#probe = new RelayProbe({ environment, ping: () => this.#socket.ping() });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Who is silent, as far as it is known now. */
  get silent(): Silent {
    return this.#probe.whoIsSilent();
  }

  dispose(): void {
    this.#isOver = true;
    this.#stopWatchingRelay();
    this.#dropChannel();
    this.#socket.dispose();
  }

  #beginChannel(): void {
    this.#stopWatchingRelay();
    if (this.#dropChannel()) this.#options.onChannelLost('renewed');
    this.#hasHeardBye = false;
    this.#options.onHandshake();
    const { identity, build, environment } = this.#options;
    const { hostId } = identity;
    const { deviceId: id, auth } = identity.keys;
    const channel = SecureChannel.initiate({
      keys: identity.keys.noise,
      hostKey: identity.hostKey,
      psk: identity.psk,
      prologue: encodePrologue('device', hostId, id),
      createPayload: async (transcript): Promise<DeviceHello> => {
        const proof = await proveHandshake(auth.privateKey, { purpose: 'device', hostId, id, transcript });
        return { version: PROTOCOL_VERSION, build, proof };
      },
      send: (frame) => this.#socket.sendFrame(frame),
      onMessage: (message) => channel === this.#channel && this.#handleMessage(message),
      onFailure: (error) => channel === this.#channel && this.#end({ kind: 'malformed', text: error.message }),
    });
    this.#channel = channel;
    const startedAt = environment.now();
    this.#after(HANDSHAKE_TIMEOUT_MS, () => !this.#isOpen && this.#endInSilence(startedAt));
    this.#probe.begin();
    channel.opened.then(
      () => channel === this.#channel && this.#handleOpened(channel),
      () => {}, // Told to onFailure.
    );
  }

  #handleOpened(channel: OpenChannel): void {
    this.#isOpen = true;
    this.#lastHeardAt = this.#options.environment.now();
    this.#after(CHANNEL_LIFETIME_MS, () => this.#renewChannel());
    // Asked first, so that what the screens get to know of the host is proven at once.
    this.#sendPing();
    this.#options.onOpened(channel);
  }

  #renewChannel(): void {
    this.#dropChannel();
    this.#askForChannel();
  }

  #askForChannel(): void {
    this.#options.onChannelLost('renewed');
    if (this.#isOver) return;
    const since = this.#options.environment.now();
    this.#after(HANDSHAKE_TIMEOUT_MS, () => this.#endInSilence(since));
    this.#probe.begin();
    this.#socket.reopen();
  }

  #handleMessage(message: unknown): void {
    const parsed = fromHost.safeParse(message);
    if (!parsed.success) {
      this.#end({ kind: 'malformed', text: 'The computer sent a message that this page cannot read.' });
      return;
    }
    this.#lastHeardAt = this.#options.environment.now();
    if (parsed.data.type === 'bye') this.#hasHeardBye = true;
    if (parsed.data.type === 'pong') this.#handlePong(parsed.data.id, parsed.data.now);
    else this.#options.onMessage(parsed.data);
  }

  #sendPing(): void {
    const { environment } = this.#options;
    this.#pingCount += 1;
    this.#ping = { id: this.#pingCount, sentAt: environment.monotonic() };
    this.#channel?.send({ type: 'ping', id: this.#pingCount, lastRoundTripMs: this.#lastRoundTripMs });
    this.#awaitPong(this.#pingCount, PROOF_STALE_AFTER_MS);
    this.#probe.begin();
  }

  /** A pong may queue behind much else; while anything comes from the host it is waited for longer, and not without end. */
  #awaitPong(id: number, ms: number): void {
    this.#stopPingTimer = this.#afterUnlessFrozen(ms, () => {
      if (this.#ping?.id !== id) return;
      const { environment } = this.#options;
      const silentMs = environment.now() - this.#lastHeardAt;
      const leftMs = PONG_GIVEN_UP_AFTER_MS - (environment.monotonic() - this.#ping.sentAt);
      if (leftMs > 0 && silentMs >= 0 && silentMs < PROOF_STALE_AFTER_MS)
        this.#awaitPong(id, Math.min(leftMs, PROOF_STALE_AFTER_MS - silentMs));
      else this.#endInSilence(this.#lastHeardAt);
    });
  }

  #handlePong(id: number, hostNow: number): void {
    if (this.#ping?.id !== id) return;
    const { environment } = this.#options;
    const roundTripMs = environment.monotonic() - this.#ping.sentAt;
    this.#ping = null;
    this.#lastRoundTripMs = roundTripMs;
    this.#probe.end();
    // A hidden page stops asking; when it is shown again it dials again.
    this.#stopPingTimer();
    this.#stopPingTimer = this.#afterUnlessFrozen(PING_INTERVAL_MS, () => environment.isVisible() && this.#sendPing());
    this.#options.onProof({ hostNow, receivedAt: environment.now(), roundTripMs });
  }

  async #handleClosed(code: number): Promise<void> {
    // What the host said last, such as that it goes to sleep, may still be in the middle of being decrypted.
    const channel = this.#channel;
    await channel?.handled();
    if (this.#isOver || channel !== this.#channel) return;
    const wasOpen = this.#dropChannel();
    if (code !== CloseCode.hostGone) this.#end({ kind: 'host-closed', code });
    // A host that is there may end one channel, for example to change what this device may do: ask for another, once.
    else if (wasOpen && !this.#hasHeardBye) this.#askForChannel();
    else {
      this.#options.onChannelLost('host-gone');
      this.#awaitHost();
    }
  }

  #awaitHost(): void {
    if (this.#isOver) return;
    const mailbox = this.#socket.openMailbox();
    if (mailbox) this.#options.onMailbox?.(mailbox);
    this.#isWatchingRelay = true;
    this.#askRelay();
  }

  /** Nothing is heard of a host that is away: were the socket dead, nothing would be heard of its coming back either. */
  #askRelay(): void {
    const { environment } = this.#options;
    this.#stopRelayTimer();
    // A hidden page does not ask; when it is shown again it dials again.
    if (!environment.isVisible() || !this.#socket.ping()) return;
    const since = environment.now();
    this.#stopRelayTimer = this.#afterUnlessFrozen(PROOF_STALE_AFTER_MS, () =>
      this.#end({ kind: 'silence', since, silent: 'relay' }),
    );
  }

  #askRelayLater(): void {
    this.#stopRelayTimer();
    this.#stopRelayTimer = this.#afterUnlessFrozen(PING_INTERVAL_MS, () => this.#askRelay());
  }

  #stopWatchingRelay(): void {
    this.#isWatchingRelay = false;
    this.#stopRelayTimer();
  }

  /** As above: a host that ran beside its relay goes together with it. */
  async #handleSocketEnd(end: RelayEnd): Promise<void> {
    if (this.#channel) await this.#channel.handled();
    this.#end(end);
  }

  /** A page that was stopped in its tracks gets no event; it notices by a timer that comes far too late. */
  #afterUnlessFrozen(ms: number, callback: () => void): Disposer {
    const { environment } = this.#options;
    const due = environment.now() + ms;
    return environment.after(ms, () => {
      // A clock that was set back says as little of what happened meanwhile as one that has jumped ahead.
      if (environment.isVisible() && Math.abs(environment.now() - due) >= FROZEN_FOR_MS) this.#options.onFrozen();
      else callback();
    });
  }

  #endInSilence(since: number): void {
    this.#end({ kind: 'silence', since, silent: this.#probe.whoIsSilent() });
  }

  /** Timers live no longer than the channel for which they were set. */
  #after(ms: number, callback: () => void): void {
    this.#timers.push(this.#options.environment.after(ms, callback));
  }

  /** Says whether there was an open one. */
  #dropChannel(): boolean {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#ping = null;
    this.#stopPingTimer();
    this.#probe.end();
    for (const stop of this.#timers.splice(0)) stop();
    this.#channel?.dispose();
    this.#channel = null;
    return wasOpen;
  }

  #end(end: AttemptEnd): void {
    if (this.#isOver) return;
    this.dispose();
    this.#options.onEnd(end);
  }
}
