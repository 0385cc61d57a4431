/** Small clients of a relay for tests: a host, a device, somebody with a pairing code. They speak the contract and nothing more. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { toBase64Url } from '#protocol/bytes.ts';
import { type AuthKeyPair, generateAuthKeys, keyId } from '#protocol/keys.ts';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { answerChallenge, relaySocketUrl } from '#protocol/relay-auth.ts';
import {
  decodeBridgeFrame,
  encodeBridgeFrame,
  type RelayRole,
  type RelayToDevice,
  type RelayToHost,
} from '#protocol/relay-messages.ts';

export type RelayMessage = RelayToHost | RelayToDevice;
type MessageType = RelayMessage['type'];
type MessageOf<T extends MessageType> = Extract<RelayMessage, { type: T }>;

/** Keys and the id that follows from them; the same for a host and a device. */
export interface RelayIdentity {
  readonly id: string;
  readonly keys: AuthKeyPair;
  /** SPKI, base64url, as it stands in an admission list. */
  readonly key: string;
}

export async function createIdentity(): Promise<RelayIdentity> {
  const keys = await generateAuthKeys(false);
  return { id: await keyId(keys.publicKey), keys, key: toBase64Url(keys.publicKey) };
}

/** 32 random bytes as a pairing id. */
export function createPairId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

export interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** False: does not answer pings, as if frozen. */
  readonly autoPong?: boolean;
}

/** A socket whose messages wait until they are asked for. A wait fails when the socket closes. */
export class RelaySocket {
  readonly webSocket: WebSocket;
  /** The close code, once closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #texts: RelayMessage[] = [];
  readonly #frames: Buffer[] = [];
  readonly #waiters = new Set<() => void>();
  #closedWith: { code: number; reason: string } | null = null;

  constructor(origin: string, options: SocketOptions = {}) {
    this.webSocket = new WebSocket(relaySocketUrl(origin), {
      perMessageDeflate: false,
      maxPayload: RELAY_FRAME_MAX_BYTES,
      autoPong: options.autoPong ?? true,
      headers: { ...options.headers },
    });
    this.webSocket.on('message', (data, isBinary) => {
      if (isBinary) this.#frames.push(data as Buffer);
      else this.#texts.push(JSON.parse((data as Buffer).toString()) as RelayMessage);
      this.#wake();
    });
    this.webSocket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.webSocket.on('close', (code, reason) => {
        this.#closedWith = { code, reason: reason.toString() };
        this.#wake();
        resolve(this.#closedWith);
      });
    });
  }

  /** The next text message, which must be of this type. */
  async expect<T extends MessageType>(type: T): Promise<MessageOf<T>> {
    const message = await this.next();
    if (message.type !== type) throw new Error(`Expected "${type}" from the relay, got ${JSON.stringify(message)}`);
    return message as MessageOf<T>;
  }

  next(): Promise<RelayMessage> {
    return this.#take(this.#texts);
  }

  nextFrame(): Promise<Buffer> {
    return this.#take(this.#frames);
  }

  /** Text messages that came and were not asked for. */
  get waiting(): readonly RelayMessage[] {
    return this.#texts;
  }

  get waitingFrames(): readonly Buffer[] {
    return this.#frames;
  }

  say(message: unknown): void {
    this.webSocket.send(JSON.stringify(message));
  }

  sendFrame(frame: Uint8Array): void {
    this.webSocket.send(frame);
  }

  async close(): Promise<void> {
    if (this.webSocket.readyState === WebSocket.CONNECTING) await once(this.webSocket, 'open').catch(() => {});
    this.webSocket.close();
    await this.closed;
  }

  /** Cuts the connection as a lost network does. */
  async cut(): Promise<void> {
    this.webSocket.terminate();
    await this.closed;
  }

  async #take<T>(queue: T[]): Promise<T> {
    while (queue.length === 0) {
      if (this.#closedWith) throw new Error(`The relay closed the socket: ${JSON.stringify(this.#closedWith)}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
    return queue.shift() as T;
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}

export interface AuthenticateOptions extends SocketOptions {
  readonly role: RelayRole;
  readonly hostId: string;
  readonly id: string;
  readonly keys: AuthKeyPair;
  /** The origin that is signed for, if not the one that is dialled. */
  readonly signFor?: string;
}

/** Connects and answers the challenge; does not wait for `ready`. */
export async function dial(origin: string, options: AuthenticateOptions): Promise<RelaySocket> {
  const socket = new RelaySocket(origin, options);
  await answer(socket, origin, options);
  return socket;
}

/** Answers the next challenge on a socket. */
export async function answer(socket: RelaySocket, origin: string, options: AuthenticateOptions): Promise<void> {
  const { nonce } = await socket.expect('challenge');
  const { role, hostId, id, keys } = options;
  socket.say(await answerChallenge({ role, hostId, id, keys, relayOrigin: options.signFor ?? origin, nonce }));
}

/** A host's link. */
export class HostClient {
  readonly socket: RelaySocket;
  readonly identity: RelayIdentity;

  constructor(socket: RelaySocket, identity: RelayIdentity) {
    this.socket = socket;
    this.identity = identity;
  }

  get hostId(): string {
    return this.identity.id;
  }

  /** Pushes the whole list and waits for the relay's word that it has it. */
  async admit(...devices: readonly RelayIdentity[]): Promise<void> {
    this.socket.say({ type: 'admit', devices: devices.map(({ id, key }) => ({ id, key })) });
    await this.socket.expect('admitted');
  }

  async openPairing(pairId = createPairId()): Promise<string> {
    this.socket.say({ type: 'pair.open', pairId });
    await this.socket.expect('pair.opened');
    return pairId;
  }

  /** The number of the channel that is opened next. */
  async nextChannel(): Promise<number> {
    return (await this.socket.expect('channel.open')).channel;
  }

  send(channel: number, frame: Uint8Array): void {
    this.socket.sendFrame(encodeBridgeFrame(channel, frame));
  }

  async nextFrame(): Promise<{ channel: number; frame: Uint8Array }> {
    const decoded = decodeBridgeFrame(await this.socket.nextFrame());
    if (!decoded) throw new Error('The relay sent a frame without a channel.');
    return decoded;
  }
}

export async function connectHost(
  origin: string,
  identity?: RelayIdentity,
  options: SocketOptions = {},
): Promise<HostClient> {
  const own = identity ?? (await createIdentity());
  const socket = await dial(origin, { role: 'host', hostId: own.id, id: own.id, keys: own.keys, ...options });
  await socket.expect('ready');
  return new HostClient(socket, own);
}

/** A device that is on the host's list; resolves after `ready`. */
export async function connectDevice(
  origin: string,
  hostId: string,
  device: RelayIdentity,
  options: SocketOptions = {},
): Promise<RelaySocket> {
  const socket = await dial(origin, { role: 'device', hostId, id: device.id, keys: device.keys, ...options });
  await socket.expect('ready');
  return socket;
}

/** Somebody with a pairing code; resolves after `ready`. */
export async function connectPairing(origin: string, hostId: string, pairId: string): Promise<RelaySocket> {
  const keys = await generateAuthKeys(false);
  const socket = await dial(origin, { role: 'pairing', hostId, id: pairId, keys });
  await socket.expect('ready');
  return socket;
}
