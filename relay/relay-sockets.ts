import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type * as z from 'zod/mini';
import { fromBase64Url } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { deviceToRelay, type HostToRelay, hostToRelay, type RelayAuth, relayAuth } from '#protocol/relay-messages.ts';
import { AddressLimits } from './address-limits.ts';
import type { Admission } from './admission.ts';
import { Authenticator, type Refusal, type Verdict } from './authenticator.ts';
import { Bridge } from './bridge.ts';
import { ClientSocket, type Identity, type SessionEvents } from './client-socket.ts';
import type { Clock } from './clock.ts';
import type { LetterStore } from './letter-store.ts';
import type { RelayLimits } from './limits.ts';
import type { Log, Tag } from './log.ts';
import { Mailbox, STORE_AGAIN_AFTER_MS } from './mailbox.ts';
import type { Counters, LiveCounts } from './metrics.ts';
import { PairingRendezvous } from './pairing-rendezvous.ts';

const INTERNAL_ERROR = 1011;

/** All sockets of the relay: lets them in, reads their control messages, and sees them out. */
export class RelaySockets implements SessionEvents {
  readonly #limits: RelayLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tag: Tag;
  readonly #counters: Counters;
  readonly #admission: Admission;
  readonly #addresses: AddressLimits;
  readonly #authenticator: Authenticator;
  readonly #pairings: PairingRendezvous;
  readonly #bridge: Bridge;
  readonly #letters: LetterStore;
  readonly #mail: Mailbox;
  readonly #sessions = new Set<ClientSocket>();
  #onEmpty: (() => void) | null = null;
  /** While lists wait for the disk. */
  #storeAgainAt: number | null = null;

  constructor(options: {
    limits: RelayLimits;
    clock: Clock;
    log: Log;
    tag: Tag;
    counters: Counters;
    admission: Admission;
    letters: LetterStore;
    origins: readonly string[];
  }) {
    const { limits, clock, counters, admission, letters, origins, log } = options;
    this.#limits = limits;
    this.#clock = clock;
    this.#log = log;
    this.#tag = options.tag;
    this.#counters = counters;
    this.#admission = admission;
    this.#addresses = new AddressLimits(limits);
    this.#authenticator = new Authenticator({ origins, admission, limits });
    this.#pairings = new PairingRendezvous(limits);
    this.#letters = letters;
    const takesLetters = (hostId: string): boolean => letters.takesLetters(hostId);
    this.#bridge = new Bridge({ limits, clock, counters, pairings: this.#pairings, takesLetters });
    const isHostOnline = (hostId: string): boolean => this.#bridge.isHostOnline(hostId);
    const onBug = (session: ClientSocket, error: unknown): void => this.#closeAfterBug(session, error);
    this.#mail = new Mailbox({ limits, clock, log, counters, admission, letters, isHostOnline, onBug });
  }

