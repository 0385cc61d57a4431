/**
 * Reads one direction of a WebSocket connection as it passes by (RFC 6455): takes the mask off, which hides all that clients send
 * from anybody who merely looks at the bytes.
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const HEAD_MAX_BYTES = 64 * 1024;
const RESERVED_BITS = 0x70;
const MASKED_BIT = 0x80;
const LENGTH_BITS = 0x7f;

export class WebSocketTap {
  readonly #onBytes: (bytes: Uint8Array) => void;
  #pending: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #left = 0;
  #mask: Buffer | null = null;
  #maskAt = 0;
  /** Why the rest of this connection cannot be read; null while it can. */
  unreadable: string | null = null;

  /** `onBytes` gets the HTTP head, then the content of the frames. */
  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#onBytes = onBytes;
  }

  read(piece: Buffer): void {
    if (this.unreadable !== null) return;
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    if (!this.#isUpgraded && !this.#readHead()) return;
    while (this.#pending.length > 0 && this.#readFrame());
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf(HEAD_END);
    if (end < 0) {
      if (this.#pending.length > HEAD_MAX_BYTES) this.unreadable = 'there is no end of the HTTP head';
      return false;
    }
    this.#onBytes(this.#pending.subarray(0, end));
    this.#pending = this.#pending.subarray(end + HEAD_END.length);
    this.#isUpgraded = true;
    return true;
  }

  /** False if more bytes are needed. */
  #readFrame(): boolean {
    if (this.#left === 0) return this.#readFrameHeader();
    const content = this.#pending.subarray(0, this.#left);
    this.#pending = this.#pending.subarray(content.length);
    this.#left -= content.length;
    this.#onBytes(this.#unmask(content));
    return true;
  }

  #readFrameHeader(): boolean {
    const [first, second] = this.#pending;
    if (first === undefined || second === undefined) return false;
    if ((first & RESERVED_BITS) !== 0) {
      this.unreadable = 'a frame is compressed';
      return false;
    }
    const short = second & LENGTH_BITS;
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const maskBytes = (second & MASKED_BIT) === 0 ? 0 : 4;
    const headerBytes = 2 + lengthBytes + maskBytes;
    if (this.#pending.length < headerBytes) return false;
    if (lengthBytes === 8) this.#left = Number(this.#pending.readBigUInt64BE(2));
    else this.#left = lengthBytes === 2 ? this.#pending.readUInt16BE(2) : short;
    this.#mask = maskBytes === 0 ? null : Buffer.from(this.#pending.subarray(headerBytes - 4, headerBytes));
    this.#maskAt = 0;
    this.#pending = this.#pending.subarray(headerBytes);
    return true;
  }

  #unmask(content: Buffer): Buffer {
    const mask = this.#mask;
    if (!mask) return content;
    const plain = Buffer.allocUnsafe(content.length);
    for (let at = 0; at < content.length; at += 1) {
      plain[at] = (content[at] as number) ^ (mask[(this.#maskAt + at) & 3] as number);
    }
    this.#maskAt = (this.#maskAt + content.length) & 3;
    return plain;
  }
}
