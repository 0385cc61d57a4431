/**
 * The connection to one host, and the only owner of retries. It never gives up by itself: what stops it needs a person, and says so.
 * Callbacks of an attempt that is not the current one do nothing.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { BACK_OFF_RESET_AFTER_MS, nextDelay } from '#lib/back-off.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { FromHost } from '#protocol/messages.ts';
import type { HostStatus } from '#ui/host-client.ts';
import type { Disposer, Environment } from '../environment.ts';
import {
  HOST_OFFLINE_REDIAL_MS,
  PROOF_HOLDS_MS,
  RETRY_AFTER_MAX_MS,
  STORAGE_RETRY_MS,
  WAKE_COALESCE_MS,
} from '../limits.ts';
import { type AttemptEnd, LinkAttempt, type LinkIdentity, type OpenChannel, type Proof } from './link-attempt.ts';
import {
  type Bye,
  isLeftByWaking,
  type Stop,
  statusAfterBye,
  statusAfterDial,
  statusAfterEnd,
  statusAfterHostGone,
  statusAfterReady,
  statusAfterSilence,
  stopForCode,
  stopped,
} from './link-status.ts';
import type { MailboxPort } from './mailbox-port.ts';

export interface HostLinkOptions {
  readonly environment: Environment;
  readonly identity: LinkIdentity;
  readonly build: string;
  /** The host's last goodbye of an earlier connection, if nothing was heard of it since. */
  readonly bye: Bye | null;
  /** Another tab of this page has just connected as this device: leave the connection to it until a person wants it here. */
  readonly isHeldElsewhere: boolean;
  /** The channel is good until `onDropped`. */
  onOpened(channel: OpenChannel): void;
  onMessage(message: FromHost): void;
  onProof(proof: Proof): void;
  /** The channel is gone; what was sent may be lost. */
  onDropped(): void;
  /** The relay answers, the host is away, and letters may be left for it; until `onHandshake` or `onDropped`. */
  onMailbox?(port: MailboxPort): void;
  /** There is a way to the host again. */
  onHandshake?(): void;
}

export class HostLink {
  readonly #options: HostLinkOptions;
  readonly #status = signal<HostStatus>({ kind: 'connecting', since: 0 });
  readonly #disposers: Disposer[] = [];
  #attempt: LinkAttempt | null = null;
  #stopRetry: Disposer = () => {};
  #stopDoubt: Disposer = () => {};
  #failures = 0;
  #dialledAt = Number.NEGATIVE_INFINITY;
  /** When the current attempt reached the relay. */
  #readyAt: number | null = null;
  #bye: Bye | null;
  #malformed = 0;
  #isOver = false;

  constructor(options: HostLinkOptions) {
    this.#options = options;
    this.#bye = options.bye;
    const { environment } = options;
    this.#status.value = { kind: 'connecting', since: environment.now() };
    this.#disposers.push(environment.onDidWake(() => this.#handleWake()));
    this.#disposers.push(environment.onDidLeave(() => this.#drop()));
    if (options.isHeldElsewhere) this.#status.value = stopped('other-tab');
    else this.#dial();
  }

  get status(): ReadonlySignal<HostStatus> {
    return this.#status;
  }

  /** How often something came that was no valid message, from the relay or from the host. */
  get malformedCount(): number {
    return this.#malformed;
  }

  get isOpen(): boolean {
    return this.#attempt?.isOpen ?? false;
  }

  /** Drops what there is and dials at once, also after a stop. */
  retryNow(): void {
    if (this.#isOver) return;
    this.#failures = 0;
    this.#dial();
  }

  /** Ends the connection until a person asks for it again; for want of storage, for a while. */
  stop(stop: Stop): void {
    if (this.#isOver) return;
    this.#drop();
    this.#status.value = stop;
    if (stop.reason === 'storage')
      this.#stopRetry = this.#options.environment.after(STORAGE_RETRY_MS, () => this.#dial());
  }

  /** The channel carries something that does not fit: drops it and dials again. */
  dropMalformed(text: string): void {
    this.#drop();
    this.#handleEnd({ kind: 'malformed', text });
  }

  /** What the host said goodbye with; `at` by this device's clock. */
  handleBye(bye: Bye): void {
    this.#bye = bye;
    const status = statusAfterBye(bye);
    if (status?.kind === 'stopped') this.stop(status);
    else if (status) this.#status.value = status;
  }

  dispose(): void {
    this.#isOver = true;
    this.#drop();
    for (const dispose of this.#disposers) dispose();
  }

  #dial(): void {
    const { environment, identity, build, onOpened, onMessage } = this.#options;
    this.#drop();
    this.#dialledAt = environment.monotonic();
    this.#readyAt = null;
    this.#status.value = statusAfterDial(this.#status.value, environment.now());
    this.#attempt = new LinkAttempt({
      environment,
      identity,
      build,
      onReady: (host, since) => this.#handleReady(host, since),
      onHandshake: () => {
        this.#handleReady('online', null);
        this.#options.onHandshake?.();
      },
      onMailbox: (port) => this.#options.onMailbox?.(port),
      onFrozen: () => this.#handleWake(),
      onOpened,
      onMessage,
      onProof: (proof) => this.#handleProof(proof),
      onChannelLost: (why) => this.#handleChannelLost(why),
      onEnd: (end) => {
        this.#attempt = null;
        this.#handleEnd(end);
      },
    });
  }

