import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { CloseCode } from '#protocol/close-codes.ts';
import type { RelayRole, RelayToDevice, RelayToHost } from '#protocol/relay-messages.ts';
import type { RelayLimits } from './limits.ts';
import { RateLimit } from './rate-limit.ts';
import { errorCode } from './start-error.ts';

const NONCE_BYTES = 32;
const BINARY = { binary: true } as const;
/** Close codes of RFC 6455 that ws sends by itself. */
const PROTOCOL_ERROR = 1002;
const PROTOCOL_ERRORS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/** Who a socket has proven to be. */
export interface Identity {
  readonly role: RelayRole;
  readonly hostId: string;
  readonly id: string;
  /** SPKI, base64url. */
  readonly key: string;
}

/** `proving`: an answer to the first challenge is being verified. `leaving`: closed by either side, not yet gone. */
export type SessionPhase = 'challenged' | 'proving' | 'ready' | 'leaving' | 'gone';

export interface SessionEvents {
  /** A text message; at most `controlMessageMaxBytes`, and not more of them than `controlMessages` allows. */
  onText(session: ClientSocket, text: string): void;
  /** Its socket is being closed, by either side: nothing of it matters any more. Called once, before `onGone`. */
  onLeaving(session: ClientSocket): void;
  /** Its socket is closed. Called once. `code` is the relay's own if the relay closed it, else the client's. */
  onGone(session: ClientSocket, code: number): void;
  onControlFlood(session: ClientSocket): void;
  onSilent(session: ClientSocket): void;
}

/** One WebSocket: its challenge, its life signs, and what waits to be sent on it. Knows nothing of other sockets. */
export class ClientSocket {
  readonly address: string;
  phase: SessionPhase = 'challenged';
  identity: Identity | null = null;
  /** Takes binary messages once the socket is ready; while null they are malformed. */
  onFrame: ((frame: Buffer) => void) | null = null;
  /** Called after something that waited was sent. */
  onDrain: (() => void) | null = null;

  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #limits: RelayLimits;
  readonly #events: SessionEvents;
  readonly #textRate: RateLimit;
  readonly #openedAt: number;
  /** The nonce of the open challenge; null once it was answered. */
  #nonce: string | null = null;
  /** Challenged, and not yet authorised by a good answer. */
  #isAsked = false;
  #challengedAt = 0;
  #authorisedAt = 0;
  #heardAt: number;
  #pingedAt: number;
  #bytesRead = 0;
  #now: number;
  #queuedMessages = 0;
  #isCorked = false;
  #closeCode: number | null = null;

  constructor(options: {
    webSocket: WebSocket;
    socket: Socket;
    address: string;
    limits: RelayLimits;
    events: SessionEvents;
    now: number;
  }) {
    this.#webSocket = options.webSocket;
    this.#socket = options.socket;
    this.address = options.address;
    this.#limits = options.limits;
    this.#events = options.events;
    this.#textRate = new RateLimit(options.limits.controlMessages);
    this.#openedAt = this.#heardAt = this.#pingedAt = this.#now = options.now;
    this.#webSocket.on('message', (data, isBinary) => this.#handleMessage(data as Buffer, isBinary));
    this.#webSocket.on('close', (code) => this.#handleGone(code));
    this.#webSocket.on('error', (error) => this.#handleError(error));
  }