  /** Takes a fresh WebSocket: challenges it, or closes it at once with the limit that it met. */
  accept(webSocket: WebSocket, socket: Socket, address: string): void {
    const now = this.#clock.now();
    const refusal =
      this.#sessions.size >= this.#limits.socketsMax
        ? ({ code: CloseCode.full, reason: 'This relay is full.', limit: 'full' } as const)
        : this.#addresses.enter(address, now);
    if (refusal) {
      this.#counters.refusals[refusal.limit] += 1;
      this.#counters.countClose(refusal.code);
      this.#log('debug', 'Refused a socket', { address: this.#tag(address), code: refusal.code });
      webSocket.on('error', () => webSocket.terminate());
      webSocket.close(refusal.code, refusal.reason);
      return;
    }
    const session = new ClientSocket({ webSocket, socket, address, limits: this.#limits, events: this, now });
    this.#sessions.add(session);
    session.challenge(now);
  }

  onText(session: ClientSocket, text: string): void {
    try {
      if (session.identity) this.#handleControl(session, text);
      else this.#handleFirst(session, text);
    } catch (error) {
      this.#closeAfterBug(session, error);
    }
  }

  onLeaving(session: ClientSocket): void {
    this.#mail.leave(session);
    this.#bridge.leave(session);
  }

  onGone(session: ClientSocket, code: number): void {
    this.#sessions.delete(session);
    this.#addresses.leave(session.address, session.identity !== null);
    this.#counters.countClose(code);
    const { identity } = session;
    if (identity) this.#log('info', `A ${identity.role} left`, { ...this.#describe(session), code });
    else this.#log('debug', 'A socket left before it authenticated', { address: this.#tag(session.address), code });
    if (this.#sessions.size === 0) this.#onEmpty?.();
  }

  onControlFlood(_session: ClientSocket): void {
    this.#counters.refusals.control += 1;
  }

  onSilent(session: ClientSocket): void {
    this.#counters.silentSockets += 1;
    this.#log('debug', 'A socket fell silent', { address: this.#tag(session.address) });
  }

  /** Deadlines, life signs and forgetting. Called every second or so. */
  tick(): void {
    const now = this.#clock.now();
    for (const session of [...this.#sessions]) session.tick(now);
    this.#pairings.sweep(now);
    this.#addresses.sweep(now);
    this.#authenticator.sweep(now);
    this.#bridge.sweep(now);
    this.#mail.tick(now);
    if (this.#storeAgainAt !== null && now >= this.#storeAgainAt) this.#storeAgain(now);
  }

  /** A host that stays connected for months brings its list only once: it is not to be forgotten meanwhile. */
  noteHostsPresent(): void {
    for (const { identity } of this.#sessions) {
      if (identity?.role === 'host') this.#admission.noteSeen(identity.hostId, this.#clock.wallNow());
    }
  }

  expireLetters(): void {
    this.#mail.expire();
  }

  /** Tells everybody to come back a little later, each at another time, and closes. Resolves when all are gone. */
  restart(): Promise<void> {
    // Hosts last, so that no device is told that its host has gone.
    const sessions = [...this.#sessions].sort((a, b) => Number(isHost(a)) - Number(isHost(b)));
    // Few clients need not be kept waiting for the sake of many.
    const { restartSpreadMinMs, restartSpreadPerSocketMs, restartSpreadMs } = this.#limits;
    const spreadMs = Math.min(restartSpreadMs, restartSpreadMinMs + sessions.length * restartSpreadPerSocketMs);
    for (const session of sessions) {
      session.send({ type: 'restarting', retryAfterMs: Math.ceil(Math.random() * spreadMs) });
    }
    for (const session of sessions) session.close(CloseCode.restarting, 'The relay restarts.');
    if (this.#sessions.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    return promise;
  }

  /** Cuts every socket. */
  terminate(): void {
    for (const session of [...this.#sessions]) session.terminate();
  }

  liveCounts(): LiveCounts {
    const sockets = { host: 0, device: 0, pairing: 0, unauthenticated: 0 };
    for (const session of this.#sessions) {
      if (session.isOpen) sockets[session.identity?.role ?? 'unauthenticated'] += 1;
    }
    const { count: letters, bytes: letterBytes } = this.#letters;
    return { sockets, channels: this.#bridge.channelCount, pairingCodes: this.#pairings.size, letters, letterBytes };
  }

  #handleFirst(session: ClientSocket, text: string): void {
    const auth = parse(relayAuth, text);
    const nonce = auth && session.takeNonce();
    if (!auth || !nonce) {
      this.#countFailure(session);
      session.close(CloseCode.malformed, 'Expected one answer to the challenge.');
      return;
    }
    session.phase = 'proving';
    this.#await(session, this.#authenticator.judge(auth, nonce, this.#clock.now()), (verdict) => {
      this.#welcome(session, auth, verdict);
    });
  }

  #welcome(session: ClientSocket, auth: RelayAuth, verdict: Verdict): void {
    if (!session.isOpen) return;
    if (!verdict.ok) {
      this.#turnAway(session, verdict);
      return;
    }
    const { identity } = verdict;
    const now = this.#clock.now();
    if (identity.role === 'pairing') {
      const onGone = (reason: string): void => session.close(CloseCode.pairingUnknown, reason);
      if (!this.#pairings.claim(identity.hostId, identity.id, now, onGone)) {
        this.#authenticator.countFailure(auth.hostId, now);
        this.#countFailure(session);
        session.close(CloseCode.pairingUnknown, 'This pairing code is unknown, used or too old.');
        return;
      }
    }
    this.#authorise(session, identity, now);
    this.#addresses.authenticated(session.address);
    this.#log('info', `A ${identity.role} came`, this.#describe(session));
    if (identity.role === 'host') this.#bridge.seatHost(session, identity.hostId);
    else if (!this.#bridge.seatDevice(session, identity.role, identity.hostId, identity.id)) {
      if (identity.role === 'pairing') this.#pairings.release(identity.hostId, identity.id);
      this.#counters.refusals.full += 1;
      session.close(CloseCode.full, 'This computer has as many connections as it can.');
    }
  }

  #handleControl(session: ClientSocket, text: string): void {
    const { identity } = session;
    if (!identity) return;
    const message = identity.role === 'host' ? parse(hostToRelay, text) : parse(deviceToRelay, text);
    if (!message) {
      session.close(CloseCode.malformed, 'This message is malformed.');
    } else if (message.type === 'auth') {
      this.#handleRenewal(session, message);
    } else if (message.type === 'ping') {
      if (identity.role === 'host') session.send({ type: 'pong', id: message.id });
      else session.send({ type: 'pong', id: message.id, hostSilentMs: this.#bridge.probeHost(identity.hostId) });
    } else if (message.type === 'reopen') {
      this.#handleReopen(session);
    } else if (message.type === 'mail.take') {
      this.#mail.handleHost(session, identity.hostId, message);
    } else if (message.type === 'mail.put' || message.type === 'mail.list' || message.type === 'mail.cancel') {
      this.#mail.handleDevice(session, identity, message);
    } else {
      this.#handleHost(session, identity.hostId, message);
    }
  }

  #handleRenewal(session: ClientSocket, auth: RelayAuth): void {
    const nonce = session.takeNonce();
    const { identity } = session;
    if (!nonce || !identity) {
      session.close(CloseCode.malformed, 'There was no challenge to answer.');
      return;
    }
    this.#await(session, this.#authenticator.judgeRenewal(auth, nonce, identity), (verdict) => {
      if (!session.isOpen) return;
      if (verdict.ok) this.#authorise(session, identity, this.#clock.now());
      else this.#turnAway(session, verdict);
    });
  }

  #handleReopen(session: ClientSocket): void {
    if (session.identity?.role === 'pairing') {
      session.close(CloseCode.pairingUnknown, 'A pairing code opens one channel.');
    } else if (!this.#bridge.reopen(session)) {
      this.#counters.refusals.reopen += 1;
      session.close(CloseCode.tooManyAttempts, 'Too many new channels in a short time.');
    }
  }

  #handleHost(
    session: ClientSocket,
    hostId: string,
    message: Exclude<HostToRelay, { type: 'auth' | 'ping' | 'mail.take' }>,
  ): void {
    const now = this.#clock.now();
    switch (message.type) {
      case 'admit':
        this.#admit(session, hostId, message.devices, now);
        return;
      case 'pair.open': {
        const opened = this.#pairings.open(hostId, message.pairId, now);
        const { pairId } = message;
        if (opened.ok) session.send({ type: 'pair.opened', pairId, lifetimeMs: opened.lifetimeMs });
        else {
          this.#counters.refusals.pairing += 1;
          session.send({ type: 'pair.refused', pairId, reason: opened.reason });
        }
        return;
      }
      case 'pair.close':
        this.#pairings.close(hostId, message.pairId);
        return;
      case 'channel.close':
        this.#bridge.closeByHost(hostId, message.channel, message.code, message.reason);
        return;
    }
  }

  #admit(session: ClientSocket, hostId: string, list: readonly { id: string; key: string }[], now: number): void {
    const devices = new Set<string>();
    for (const { id, key } of list) {
      if (!isIdOf(id, key)) {
        session.close(CloseCode.malformed, 'A key in the list does not fit its id.');
        return;
      }
      devices.add(id);
    }
    if (!this.#admission.isKnown(hostId)) {
      const isFull = this.#admission.hostCount >= this.#limits.storedHostsMax;
      if (isFull || !this.#addresses.takeNewHost(session.address, now)) {
        this.#counters.refusals[isFull ? 'full' : 'address'] += 1;
        session.close(
          isFull ? CloseCode.full : CloseCode.tooManyAttempts,
          'This relay takes no more new computers now.',
        );
        return;
      }
    }
    const trouble = this.#admission.replace(hostId, devices, this.#clock.wallNow());
    if (trouble !== null && this.#storeAgainAt === null) {
      this.#log('error', `Failed to store who is admitted: ${trouble}. It is kept in memory and tried again`);
      this.#storeAgainAt = now + STORE_AGAIN_AFTER_MS;
    }
    session.send({ type: 'admitted', count: devices.size });
    this.#bridge.keepOnly(hostId, devices);
    this.#mail.keepOnly(hostId, devices);
  }

  #storeAgain(now: number): void {
    if (!this.#admission.storeAgain(this.#clock.wallNow())) {
      this.#storeAgainAt = now + STORE_AGAIN_AFTER_MS;
      return;
    }
    this.#storeAgainAt = null;
    this.#log('info', 'Who is admitted is stored again');
  }

  #authorise(session: ClientSocket, identity: Identity, now: number): void {
    this.#counters.authentications += 1;
    session.authorise(identity, now);
  }