  #handleReady(host: 'online' | 'offline', since: number | null): void {
    const { environment } = this.#options;
    this.#readyAt ??= environment.monotonic();
    this.#stopRetry();
    this.#status.value = statusAfterReady(this.#status.value, { host, since }, this.#bye, environment.now());
    if (host === 'offline') this.#redialLater();
  }

  #handleProof(proof: Proof): void {
    this.#bye = null;
    this.#status.value = { kind: 'connected', provenAt: proof.receivedAt, roundTripMs: proof.roundTripMs };
    this.#options.onProof(proof);
    this.#stopDoubt();
    this.#stopDoubt = this.#options.environment.after(PROOF_HOLDS_MS, () => this.#doubt(proof.receivedAt));
  }

  /** Whatever goes on underneath, no screen says *connected* of a proof that has become old. (Nobody looks at a hidden page.) */
  #doubt(since: number): void {
    const status = this.#status.value;
    if (status.kind !== 'connected' || !this.#options.environment.isVisible()) return;
    this.#status.value = statusAfterSilence(status, { since, silent: this.#attempt?.silent ?? 'host' });
  }

  #handleChannelLost(why: 'renewed' | 'host-gone'): void {
    this.#options.onDropped();
    if (why === 'renewed') return;
    this.#status.value = statusAfterHostGone(this.#status.value, this.#options.environment.now());
    this.#redialLater();
  }

  /** A socket on which nothing is expected may be dead without a sign. */
  #redialLater(): void {
    const { environment } = this.#options;
    this.#stopRetry();
    this.#stopRetry = environment.after(HOST_OFFLINE_REDIAL_MS * (0.75 + environment.random() / 2), () => {
      if (!this.isOpen) this.#dial();
    });
  }

  #handleEnd(end: AttemptEnd): void {
    if (this.#isOver) return;
    this.#stopDoubt();
    this.#options.onDropped();
    const { environment } = this.#options;
    const now = environment.now();
    const code = end.kind === 'closed' || end.kind === 'host-closed' ? end.code : null;
    const stop = code === null ? null : stopForCode(code);
    if (stop) {
      this.stop(stop);
      return;
    }
    if (end.kind === 'malformed') {
      this.#malformed += 1;
      console.warn(`Baton: dropped the connection: ${end.text}`);
    }
    if (end.kind === 'silence') this.#status.value = statusAfterSilence(this.#status.value, end);
    else if (end.kind === 'host-closed') this.#status.value = statusAfterDial(this.#status.value, now);
    else this.#status.value = statusAfterEnd(this.#status.value, end, environment.isOnline(), now);
    this.#scheduleRetry(end);
  }

  #scheduleRetry(end: AttemptEnd): void {
    const { environment } = this.#options;
    if (this.#readyAt !== null && environment.monotonic() - this.#readyAt >= BACK_OFF_RESET_AFTER_MS)
      this.#failures = 0;
    const delay = nextDelay(this.#failures, environment.random());
    this.#failures += 1;
    const isRestarting = end.kind === 'closed' && (end.code === CloseCode.restarting || end.retryAfterMs !== null);
    const asked = isRestarting ? Math.min(end.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS) : 0;
    this.#stopRetry();
    this.#stopRetry = environment.after(Math.max(delay, asked), () => this.#dial());
  }

  /** Never asks the socket how it is: after sleep it does not know. */
  #handleWake(): void {
    const status = this.#status.value;
    if (this.#isOver || (status.kind === 'stopped' && !isLeftByWaking(status))) return;
    if (this.#attempt && this.#options.environment.monotonic() - this.#dialledAt < WAKE_COALESCE_MS) return;
    this.#failures = 0;
    this.#dial();
  }

  #drop(): void {
    this.#stopRetry();
    this.#stopDoubt();
    const attempt = this.#attempt;
    this.#attempt = null;
    if (!attempt) return;
    attempt.dispose();
    this.#options.onDropped();
  }
}
