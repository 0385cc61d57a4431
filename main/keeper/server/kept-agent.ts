/** One agent in the keeper's hands: its process, what it printed and nobody has taken yet, and how it ended. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AgentCommand, AgentProcess } from '#main/process/agent-process.ts';
import { startAgentProcess } from '#main/process/start-agent-process.ts';
import type { FromKeeper, KeptExit, KeptState } from '../wire/frames.ts';
import { Spool } from './spool.ts';

/** Marks of writes that are remembered. Those of a host that wait to be stored are fewer: one prompt, and an answer to each open question. */
export const MARKS_MAX = 64;
export const MARK_MAX_CHARS = 200;
/** Of output in one frame. */
const OUTPUT_FRAME_BYTES = 64 * 1024;
/** What an agent that is gone had printed is read until nothing came for this long; something else may hold its pipe open. */
const QUIET_AFTER_EXIT_MS = 500;
/** On a full disk, what was read is tried to be written again after this. */
const DISK_RETRY_MS = 1_000;
const EXIT_FILE = 'exit.json';

export interface KeptAgentOptions {
  readonly id: string;
  /** Its own; removed with it. */
  readonly folder: string;
  /** So many bytes are kept; beyond, no more is read from the agent until some are acknowledged. */
  readonly spoolMaxBytes: number;
  readonly tell: (message: FromKeeper, bytes?: Uint8Array) => void;
}

type Exited = Omit<KeptState, 'id' | 'exit'> & { exit: KeptExit };

export class KeptAgent {
  readonly #options: KeptAgentOptions;
  readonly #spool: Spool;
  readonly #process: AgentProcess | null;
  readonly #identity: Pick<KeptState, 'pid' | 'startTime'>;
  readonly #marks: string[] = [];
  #taken = 0;
  #exit: KeptExit | null = null;
  #aloneMs: number | null = null;
  /** Where the host is: what it was sent, and how far it wants to be sent. Null: it does not listen. */
  #listener: { sent: number; upTo: number } | null = null;
  #hasRoom: PromiseWithResolvers<void> | null = null;
  #lastReadAt = performance.now();
  /** Something was read that could not be spooled yet: for want of room, or on a full disk. */
  #isHolding = false;
  /** Why what was read cannot be spooled: the code of the failure. */
  #trouble: string | null = null;
  #isGone = false;
  #isForgotten = false;
  /** Settles when it is gone and its last words are spooled. */
  readonly ended: Promise<void>;

  private constructor(options: KeptAgentOptions, source: AgentProcess | Exited) {
    this.#options = options;
    if ('exit' in source) {
      this.#spool = new Spool(options.folder, source.exit.end);
      this.#spool.acknowledge(source.acknowledged);
      this.#process = null;
      this.#identity = { pid: source.pid, startTime: source.startTime };
      this.#taken = source.taken;
      this.#marks.push(...source.marks);
      this.#exit = source.exit;
      this.ended = Promise.resolve();
      return;
    }
    this.#spool = new Spool(options.folder);
    this.#process = source;
    this.#identity = { pid: source.pid, startTime: source.startTime };
    this.ended = this.#keep(source);
  }

  /** Rejects with `AgentStartError`. */
  static async start(options: KeptAgentOptions, command: AgentCommand): Promise<KeptAgent> {
    const process = await startAgentProcess(command);
    try {
      return new KeptAgent(options, process);
    } catch (error) {
      // Its folder could not be made.
      await process.stop();
      throw error;
    }
  }

  /** One that ended under a previous keeper and of whose end nobody has taken note; null if the folder does not tell. */
  static load(options: KeptAgentOptions): KeptAgent | null {
    try {
      return new KeptAgent(options, JSON.parse(readFileSync(join(options.folder, EXIT_FILE), 'utf8')) as Exited);
    } catch {
      return null;
    }
  }

  get isRunning(): boolean {
    return this.#exit === null;
  }

