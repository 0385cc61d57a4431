/**
 * The host's connection to its relay. The only owner of retries: it never gives up by itself, and each attempt is an object whose
 * late callbacks reach nobody.
 */

import { BACK_OFF_RESET_AFTER_MS, nextDelay } from '#lib/back-off.ts';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { HostToRelay, RelayToHost } from '#protocol/relay-messages.ts';
import type { HostKeys } from '../host-keys.ts';
import type { RelayStatus } from './link/relay-status.ts';
import { type AttemptEnd, RelayAttempt } from './relay-attempt.ts';

export interface RelayLinkOptions {
  /** Of the relay to begin with. */
  readonly origin: string;
  readonly keys: HostKeys;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Said to the relay first on every connection. */
  greeting(): HostToRelay[];
}

/** A relay that restarts may ask to be left alone for at most this long. */
export const RETRY_AFTER_MAX_MS = 60_000;

const STOPPING: Record<number, string> = {
  [CloseCode.replaced]:
    'Another Baton with the same keys is connected to this relay. Close it, or give this one its own data folder, then reconnect.',
};

/** What the relay's own words would not help a person with. */
const EXPLAINED: Record<number, string> = {
  [CloseCode.notAuthentic]:
    'The relay did not accept our signature. Is the address exactly the one that the relay was given as its public URL?',
};

export class RelayLink {
  readonly #options: RelayLinkOptions;
  readonly #didChangeStatus: Emitter<[RelayStatus]>;
  readonly #didReceive: Emitter<[RelayToHost]>;
  readonly #didReceiveFrame: Emitter<[number, Uint8Array]>;
  readonly #didDisconnect: Emitter<[]>;
  #origin: string;
  #status: RelayStatus;
  #attempt: RelayAttempt | null = null;
  #isReady = false;
  #readyAt = 0;
  #failures = 0;
  #failingSince: number | null = null;
  #cancelRetry: Disposer = () => {};

  constructor(options: RelayLinkOptions) {
    this.#options = options;
    this.#origin = options.origin;
    this.#status = { kind: 'off', since: options.clock.now() };
    this.#didChangeStatus = new Emitter('link status', options.log);
    this.#didReceive = new Emitter('relay message', options.log);
    this.#didReceiveFrame = new Emitter('relay frame', options.log);
    this.#didDisconnect = new Emitter('link end', options.log);
  }

  get origin(): string {
    return this.#origin;
  }

  get status(): RelayStatus {
    return this.#status;
  }

  /** When the relay was last heard on the present connection; null if there is none. */
  get heardAt(): number | null {
    return this.#isReady ? (this.#attempt?.heardAt ?? null) : null;
  }

  /** Bytes written to the relay's socket that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#attempt?.bufferedBytes ?? 0;
  }

  onDidChangeStatus(listener: (status: RelayStatus) => void): Disposer {
    return this.#didChangeStatus.on(listener);
  }

  onDidReceive(listener: (message: RelayToHost) => void): Disposer {
    return this.#didReceive.on(listener);
  }

  onDidReceiveFrame(listener: (channel: number, frame: Uint8Array) => void): Disposer {
    return this.#didReceiveFrame.on(listener);
  }

  /** The connection is gone, and all its channels with it. */
  onDidDisconnect(listener: () => void): Disposer {
    return this.#didDisconnect.on(listener);
  }

  /** Connects and stays connected. Also the way out of `stopped` and `asleep`. */
  start(): void {
    this.#failures = 0;
    this.#failingSince = null;
    this.#dial();
  }

