/** Looks for texts in bytes that come piece by piece, as UTF-8 and as UTF-16 (little-endian), which is how V8 keeps strings. */

interface Needle {
  readonly text: string;
  readonly bytes: Buffer;
}

export class NeedleScanner {
  readonly #needles: readonly Needle[];
  readonly #overlap: number;
  readonly #found = new Map<string, number>();
  #tail: Buffer = Buffer.alloc(0);

  constructor(texts: readonly string[]) {
    this.#needles = texts.flatMap((text) => [
      { text, bytes: Buffer.from(text, 'utf8') },
      { text, bytes: Buffer.from(text, 'utf16le') },
    ]);
    this.#overlap = Math.max(0, ...this.#needles.map(({ bytes }) => bytes.length)) - 1;
  }

  /** How often a text was found so far. */
  count(text: string): number {
    return this.#found.get(text) ?? 0;
  }

  /** The next piece; what straddles two pieces is found too, once. */
  scan(piece: Uint8Array): void {
    const bytes = Buffer.concat([this.#tail, piece]);
    for (const needle of this.#needles) {
      // What lies whole in the tail was counted with the piece before.
      let at = bytes.indexOf(needle.bytes, Math.max(0, this.#tail.length - needle.bytes.length + 1));
      for (; at >= 0; at = bytes.indexOf(needle.bytes, at + 1)) {
        this.#found.set(needle.text, this.count(needle.text) + 1);
      }
    }
    this.#tail = bytes.subarray(Math.max(0, bytes.length - this.#overlap));
  }

  /** The next piece does not continue the one before. */
  interrupt(): void {
    this.#tail = Buffer.alloc(0);
  }
}