  get state(): KeptState {
    const { id } = this.#options;
    const { acknowledged } = this.#spool;
    return { id, ...this.#identity, acknowledged, taken: this.#taken, marks: [...this.#marks], exit: this.#exit };
  }

  /** From the first call on, the host is sent what comes after `from`, as far as `upTo`, and the exit after that. */
  read(from: number, upTo: number): void {
    if (this.#listener) this.#listener.upTo = Math.max(this.#listener.upTo, upTo);
    else {
      this.#listener = { sent: Math.max(from, this.#spool.acknowledged), upTo };
      if (this.#trouble !== null) this.#tellTrouble();
      if (this.#exit) this.#tellExit(this.#exit);
    }
    this.#send();
  }

  /** The host is gone: the next one says again from where it listens. */
  detach(): void {
    this.#listener = null;
  }

  acknowledge(offset: number): void {
    this.#spool.acknowledge(offset);
    if (this.#spool.kept < this.#options.spoolMaxBytes) this.#hasRoom?.resolve();
  }

  /** Takes what is for its stdin: from now on it counts as handed over, whatever becomes of the host. */
  write(number: number, mark: string | undefined, bytes: Uint8Array): void {
    const { id, tell } = this.#options;
    const refuse = (text: string) => tell({ type: 'not-written', id, number, text });
    if (this.#process === null || this.#exit) {
      refuse('The agent is gone.');
      return;
    }
    if (number !== this.#taken + 1) {
      refuse(`Write ${number} came after write ${this.#taken}.`);
      return;
    }
    this.#taken = number;
    if (mark !== undefined) this.#marks.push(mark.slice(0, MARK_MAX_CHARS));
    if (this.#marks.length > MARKS_MAX) this.#marks.shift();
    this.#process.write(bytes).then(
      () => tell({ type: 'written', id, number }),
      (error: unknown) => refuse(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Ends its whole process group, with deadlines. `aloneMs`: because no host came for so long. */
  async stop(aloneMs?: number): Promise<void> {
    if (aloneMs !== undefined) this.#aloneMs ??= aloneMs;
    await this.#process?.stop();
  }

  /** Nothing of it is needed any more. */
  forget(): void {
    this.#isForgotten = true;
    this.#hasRoom?.resolve();
    this.#spool.remove();
  }

  /** Lets go of its files; they stay for the next keeper. */
  close(): void {
    this.#spool.close();
  }

  async #keep(process: AgentProcess): Promise<void> {
    let isRead = false;
    const reading = this.#readAll(process).then(() => {
      isRead = true;
    });
    const exit = await process.exited;
    // What is left of its output is little, and nobody has to wait for a host to make room for it.
    this.#isGone = true;
    this.#hasRoom?.resolve();
    while (!isRead && !this.#isForgotten) {
      const isQuiet = !this.#isHolding && performance.now() - this.#lastReadAt > QUIET_AFTER_EXIT_MS;
      if (isQuiet) break;
      await Promise.race([reading, wait(QUIET_AFTER_EXIT_MS / 5)]);
    }
    this.#finish({
      ...exit,
      stderrTail: process.stderrTail(),
      end: this.#spool.end,
      ...(this.#aloneMs !== null && { aloneMs: this.#aloneMs }),
    });
  }

  async #readAll(process: AgentProcess): Promise<void> {
    const reader = process.stdout.getReader();
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
      this.#lastReadAt = performance.now();
      if (done || value === undefined || this.#exit) return;
      this.#isHolding = true;
      for (let rest = value; rest.length > 0 && !this.#isForgotten; ) rest = rest.subarray(await this.#spoolSome(rest));
      this.#isHolding = false;
      this.#lastReadAt = performance.now();
      if (this.#isForgotten) {
        await reader.cancel().catch(() => undefined);
        return;
      }
    }
  }

  async #spoolSome(bytes: Uint8Array): Promise<number> {
    if (this.#spool.kept >= this.#options.spoolMaxBytes && !this.#isGone) {
      this.#hasRoom = Promise.withResolvers();
      await this.#hasRoom.promise;
      this.#hasRoom = null;
      return 0;
    }
    const start = this.#spool.end;
    let length: number;
    try {
      length = this.#spool.append(bytes);
      this.#noteTrouble(null);
    } catch (error) {
      // Nothing is lost: the agent is not read from until there is space again.
      this.#noteTrouble((error as NodeJS.ErrnoException).code ?? 'unknown');
      await wait(DISK_RETRY_MS);
      return 0;
    }
    const { id, tell } = this.#options;
    const listener = this.#listener;
    if (listener?.sent === start && start + length <= listener.upTo) {
      listener.sent += length;
      tell({ type: 'output', id, offset: start }, bytes.subarray(0, length));
    } else this.#send();
    return length;
  }

  /** A host that listens is told, as an agent that is not read from stands still for no reason that anybody could see. */
  #noteTrouble(code: string | null): void {
    if (this.#trouble === code) return;
    this.#trouble = code;
    if (this.#listener) this.#tellTrouble();
  }

  #tellTrouble(): void {
    this.#options.tell({ type: 'trouble', id: this.#options.id, code: this.#trouble });
  }

  #send(): void {
    const listener = this.#listener;
    if (!listener) return;
    while (listener.sent < Math.min(listener.upTo, this.#spool.end)) {
      const bytes = this.#spool.read(listener.sent, Math.min(OUTPUT_FRAME_BYTES, listener.upTo - listener.sent));
      if (bytes.length === 0) return;
      const offset = listener.sent;
      listener.sent += bytes.length;
      this.#options.tell({ type: 'output', id: this.#options.id, offset }, bytes);
    }
  }

  #finish(exit: KeptExit): void {
    this.#exit = exit;
    if (this.#isForgotten) return;
    const { id: _, ...rest } = this.state;
    try {
      const file = join(this.#options.folder, EXIT_FILE);
      writeFileSync(`${file}.new`, JSON.stringify(rest), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // On a full disk, the next keeper does not know of it: then its session is found interrupted, as after a crash.
    }
    if (this.#listener) this.#tellExit(exit);
  }

  #tellExit(exit: KeptExit): void {
    this.#options.tell({ type: 'exit', id: this.#options.id, ...exit });
  }
}
