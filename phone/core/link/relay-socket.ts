/**
 * One socket to the relay: dials, proves who this device is, and carries frames to the host. Used once; after `dispose`, or after
 * `onEnd` was called, it calls nobody any more.
 */
import { unawaited } from '#lib/unawaited.ts';
import type { Bytes } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { AuthKeyPair } from '#protocol/keys.ts';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { answerChallenge, relaySocketUrl } from '#protocol/relay-auth.ts';
import { type DeviceToRelay, relayToDevice } from '#protocol/relay-messages.ts';
import type { Disposer, Environment } from '../environment.ts';
import { DIAL_TIMEOUT_MS } from '../limits.ts';
import type { MailboxPort, MailFromRelay } from './mailbox-port.ts';

export type RelayEnd =
  /** The relay could not be reached, or did not answer in time. */
  | { kind: 'unreachable' }
  /** `retryAfterMs`: what a restarting relay asked for; null if it asked for nothing. */
  | { kind: 'closed'; code: number; reason: string; retryAfterMs: number | null }
  | { kind: 'malformed'; text: string };

export interface RelaySocketOptions {
  readonly environment: Environment;
  readonly relayOrigin: string;
  readonly role: 'device' | 'pairing';
  readonly hostId: string;
  /** The device's id, or the pairing id. */
  readonly id: string;
  readonly keys: AuthKeyPair;
  /** The relay knows who this is. `since` is by the relay's clock. */
  onReady(host: 'online' | 'offline', since: number | null): void;
  /** The relay answered a `ping`; `hostSilentMs`: since it heard the host, null if that is not connected. */
  onPong?(hostSilentMs: number | null): void;
  /** There is a fresh way to the host: begin a handshake. */
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  /** The way to the host is gone; the socket stays. */
  onClosed(code: number, reason: string): void;
  onEnd(end: RelayEnd): void;
}

export class RelaySocket {
  readonly #options: RelaySocketOptions;
  readonly #socket: WebSocket;
  readonly #listening = new AbortController();
  #stopTimer: Disposer;
  #hasSpoken = false;
  #hasPings = false;
  #hasMailbox = false;
  /** Of the mailbox that was opened last. */
  #mailListener: (message: MailFromRelay) => void = () => {};
  #pings = 0;
  #retryAfterMs: number | null = null;
  #isOver = false;

  constructor(options: RelaySocketOptions) {
    this.#options = options;
    this.#stopTimer = options.environment.after(DIAL_TIMEOUT_MS, () => this.#end({ kind: 'unreachable' }));
    this.#socket = options.environment.openSocket(relaySocketUrl(options.relayOrigin));
    this.#socket.binaryType = 'arraybuffer';
    const { signal } = this.#listening;
    this.#socket.addEventListener('message', (event) => this.#handleMessage(event.data), { signal });
    this.#socket.addEventListener('close', (event) => this.#handleClose(event.code, event.reason), { signal });
  }

  /** Does nothing once the socket is over. */
  sendFrame(frame: Bytes): void {
    if (!this.#isOver && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Asks the relay for a fresh way to the host; `onOpen` follows. */
  reopen(): void {
    this.#send({ type: 'reopen' });
  }

  /** Asks the relay itself for a sign of life. False if it is not known to answer such a question. */
  ping(): boolean {
    if (!this.#hasPings) return false;
    this.#pings += 1;
    this.#send({ type: 'ping', id: this.#pings });
    return true;
  }

  /**
   * The mailbox, for letters while the host is away; null if the relay keeps none. Each call opens it afresh, and one that was opened
   * before hears nothing more. It does nothing once the socket is over.
   */
  openMailbox(): MailboxPort | null {
    this.#mailListener = () => {};
    if (!this.#hasMailbox) return null;
    return {
      send: (message) => this.#send(message),
      sendFrame: (bytes) => this.sendFrame(bytes),
      listen: (listener) => {
        this.#mailListener = listener;
      },
    };
  }

  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#listening.abort();
    this.#socket.close();
  }

  #handleMessage(data: unknown): void {
    if (this.#isOver) return;
    if (data instanceof ArrayBuffer) {
      if (data.byteLength > RELAY_FRAME_MAX_BYTES)
        this.#end({ kind: 'malformed', text: 'The relay sent too large a frame.' });
      else this.#options.onFrame(new Uint8Array(data));
      return;
    }
    const message = relayToDevice.safeParse(parseJson(data));
    if (!message.success) {
      this.#end({ kind: 'malformed', text: 'The relay sent something that is no message.' });
      return;
    }
    this.#hasSpoken = true;
    switch (message.data.type) {
      case 'challenge':
        unawaited(this.#prove(message.data.nonce), 'sign in at the relay');
        break;
      case 'ready':
        this.#stopTimer();
        this.#hasPings = message.data.pings ?? false;
        this.#hasMailbox = message.data.mailbox ?? false;
        this.#options.onReady(message.data.host, message.data.since);
        break;
      case 'open':
        this.#options.onOpen();
        break;
      case 'pong':
        this.#options.onPong?.(message.data.hostSilentMs);
        break;
      case 'closed':
        this.#options.onClosed(message.data.code, message.data.reason);
        break;
      case 'restarting':
        this.#retryAfterMs = Math.max(0, message.data.retryAfterMs);
        break;
      default:
        this.#mailListener(message.data);
    }
  }

  async #prove(nonce: string): Promise<void> {
    try {
      this.#send(await answerChallenge({ ...this.#options, nonce }));
    } catch (error) {
      this.#end({ kind: 'malformed', text: `The relay's challenge could not be answered: ${String(error)}` });
    }
  }

  #handleClose(code: number, reason: string): void {
    const isFromRelay = this.#hasSpoken || code === CloseCode.restarting || code >= 4000;
    this.#end(
      isFromRelay ? { kind: 'closed', code, reason, retryAfterMs: this.#retryAfterMs } : { kind: 'unreachable' },
    );
  }

  #send(message: DeviceToRelay): void {
    if (!this.#isOver && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #end(end: RelayEnd): void {
    if (this.#isOver) return;
    this.dispose();
    this.#options.onEnd(end);
  }
}

function parseJson(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : null;
  } catch {
    return null;
  }
}
