/**
 * A WebSocket client that costs next to nothing, so that what it talks to is the one that is busy: frames are encoded once and sent
 * again and again, and of what comes only the headers are read. RFC 6455; text and binary messages in one fragment, as `ws` sends them.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const OPCODE = { text: 1, binary: 2, ping: 9, pong: 10 } as const;
const MASK = Uint8Array.of(0x5a, 0xc3, 0x99, 0x0f);
const HANDSHAKE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A message as a client sends it, masked. */
export function encodeClientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(header + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header === 4) frame.writeUInt16BE(length, 2);
  if (header === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(MASK, header);
  for (let at = 0; at < length; at += 1) {
    frame[header + 4 + at] = (payload[at] as number) ^ (MASK[at & 3] as number);
  }
  return frame;
}

export function encodeBinary(payload: Uint8Array): Buffer {
  return encodeClientFrame(OPCODE.binary, payload);
}

export class RawSocket {
  readonly #socket: Socket;
  /** Binary messages received so far. */
  received = 0;
  onReceived: () => void = () => {};
  readonly #texts: string[] = [];
  #wake: () => void = () => {};
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the current payload that are still to come and of no interest. */
  #skip = 0;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => this.#read(data));
    socket.on('error', () => {}); // A close always follows.
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Resolves once the connection is a WebSocket. */
  static async open(port: number, path: string): Promise<RawSocket> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    socket.setNoDelay(true);
    const head = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${HANDSHAKE_KEY}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    let answer = Buffer.alloc(0);
    while (!answer.includes('\r\n\r\n')) {
      const [data] = (await once(socket, 'data')) as [Buffer];
      answer = Buffer.concat([answer, data]);
    }
    if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) {
      throw new Error(`Refused: ${answer.toString('latin1').split('\r\n')[0]}`);
    }
    const raw = new RawSocket(socket);
    raw.#read(answer.subarray(answer.indexOf('\r\n\r\n') + 4));
    return raw;
  }

  /** Bytes that were encoded before, one frame or many. False: the system has enough for now. */
  write(frames: Uint8Array): boolean {
    return this.#socket.write(frames);
  }

  say(message: unknown): void {
    this.#socket.write(encodeClientFrame(OPCODE.text, Buffer.from(JSON.stringify(message))));
  }

  /** The next text message, which must be of this type. */
  async expect<T>(type: string): Promise<T> {
    while (this.#texts.length === 0) {
      if (this.#isClosed) throw new Error(`The connection was closed before "${type}" came.`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = JSON.parse(this.#texts.shift() as string);
    if (message.type !== type) throw new Error(`Expected "${type}", got ${JSON.stringify(message)}`);
    return message as T;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  cut(): void {
    this.#socket.destroy();
  }

  #read(data: Buffer): void {
    let at = 0;
    let chunk = data;
    if (this.#rest.length > 0) {
      chunk = Buffer.concat([this.#rest, data]);
      this.#rest = Buffer.alloc(0);
    }
    const before = this.received;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
        if (this.#skip === 0) this.received += 1;
        continue;
      }
      const frame = readHeader(chunk, at);
      const isWhole = frame !== null && at + frame.header + frame.length <= chunk.length;
      if (!frame || (frame.opcode !== OPCODE.binary && !isWhole)) {
        this.#rest = chunk.subarray(at);
        break;
      }
      at += frame.header;
      if (frame.opcode === OPCODE.binary) {
        this.#skip = frame.length;
        continue;
      }
      const payload = chunk.subarray(at, at + frame.length);
      at += frame.length;
      if (frame.opcode === OPCODE.text) {
        this.#texts.push(payload.toString('utf8'));
        this.#wake();
      } else if (frame.opcode === OPCODE.ping) this.#socket.write(encodeClientFrame(OPCODE.pong, payload));
    }
    if (this.received !== before) this.onReceived();
  }
}

/** Null if not all of the header is there. */
function readHeader(chunk: Buffer, at: number): { opcode: number; header: number; length: number } | null {
  if (chunk.length - at < 2) return null;
  const short = (chunk[at + 1] as number) & 0x7f;
  const header = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (chunk.length - at < header) return null;
  const length =
    short === 126 ? chunk.readUInt16BE(at + 2) : short === 127 ? Number(chunk.readBigUInt64BE(at + 2)) : short;
  return { opcode: (chunk[at] as number) & 0x0f, header, length };
}