  #turnAway(session: ClientSocket, verdict: Refusal): void {
    if (verdict.isFailure) this.#countFailure(session);
    if (verdict.limit) this.#counters.refusals[verdict.limit] += 1;
    session.close(verdict.code, verdict.reason);
  }

  #countFailure(session: ClientSocket): void {
    this.#counters.authFailures += 1;
    this.#addresses.countFailure(session.address, this.#clock.now());
  }

  /** The one place where something is not waited for: a bug in it is logged and ends that socket. */
  #await(session: ClientSocket, verdict: Promise<Verdict>, then: (verdict: Verdict) => void): void {
    verdict.then(then).catch((error: unknown) => {
      // Once the socket is closed the relay may be stopped, and its database with it.
      if (session.isOpen) this.#closeAfterBug(session, error);
    });
  }

  #closeAfterBug(session: ClientSocket, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log('error', 'Failed to handle a message', { ...this.#describe(session), error: text });
    session.close(INTERNAL_ERROR, 'The relay failed.');
  }

  #describe(session: ClientSocket): Record<string, string> {
    const { identity } = session;
    const who = identity ? { host: this.#tag(identity.hostId), id: this.#tag(identity.id) } : {};
    return { address: this.#tag(session.address), ...who };
  }
}

function isHost(session: ClientSocket): boolean {
  return session.identity?.role === 'host';
}

/** An id is the hash of its key. */
function isIdOf(id: string, key: string): boolean {
  const bytes = fromBase64Url(key);
  return bytes !== null && createHash('sha256').update(bytes).digest('base64url') === id;
}

function parse<Schema extends z.ZodMiniType>(schema: Schema, text: string): z.infer<Schema> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