  /** Asks the client to prove itself. */
  challenge(now: number): void {
    this.#nonce = randomBytes(NONCE_BYTES).toString('base64url');
    this.#isAsked = true;
    this.#challengedAt = now;
    this.send({ type: 'challenge', nonce: this.#nonce });
  }

  /** The nonce of the open challenge, once: an answer is judged, good or bad, and never again. */
  takeNonce(): string | null {
    const nonce = this.#nonce;
    this.#nonce = null;
    return nonce;
  }

  /** The client has proven itself, for the first time or again. */
  authorise(identity: Identity, now: number): void {
    this.identity = identity;
    this.phase = 'ready';
    this.#isAsked = false;
    this.#authorisedAt = now;
  }

  send(message: RelayToHost | RelayToDevice): void {
    if (!this.isOpen) return;
    if (this.#queuedMessages > this.#limits.queuedMessagesMax) {
      // It says things and does not read the answers.
      this.terminate();
      return;
    }
    this.#queuedMessages += 1;
    this.#webSocket.send(JSON.stringify(message), this.#handleSent);
  }

  /** Hands a frame on, as it is. The caller looks at `bufferedBytes` and `queuedMessages`. */
  sendFrame(frame: Buffer): void {
    this.#queuedMessages += 1;
    if (!this.#isCorked) {
      // All frames of one read go out in one write.
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    this.#webSocket.send(frame, BINARY, this.#handleSent);
  }

  get isOpen(): boolean {
    return this.phase !== 'leaving' && this.phase !== 'gone';
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  get queuedMessages(): number {
    return this.#queuedMessages;
  }

  /** Reads nothing more from this socket until `resume`: TCP holds its sender back. */
  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#closeCode = code;
    this.#leave();
    // A paused socket would never read the client's goodbye.
    this.#webSocket.resume();
    this.#webSocket.close(code, reason);
  }

  /** Cuts the connection without a goodbye. */
  terminate(): void {
    this.#leave();
    this.#webSocket.terminate();
  }

  /** For how long nothing came from this socket, to within the interval of `tick`. One that is held back is not silent. */
  silentMs(now: number): number {
    this.#listen(now);
    return now - this.#heardAt;
  }

  /** Asks for a life sign now instead of when it would be due; at most one in `probeEveryMs`. */
  probe(now: number): void {
    if (!this.isOpen || now - this.#pingedAt < this.#limits.probeEveryMs) return;
    this.#pingedAt = now;
    this.#webSocket.ping();
  }

  #listen(now: number): void {
    const { bytesRead } = this.#socket;
    if (bytesRead === this.#bytesRead && !this.#webSocket.isPaused) return;
    this.#bytesRead = bytesRead;
    this.#heardAt = now;
  }

  /** Deadlines and life signs. Called every second or so. */
  tick(now: number): void {
    this.#now = now;
    if (!this.isOpen) return;
    const { authTimeoutMs, authLifetimeMs, authRenewTimeoutMs, silentMaxMs, pingEveryMs } = this.#limits;
    this.#listen(now);
    if (now - this.#heardAt >= silentMaxMs) {
      this.#events.onSilent(this);
      this.terminate();
    } else if (this.phase !== 'ready') {
      if (now - this.#openedAt >= authTimeoutMs) this.close(CloseCode.authTimeout, 'Not authenticated in time.');
    } else if (this.#isAsked && now - this.#challengedAt >= authRenewTimeoutMs) {
      this.close(CloseCode.notAuthentic, 'The authorisation was not renewed in time.');
    } else {
      if (!this.#isAsked && now - this.#authorisedAt >= authLifetimeMs) this.challenge(now);
      if (now - this.#pingedAt >= pingEveryMs) {
        this.#pingedAt = now;
        this.#webSocket.ping();
      }
    }
  }

  readonly #uncork = (): void => {
    this.#isCorked = false;
    this.#socket.uncork();
  };

  readonly #handleSent = (): void => {
    this.#queuedMessages -= 1;
    this.onDrain?.();
  };

  #handleMessage(data: Buffer, isBinary: boolean): void {
    if (!this.isOpen) return;
    if (isBinary) {
      if (this.onFrame) this.onFrame(data);
      else this.close(CloseCode.malformed, 'Nothing is read before the authentication.');
      return;
    }
    if (data.length > this.#limits.controlMessageMaxBytes) {
      this.close(CloseCode.tooLarge, 'This text message is too large.');
    } else if (this.#textRate.take('', this.#now)) {
      this.#events.onText(this, data.toString('utf8'));
    } else {
      this.#events.onControlFlood(this);
      this.close(CloseCode.tooManyAttempts, 'Too many messages in a short time.');
    }
  }

  /** ws has already begun to close, with the code that fits. */
  #handleError(error: Error): void {
    const name = errorCode(error);
    if (name.startsWith('WS_ERR')) this.#closeCode ??= PROTOCOL_ERRORS[name] ?? PROTOCOL_ERROR;
    this.#leave();
  }

  #leave(): void {
    if (!this.isOpen) return;
    this.phase = 'leaving';
    this.#events.onLeaving(this);
    this.onFrame = null;
    this.onDrain = null;
  }

  #handleGone(code: number): void {
    this.#leave();
    this.phase = 'gone';
    this.#events.onGone(this, this.#closeCode ?? code);
  }
}