  /** Drops whatever there is and dials at once: after sleep, after a change of network. Does nothing while off or stopped. */
  redial(): void {
    if (this.#status.kind === 'off' || this.#status.kind === 'stopped') return;
    this.#options.log.info('Redialling the relay');
    this.start();
  }

  /** Leaves for another relay: dialled at once, unless the link is off or asleep. Resolves once the previous connection is closed. */
  async moveTo(origin: string): Promise<void> {
    const left = this.#abandon();
    this.#origin = origin;
    if (this.#status.kind !== 'off' && this.#status.kind !== 'asleep') this.start();
    await left;
  }

  /** Says nothing more until `start`. Does nothing while off or stopped: waking must not undo that. */
  suspend(): void {
    if (this.#status.kind === 'off' || this.#status.kind === 'stopped') return;
    unawaited(this.#abandon(), 'leave the relay', this.#options.log);
    this.#setStatus({ kind: 'asleep', since: this.#options.clock.now() });
  }

  /** Resolves once the relay has taken what was sent before, or did not answer in time. */
  async stop(): Promise<void> {
    const closed = this.#abandon();
    this.#setStatus({ kind: 'off', since: this.#options.clock.now() });
    await closed;
  }

  send(message: HostToRelay): void {
    if (this.#isReady) this.#attempt?.send(message);
  }

  sendFrame(channel: number, frame: Uint8Array): void {
    if (this.#isReady) this.#attempt?.sendFrame(channel, frame);
  }

  #dial(): void {
    unawaited(this.#abandon(), 'leave the relay', this.#options.log);
    const { keys, clock, log } = this.#options;
    if (this.#failingSince === null) this.#setStatus({ kind: 'connecting', since: clock.now() });
    const attempt = new RelayAttempt(
      this.#origin,
      keys,
      { clock, log },
      {
        onReady: () => this.#isCurrent(attempt) && this.#becomeReady(attempt),
        onMessage: (message) => this.#isCurrent(attempt) && this.#didReceive.fire(message),
        onFrame: (channel, frame) => this.#isCurrent(attempt) && this.#didReceiveFrame.fire(channel, frame),
        onEnd: (end) => this.#isCurrent(attempt) && this.#handleEnd(end),
      },
    );
    this.#attempt = attempt;
  }

  #isCurrent(attempt: RelayAttempt): boolean {
    return this.#attempt === attempt;
  }

  #becomeReady(attempt: RelayAttempt): void {
    const now = this.#options.clock.now();
    this.#isReady = true;
    this.#readyAt = now;
    this.#failingSince = null;
    for (const message of this.#options.greeting()) attempt.send(message);
    this.#options.log.info('Connected to the relay', { relay: this.#origin });
    this.#setStatus({ kind: 'connected', since: now });
  }

  #handleEnd(end: AttemptEnd): void {
    const { clock, random, log } = this.#options;
    const now = clock.now();
    const wasHealthy = this.#isReady && now - this.#readyAt >= BACK_OFF_RESET_AFTER_MS;
    unawaited(this.#abandon(), 'leave the relay', this.#options.log);
    const stopping = STOPPING[end.code];
    if (stopping) {
      log.warn('The relay ended the connection for good', { code: end.code, reason: end.reason });
      this.#setStatus({ kind: 'stopped', since: now, reason: stopping });
      return;
    }
    this.#failures = wasHealthy ? 0 : this.#failures;
    const backOff = nextDelay(this.#failures, random());
    const delay = Math.max(backOff, Math.min(end.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
    this.#failures += 1;
    this.#failingSince ??= now;
    const reason = EXPLAINED[end.code] ?? (end.reason || `The relay closed the connection (${end.code}).`);
    log.warn('Not connected to the relay', { code: end.code, reason, retryInMs: delay });
    this.#setStatus({ kind: 'unreachable', since: this.#failingSince, reason, retryAt: now + delay });
    this.#cancelRetry = clock.after(delay, () => this.#dial());
  }

  /** Lets go of the present attempt and of a planned one. What is returned need not be awaited. */
  #abandon(): Promise<void> {
    this.#cancelRetry();
    const attempt = this.#attempt;
    const wasReady = this.#isReady;
    this.#attempt = null;
    this.#isReady = false;
    const closed = attempt?.close() ?? Promise.resolve();
    if (wasReady) this.#didDisconnect.fire();
    return closed;
  }

  #setStatus(status: RelayStatus): void {
    this.#status = status;
    this.#didChangeStatus.fire(status);
  }
}
