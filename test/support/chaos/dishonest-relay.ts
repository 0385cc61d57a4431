/**
 * A relay that lets a host in as it should and then does as it likes: opens whatever channels it wants, under whatever name, and puts
 * any bytes into them. It has what a real relay has, and no key of anybody.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { RELAY_SOCKET_PATH } from '#protocol/relay-auth.ts';
import {
  decodeBridgeFrame,
  encodeBridgeFrame,
  type HostToRelay,
  hostToRelay,
  MAIL_CHANNEL,
  type RelayToHost,
} from '#protocol/relay-messages.ts';
import { Watched } from './watched.ts';

/** One channel as this relay sees it. */
export class ForgedChannel {
  readonly number: number;
  readonly #relay: DishonestRelay;
  /** What the host sent into it. */
  readonly frames: Buffer[] = [];
  /** With what the host closed it. */
  closed: { readonly code: number; readonly reason: string } | null = null;
  /** Gets each frame of the host. */
  onFrame: (frame: Buffer) => void = () => {};

  constructor(number: number, relay: DishonestRelay) {
    this.number = number;
    this.#relay = relay;
  }

  send(frame: Uint8Array): void {
    this.#relay.sendBytes(encodeBridgeFrame(this.number, frame));
  }

  /** Resolves with the code once the host has closed it. */
  async untilClosed(): Promise<number> {
    await this.#relay.watched.until('the host to close the channel', () => this.closed !== null);
    return this.closed?.code ?? 0;
  }
}

export class DishonestRelay {
  /** What waits for something here looks again whenever the host has said something. */
  readonly watched = new Watched();
  /** Everything the host said in the clear. */
  readonly heard: HostToRelay[] = [];
  /** Times a host connected. */
  connections = 0;
  readonly #server: WebSocketServer;
  readonly #channels = new Map<number, ForgedChannel>();
  #host: WebSocket | null = null;
  #lastChannel = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#welcome(socket));
  }

  static async start(): Promise<DishonestRelay> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      path: RELAY_SOCKET_PATH,
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      server.on('listening', resolve);
      server.on('error', reject);
    });
    return new DishonestRelay(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get isHostHere(): boolean {
    return this.#host !== null;
  }

  /** Whom the host wants admitted, by its latest word; null before its first. */
  get admitted(): readonly string[] | null {
    const last = this.heard.findLast((message) => message.type === 'admit');
    return last ? last.devices.map(({ id }) => id) : null;
  }

  /** Pairing ids that the host has announced, oldest first. */
  get pairIds(): readonly string[] {
    return this.heard.flatMap((message) => (message.type === 'pair.open' ? [message.pairId] : []));
  }

  /** Tells the host that somebody is there. */
  open(role: 'device' | 'pairing', id: string): ForgedChannel {
    this.#lastChannel += 1;
    const channel = new ForgedChannel(this.#lastChannel, this);
    this.#channels.set(channel.number, channel);
    this.say({ type: 'channel.open', channel: channel.number, role, id });
    return channel;
  }

  /** Tells the host that nobody is there any more. */
  closeAll(): void {
    for (const { number, closed } of this.#channels.values()) {
      if (closed === null) this.say({ type: 'channel.closed', channel: number });
    }
    this.#channels.clear();
  }

  say(message: RelayToHost): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#host?.send(text);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#host?.send(bytes, { binary: true });
  }

  /** Resolves when the host has heard this relay once more. */
  async untilHeard(): Promise<void> {
    const host = this.#host;
    if (!host) return await this.untilHost();
    const heard = new Promise<unknown>((resolve) => host.once('pong', resolve).once('close', resolve));
    host.ping();
    await heard;
  }

  /** Cuts the host's connection; it comes again. */
  cut(): void {
    this.#host?.terminate();
  }

  /** How often the host has asked for letters. */
  get asked(): number {
    return this.heard.filter(({ type }) => type === 'mail.take').length;
  }

  /** The ids that the host said it has, of all letters so far. */
  get confirmed(): readonly string[] {
    return this.heard.flatMap((message) => (message.type === 'mail.take' ? message.taken : []));
  }

  /** Puts bytes into the mailbox's channel as a letter of that device, whether they are one or not. */
  handLetter(letter: { readonly id: string; readonly device: string; readonly bytes: Uint8Array }): void {
    const { id, device, bytes } = letter;
    this.say({ type: 'mail.letter', letter: id, device, bytes: bytes.length });
    for (let at = 0; at < bytes.length; at += 50_000) {
      this.sendBytes(encodeBridgeFrame(MAIL_CHANNEL, bytes.subarray(at, at + 50_000)));
    }
  }

  /** Resolves when the host is connected and ready, once more often than `connections` if that is given. */
  async untilHost(after = 0): Promise<void> {
    await this.watched.until('the host to connect', () => this.isHostHere && this.connections > after);
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #welcome(socket: WebSocket): void {
    socket.on('error', () => {}); // A close follows.
    socket.on('close', () => {
      if (this.#host === socket) this.#host = null;
      this.watched.look();
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#takeFrame(data);
      else this.#takeText(socket, data.toString());
      this.watched.look();
    });
    socket.send(
      JSON.stringify({ type: 'challenge', nonce: randomBytes(32).toString('base64url') } satisfies RelayToHost),
    );
  }

  #takeText(socket: WebSocket, text: string): void {
    const message = hostToRelay.parse(JSON.parse(text));
    this.heard.push(message);
    if (message.type === 'auth' && this.#host !== socket) {
      this.#host = socket;
      this.#channels.clear();
      this.connections += 1;
      this.say({ type: 'ready', mailbox: true });
    } else if (message.type === 'admit') this.say({ type: 'admitted', count: message.devices.length });
    else if (message.type === 'channel.close') {
      const { channel, code, reason } = message;
      const closed = this.#channels.get(channel);
      if (closed) closed.closed ??= { code, reason };
    }
  }

  #takeFrame(data: Buffer): void {
    const bridged = decodeBridgeFrame(data);
    const channel = bridged && this.#channels.get(bridged.channel);
    if (!bridged || !channel) return;
    const frame = Buffer.from(bridged.frame);
    channel.frames.push(frame);
    channel.onFrame(frame);
  }
}
