/**
 * Frames of a channel, and the byte stream inside them.
 *
 * A frame is one type byte and its content. Transport frames carry, encrypted, a stream of messages: each is a length (u32, big-endian)
 * and that many bytes of UTF-8 JSON. The stream is cut into frames wherever that suits, so small messages share a frame and
 * large ones take several.
 */
import { type Bytes, concat, fromUtf8, utf8 } from './bytes.ts';
import { FRAME_PLAINTEXT_MAX_BYTES, MESSAGE_MAX_BYTES } from './limits.ts';

export const FrameType = { handshake1: 1, handshake2: 2, handshake3: 3, transport: 16 } as const;

const LENGTH_BYTES = 4;

export function encodeFrame(type: number, content: Uint8Array): Bytes {
  return concat(Uint8Array.of(type), content);
}

/** Turns messages into the byte stream, and takes it in pieces that fit a frame. */
export class MessageWriter {
  #parts: Bytes[] = [];
  #offset = 0;
  #bytes = 0;

  /** Bytes that were written and not yet taken. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** Throws `RangeError` if the message is larger than MESSAGE_MAX_BYTES as JSON. */
  write(message: unknown): void {
    this.writeJson(JSON.stringify(message));
  }

  /** As `write`, of a message that is JSON already. */
  writeJson(json: string): void {
    const body = utf8(json);
    if (body.length > MESSAGE_MAX_BYTES) throw new RangeError(`A message of ${body.length} bytes is over the limit.`);
    const header = new Uint8Array(LENGTH_BYTES);
    new DataView(header.buffer).setUint32(0, body.length);
    this.#parts.push(header, body);
    this.#bytes += LENGTH_BYTES + body.length;
  }

  /** The next piece of the stream, at most `limit` bytes; null if there is none. */
  take(limit = FRAME_PLAINTEXT_MAX_BYTES): Bytes | null {
    if (this.#bytes === 0) return null;
    const out = new Uint8Array(Math.min(limit, this.#bytes));
    let filled = 0;
    let used = 0;
    while (filled < out.length) {
      const part = this.#parts[used] as Bytes;
      const piece = part.subarray(this.#offset, this.#offset + out.length - filled);
      out.set(piece, filled);
      filled += piece.length;
      this.#offset += piece.length;
      if (this.#offset === part.length) {
        used += 1;
        this.#offset = 0;
      }
    }
    this.#parts.splice(0, used);
    this.#bytes -= out.length;
    return out;
  }
}

export class MalformedMessage extends Error {
  override name = 'MalformedMessage';
}

/** Puts messages together again from the pieces. Holds at most one unfinished message. */
export class MessageReader {
  readonly #header = new Uint8Array(LENGTH_BYTES);
  #headerFilled = 0;
  #body: Bytes | null = null;
  #bodyFilled = 0;

  /** The messages that `piece` completes. Throws `MalformedMessage`; after that the stream is useless. */
  read(piece: Uint8Array): unknown[] {
    const messages: unknown[] = [];
    let at = 0;
    while (at < piece.length) {
      if (!this.#body) {
        const part = piece.subarray(at, at + LENGTH_BYTES - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        at += part.length;
        if (this.#headerFilled < LENGTH_BYTES) break;
        const length = new DataView(this.#header.buffer).getUint32(0);
        if (length === 0 || length > MESSAGE_MAX_BYTES)
          throw new MalformedMessage(`A message of ${length} bytes is refused.`);
        this.#body = new Uint8Array(length);
        this.#bodyFilled = 0;
        this.#headerFilled = 0;
      }
      const part = piece.subarray(at, at + this.#body.length - this.#bodyFilled);
      this.#body.set(part, this.#bodyFilled);
      this.#bodyFilled += part.length;
      at += part.length;
      if (this.#bodyFilled < this.#body.length) break;
      messages.push(parseJson(this.#body));
      this.#body = null;
    }
    return messages;
  }
}

function parseJson(bytes: Bytes): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new MalformedMessage('A message is not JSON.', { cause });
  }
}
