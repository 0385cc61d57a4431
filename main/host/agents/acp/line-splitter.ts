/** Splits bytes at newlines, keeping at most one unfinished line, and knows where in the whole stream each line stands. */

const NEWLINE = 0x0a;

export interface Line {
  /** Without its newline. */
  readonly bytes: Uint8Array;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset after its newline. */
  readonly end: number;
}

export class LineSplitter {
  readonly #maxBytes: number;
  readonly #tooLong: () => Error;
  #parts: Uint8Array[] = [];
  #length = 0;
  #start: number;

  constructor(offset: number, maxBytes: number, tooLong: () => Error) {
    this.#start = offset;
    this.#maxBytes = maxBytes;
    this.#tooLong = tooLong;
  }

  *push(bytes: Uint8Array): Generator<Line> {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#keep(bytes.subarray(start, end));
      start = end + 1;
      yield this.#take(1);
    }
    this.#keep(bytes.subarray(start));
  }

  /** What has come since the last newline: a line that nobody will finish any more. */
  rest(): Line {
    return this.#take(0);
  }

  #take(newline: number): Line {
    const bytes = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    const start = this.#start;
    this.#start += this.#length + newline;
    this.#parts = [];
    this.#length = 0;
    return { bytes, start, end: this.#start };
  }

  #keep(part: Uint8Array): void {
    this.#length += part.byteLength;
    if (this.#length > this.#maxBytes) {
      this.#parts = [];
      throw this.#tooLong();
    }
    if (part.byteLength > 0) this.#parts.push(part);
  }
}
