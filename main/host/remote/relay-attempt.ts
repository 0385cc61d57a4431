/** One attempt to be connected to a relay, from dialling to its end. An attempt that was given up says nothing more. */

import { WebSocket } from 'ws';
import type { Clock } from '#lib/clock.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { answerChallenge, relaySocketUrl } from '#protocol/relay-auth.ts';
import {
  decodeBridgeFrame,
  encodeBridgeFrame,
  type HostToRelay,
  type RelayToHost,
  relayToHost,
} from '#protocol/relay-messages.ts';
import type { HostKeys } from '../host-keys.ts';
import { LINK_PING_EVERY_MS } from './link/link-facts.ts';

/** Time for DNS, TCP, TLS, the upgrade and the relay's answer to our signature. */
export const CONNECT_TIMEOUT_MS = 15_000;
const LINK_CHECK_EVERY_MS = 1_000;
/** A relay that does not answer the closing does not keep the socket for longer. */
const CLOSE_WITHIN_MS = 1_000;
/** No byte from the relay for this long means that the connection is dead. */
export const LINK_DEAD_AFTER_MS = 45_000;

export interface AttemptEnd {
  /** WebSocket close code; 1006 if there was none. */
  readonly code: number;
  /** In words. */
  readonly reason: string;
  /** What a restarting relay asked for. */
  readonly retryAfterMs: number | null;
}

export interface AttemptEvents {
  onReady(): void;
  onMessage(message: RelayToHost): void;
  onFrame(channel: number, frame: Uint8Array): void;
  /** Once. */
  onEnd(end: AttemptEnd): void;
}

export class RelayAttempt {
  readonly #origin: string;
  readonly #keys: HostKeys;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #events: AttemptEvents;
  readonly #socket: WebSocket;
  #isOver = false;
  #retryAfterMs: number | null = null;
  #lastError = '';
  #heardAt: number;
  /** The relay answers pings itself; those of WebSockets may be a proxy's, and prove nothing then. */
  #hasPings = false;
  #pings = 0;
  #stopTimer: () => void;

  constructor(origin: string, keys: HostKeys, { clock, log }: { clock: Clock; log: Log }, events: AttemptEvents) {
    this.#origin = origin;
    this.#keys = keys;
    this.#clock = clock;
    this.#log = log;
    this.#events = events;
    this.#heardAt = clock.now();
    this.#socket = new WebSocket(relaySocketUrl(origin), {
      perMessageDeflate: false,
      maxPayload: RELAY_FRAME_MAX_BYTES,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    });
    this.#socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    this.#socket.on('pong', () => this.#hasPings || this.#heard());
    this.#socket.on('ping', () => this.#hasPings || this.#heard());
    this.#socket.on('error', (error) => {
      this.#lastError = describeConnectionError(error);
    });
    this.#socket.on('close', (code, reason) => this.#end(code, reason.toString() || this.#lastError));
    this.#stopTimer = clock.after(CONNECT_TIMEOUT_MS, () => this.drop('The relay did not answer in time.'));
  }

  /** Bytes that are written and not yet handed to the system. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** When the relay was last heard, in milliseconds since 1970. */
  get heardAt(): number {
    return this.#heardAt;
  }

  send(message: HostToRelay): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  sendFrame(channel: number, frame: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(encodeBridgeFrame(channel, frame));
  }

  /** Gives the connection up at once, without waiting for the other side, and reports its end. */
  drop(reason: string): void {
    this.#socket.terminate();
    this.#end(1006, reason);
  }

  /** Closes in good order; nothing is reported any more. Resolves once the relay has taken everything that was sent before. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#stopTimer();
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#socket.on('close', () => resolve());
    this.#socket.close(1000);
    const cancel = this.#clock.after(CLOSE_WITHIN_MS, () => this.#socket.terminate());
    await closed.finally(cancel);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    this.#heard();
    if (isBinary) {
      const bridged = decodeBridgeFrame(data);
      if (bridged) this.#events.onFrame(bridged.channel, bridged.frame);
      return;
    }
    const message = parseRelayMessage(data);
    if (!message) {
      this.drop('The relay sent something that is not part of the protocol. Is this address a Baton relay?');
      return;
    }
    if (message.type === 'challenge') unawaited(this.#answer(message.nonce), 'sign in at the relay', this.#log);
    else if (message.type === 'restarting') this.#retryAfterMs = message.retryAfterMs;
    else if (message.type === 'pong') return;
    else {
      if (message.type === 'ready') {
        this.#hasPings = message.pings ?? false;
        this.#stopTimer();
        this.#watch();
        this.#events.onReady();
      }
      this.#events.onMessage(message);
    }
  }

  async #answer(nonce: string): Promise<void> {
    const { hostId, auth } = this.#keys;
    try {
      this.send(
        await answerChallenge({ role: 'host', hostId, id: hostId, keys: auth, relayOrigin: this.#origin, nonce }),
      );
    } catch (error) {
      this.drop(error instanceof Error ? error.message : 'The challenge could not be answered.');
    }
  }

  #ping(): void {
    if (!this.#hasPings) this.#socket.ping();
    else this.send({ type: 'ping', id: ++this.#pings });
  }

  #heard(): void {
    this.#heardAt = this.#clock.now();
  }

  #watch(pingedAt = this.#clock.now()): void {
    this.#stopTimer = this.#clock.after(LINK_CHECK_EVERY_MS, () => {
      const now = this.#clock.now();
      if (now - this.#heardAt > LINK_DEAD_AFTER_MS) {
        this.drop('The relay has gone silent.');
        return;
      }
      const isPingDue = now - pingedAt >= LINK_PING_EVERY_MS;
      if (isPingDue) this.#ping();
      this.#watch(isPingDue ? now : pingedAt);
    });
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#events.onEnd({ code, reason, retryAfterMs: this.#retryAfterMs });
  }
}

function parseRelayMessage(data: Buffer): RelayToHost | null {
  try {
    const parsed = relayToHost.safeParse(JSON.parse(data.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens at that address.',
  ENOTFOUND: 'The address has no DNS entry, or there is no network.',
  EAI_AGAIN: 'DNS does not answer; there may be no network.',
  ENETUNREACH: 'There is no network.',
  EHOSTUNREACH: 'The relay cannot be reached from this network.',
  ETIMEDOUT: 'The relay did not answer in time.',
  ECONNRESET: 'The connection was cut.',
  EPROTO: 'What answers there does not speak https. Is the address right?',
  CERT_HAS_EXPIRED: "The relay's certificate has expired, or this computer's clock is wrong.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The relay's certificate is self-signed and not trusted here.",
  SELF_SIGNED_CERT_IN_CHAIN: "The relay's certificate is not trusted here; a proxy may stand in between.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The relay's certificate is not trusted here.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name than the relay's.",
};

/** What went wrong, in words for a person. */
export function describeConnectionError(error: Error & { code?: string }): string {
  const known = error.code ? WORDS[error.code] : undefined;
  if (known) return known;
  const status = /Unexpected server response: (\d+)/.exec(error.message)?.[1];
  if (status)
    return `Something other than a Baton relay answered (HTTP ${status}): a sign-in page of this network, or a wrong address.`;
  return error.message;
}
