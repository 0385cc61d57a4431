/**
 * What one agent has printed and nobody has acknowledged yet, on disk: one file per stretch of output, named by the offset of its
 * first byte. What was acknowledged is removed, a whole stretch at a time. Nothing is flushed to the disk itself: if the machine
 * fails, the agent fails with it.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A stretch that is longer than this is closed, and a new one begun. */
export const STRETCH_BYTES = 4 * 1024 * 1024;
/** Once all of it is acknowledged, a stretch above this is given up at once. */
const KEPT_WHEN_DONE_BYTES = 256 * 1024;

interface Stretch {
  readonly start: number;
  length: number;
  readonly path: string;
}

export class Spool {
  readonly #folder: string;
  readonly #stretchBytes: number;
  readonly #stretches: Stretch[] = [];
  #file: number | null = null;
  /** For reading: the stretch that was read last stays open. */
  #reading: { stretch: Stretch; file: number } | null = null;
  #acknowledged = 0;
  #end = 0;

  /** Makes the folder, or takes over the stretches that are in it; `begin`: where the output goes on if there are none. */
  constructor(folder: string, begin = 0, stretchBytes: number = STRETCH_BYTES) {
    this.#folder = folder;
    this.#stretchBytes = stretchBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const starts = readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
    for (const start of starts) {
      const path = join(folder, String(start));
      this.#stretches.push({ start, length: statSync(path).size, path });
    }
    const last = this.#stretches.at(-1);
    this.#end = last ? last.start + last.length : begin;
    this.#acknowledged = this.#stretches[0]?.start ?? begin;
  }

  /** The offset after the last byte. */
  get end(): number {
    return this.#end;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Bytes that nobody has acknowledged. */
  get kept(): number {
    return this.#end - this.#acknowledged;
  }

  /** Appends as much as can be written, and says how much that was; throws if it was nothing, as on a full disk. */
  append(bytes: Uint8Array): number {
    const stretch = this.#openStretch();
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#file as number, bytes, done, bytes.length - done);
    } catch (error) {
      if (done === 0) throw error;
    }
    stretch.length += done;
    this.#end += done;
    return done;
  }

  /** Up to `limit` bytes from `offset` on; empty at the end. Throws for what was acknowledged before. */
  read(offset: number, limit: number): Buffer {
    if (offset < this.#acknowledged) throw new RangeError(`The output before ${this.#acknowledged} is gone.`);
    const stretch = this.#stretches.findLast(({ start }) => start <= offset);
    const wanted = stretch === undefined ? 0 : Math.min(limit, stretch.start + stretch.length - offset);
    if (stretch === undefined || wanted <= 0) return Buffer.alloc(0);
    if (this.#reading?.stretch !== stretch) {
      this.#closeReading();
      this.#reading = { stretch, file: openSync(stretch.path, 'r') };
    }
    const buffer = Buffer.allocUnsafe(wanted);
    const length = readSync(this.#reading.file, buffer, 0, wanted, offset - stretch.start);
    return buffer.subarray(0, length);
  }

  /** What was printed before this offset is not needed any more. */
  acknowledge(offset: number): void {
    if (offset <= this.#acknowledged) return;
    this.#acknowledged = Math.min(offset, this.#end);
    while (this.#stretches.length > 0) {
      const [first] = this.#stretches as [Stretch];
      const isDone = first.start + first.length <= this.#acknowledged;
      const isLast = this.#stretches.length === 1;
      if (!isDone || (isLast && first.length <= KEPT_WHEN_DONE_BYTES)) return;
      if (this.#reading?.stretch === first) this.#closeReading();
      if (isLast) this.#closeWriting();
      this.#stretches.shift();
      rmSync(first.path, { force: true });
    }
  }

  /** Lets go of the files; they stay. */
  close(): void {
    this.#closeReading();
    this.#closeWriting();
  }

  remove(): void {
    this.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openStretch(): Stretch {
    const last = this.#stretches.at(-1);
    if (last && this.#file !== null && last.length < this.#stretchBytes) return last;
    this.#closeWriting();
    const path = join(this.#folder, String(this.#end));
    this.#file = openSync(path, 'a', 0o600);
    // A stretch of that name holds nothing yet: its first write failed.
    const stretch = last?.start === this.#end ? last : { start: this.#end, length: 0, path };
    if (stretch !== last) this.#stretches.push(stretch);
    return stretch;
  }

  #closeWriting(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #closeReading(): void {
    if (this.#reading) closeSync(this.#reading.file);
    this.#reading = null;
  }
}
