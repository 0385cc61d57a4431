/**
 * What host and keeper say to each other over the local socket. A frame is: length of all that follows (u32, big-endian), length of
 * the header (u32), the header as JSON, and bytes that belong to it. Messages only grow; a keeper outlives the host that started it.
 */

/** Changes only when an older side could not live with it any more; see `main/keeper/README.md`. */
export const KEEPER_PROTOCOL = 1;
/** A prompt with everything attached to it, or an environment. */
export const FRAME_MAX_BYTES = 32 * 1024 * 1024;
/** Before the other side has proven who it is, nothing longer is listened to. */
export const GREETING_MAX_BYTES = 4 * 1024;

/** How an agent that is kept came to its end. */
export interface KeptExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  /** So many bytes it had printed in all. */
  readonly end: number;
  /** Ended by the keeper, because no host came for so long; absent if it ended otherwise. */
  readonly aloneMs?: number;
}

/** One agent as the keeper knows it. */
export interface KeptState {
  readonly id: string;
  readonly pid: number;
  readonly startTime: string | null;
  /** What it printed before this offset was acknowledged and is gone. */
  readonly acknowledged: number;
  /** Number of the last write that was taken for its stdin. */
  readonly taken: number;
  /** The marks of the last writes that had one, oldest first. */
  readonly marks: readonly string[];
  /** Null while it runs. */
  readonly exit: KeptExit | null;
}

export type FromKeeper =
  | { type: 'hello'; protocol: number; version: string; nonce: string }
  | { type: 'welcome'; proof: string; agents: KeptState[] }
  | { type: 'started'; id: string; pid: number; startTime: string | null }
  /** It was not started, in words for a person. */
  | { type: 'not-started'; id: string; text: string; hint?: string }
  /** With the bytes that the agent printed from `offset` on. */
  | { type: 'output'; id: string; offset: number }
  | { type: 'written'; id: string; number: number }
  | { type: 'not-written'; id: string; number: number; text: string }
  | ({ type: 'exit'; id: string } & KeptExit)
  | { type: 'stopped'; id: string }
  /** What it prints cannot be spooled, and it is not read from meanwhile: the system's code, such as ENOSPC. Null: it can be again. */
  | { type: 'trouble'; id: string; code: string | null };

export type ToKeeper =
  | { type: 'prove'; nonce: string; proof: string }
  /** With `{file, args, env, cwd}` as JSON: an environment is too long for a header, and no business of a log. */
  | { type: 'start'; id: string }
  /** Send what the agent prints from `from` on (only the first time), up to `upTo`. */
  | { type: 'read'; id: string; from: number; upTo: number }
  /** What was printed before `offset` is safe elsewhere. */
  | { type: 'acknowledge'; id: string; offset: number }
  /** With the bytes. `number` counts the writes of an agent from 1; `mark` is told to anyone who connects next. */
  | { type: 'write'; id: string; number: number; mark?: string }
  | { type: 'stop'; id: string }
  /** Its end was taken note of. */
  | { type: 'forget'; id: string }
  /** How long agents may be left without a host. */
  | { type: 'limits'; aloneMs: number }
  /** The host goes; without agents there is nothing to wait for. */
  | { type: 'bye' };

export interface Frame {
  readonly header: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly bytes: Buffer;
}

export function encodeFrame(header: FromKeeper | ToKeeper, bytes: Uint8Array = new Uint8Array(0)): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const frame = Buffer.allocUnsafe(8 + text.length + bytes.length);
  frame.writeUInt32BE(4 + text.length + bytes.length, 0);
  frame.writeUInt32BE(text.length, 4);
  text.copy(frame, 8);
  frame.set(bytes, 8 + text.length);
  return frame;
}

/** Cuts a stream of bytes into frames. Throws at the first thing that is none; then nothing more can be read. */
export class FrameReader {
  /** Raised once the other side has proven who it is. */
  maxBytes = GREETING_MAX_BYTES;
  #parts: Buffer[] = [];
  #length = 0;

  *push(chunk: Buffer): Generator<Frame> {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    for (;;) {
      if (this.#length < 4) return;
      const size = this.#peek(4).readUInt32BE(0);
      if (size < 4 || size > this.maxBytes) throw new Error(`A frame of ${size} bytes is none.`);
      if (this.#length < 4 + size) return;
      const frame = parseFrame(this.#take(4 + size).subarray(4));
      yield frame;
    }
  }

  #peek(bytes: number): Buffer {
    if ((this.#parts[0]?.length ?? 0) < bytes) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] as Buffer;
  }

  #take(bytes: number): Buffer {
    const first = this.#peek(bytes);
    const rest = first.subarray(bytes);
    this.#parts[0] = rest;
    if (rest.length === 0) this.#parts.shift();
    this.#length -= bytes;
    return first.subarray(0, bytes);
  }
}

function parseFrame(frame: Buffer): Frame {
  const headerLength = frame.readUInt32BE(0);
  if (headerLength > frame.length - 4) throw new Error('A frame ends before its header does.');
  const header: unknown = JSON.parse(frame.subarray(4, 4 + headerLength).toString('utf8'));
  if (typeof header !== 'object' || header === null || typeof (header as { type?: unknown }).type !== 'string') {
    throw new Error('A frame has a header that is none.');
  }
  return { header: header as Frame['header'], bytes: frame.subarray(4 + headerLength) };
}
