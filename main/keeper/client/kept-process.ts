/** An agent that runs under the keeper, as the rest of Baton sees it: the same as one that does not. */

import { type AgentExit, type AgentProcess, HandOverUnknown, type KeptSide } from '#main/process/agent-process.ts';
import type { FromKeeper, KeptExit, KeptState, ToKeeper } from '../wire/frames.ts';

/** So much output may be on its way from the keeper, or wait here to be read. */
export const OUTPUT_WINDOW_BYTES = 1024 * 1024;

interface PendingWrite {
  resolve(): void;
  reject(error: Error): void;
}

export interface KeptProcessOptions {
  readonly state: Pick<KeptState, 'id' | 'pid' | 'startTime' | 'taken' | 'marks'>;
  /** Where this host begins to read. */
  readonly from: number;
  readonly send: (message: ToKeeper, bytes?: Uint8Array) => void;
  /** Nothing is to be heard of it any more. */
  readonly onForgotten: () => void;
  /** Ends what is left of it when there is no keeper any more. */
  readonly endOrphan: () => Promise<unknown>;
}

export class KeptProcess implements AgentProcess {
  readonly pid: number;
  readonly startTime: string | null;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly exited: Promise<AgentExit>;
  readonly kept: KeptSide;
  readonly #options: KeptProcessOptions;
  readonly #id: string;
  readonly #exited = Promise.withResolvers<AgentExit>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #writes = new Map<number, PendingWrite>();
  #lastWrite: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #received: number;
  #granted = 0;
  #exit: KeptExit | null = null;
  #isDeaf = false;
  #isLost = false;
  #stopping: Promise<void> | null = null;

  constructor(options: KeptProcessOptions) {
    const { state, from, send, onForgotten } = options;
    this.#options = options;
    this.#id = state.id;
    this.pid = state.pid;
    this.startTime = state.startTime;
    this.#received = from;
    this.#lastWrite = state.taken;
    this.exited = this.#exited.promise;
    this.stdout = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#grant(),
        cancel: () => this.#stopListening(),
      },
      { highWaterMark: 1 },
    );
    this.kept = {
      id: state.id,
      offset: from,
      marks: new Set(state.marks),
      acknowledge: (offset) => send({ type: 'acknowledge', id: state.id, offset }),
      forget: () => {
        send({ type: 'forget', id: state.id });
        onForgotten();
      },
      detach: () => {
        this.#stopListening();
        onForgotten();
      },
    };
  }

  stderrTail(): string {
    return this.#exit?.stderrTail ?? '';
  }

  write(bytes: Uint8Array, mark?: string): Promise<void> {
    if (this.#isLost || this.#exit) return Promise.reject(new Error('The agent is gone.'));
    this.#lastWrite += 1;
    const number = this.#lastWrite;
    const written = Promise.withResolvers<void>();
    this.#writes.set(number, written);
    this.#options.send({ type: 'write', id: this.#id, number, ...(mark !== undefined && { mark }) }, bytes);
    return written.promise;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (!this.#isLost) this.#options.send({ type: 'stop', id: this.#id });
    await this.#stopped.promise;
    // Without a keeper, what has lost its stdio may work on for long.
    if (this.#isLost) await this.#options.endOrphan();
  }

  /** Something from the keeper that is about this agent. */
  handle(message: FromKeeper, bytes: Buffer): void {
    switch (message.type) {
      case 'output':
        this.#take(message.offset, bytes);
        return;
      case 'written':
        this.#settle(message.number, null);
        return;
      case 'not-written':
        this.#settle(message.number, new Error(message.text));
        return;
      case 'exit':
        this.#exit = message;
        this.#endIfDone();
        return;
      case 'stopped':
        this.#stopped.resolve();
        return;
      default:
    }
  }

  /** The keeper is gone, and with it every way to reach the agent. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#stopped.resolve();
    this.#exit ??= { code: null, signal: null, stderrTail: '', end: this.#received };
    this.#rejectWrites(() => new HandOverUnknown('The keeper is gone.'));
    this.#closeStream();
    this.#exited.resolve({ code: null, signal: null, why: 'The process that keeps agents running was killed.' });
  }

  #take(offset: number, bytes: Buffer): void {
    if (this.#isDeaf || offset !== this.#received) return;
    this.#received += bytes.length;
    // The bytes lie in a buffer that holds more than them.
    this.#controller?.enqueue(new Uint8Array(bytes));
    this.#endIfDone();
  }

  #grant(): void {
    const upTo = this.#received + OUTPUT_WINDOW_BYTES;
    if (this.#granted > 0 && upTo - this.#granted < OUTPUT_WINDOW_BYTES / 4) return;
    this.#granted = upTo;
    this.#options.send({ type: 'read', id: this.#id, from: this.#received, upTo });
  }

  #settle(number: number, error: Error | null): void {
    const write = this.#writes.get(number);
    this.#writes.delete(number);
    if (error) write?.reject(error);
    else write?.resolve();
  }

  #rejectWrites(why: () => Error): void {
    for (const write of this.#writes.values()) write.reject(why());
    this.#writes.clear();
  }

  #stopListening(): void {
    this.#isDeaf = true;
    this.#closeStream();
    this.#endIfDone();
  }

  #endIfDone(): void {
    const exit = this.#exit;
    if (!exit || (!this.#isDeaf && this.#received < exit.end)) return;
    this.#rejectWrites(() => new Error('The agent is gone.'));
    this.#closeStream();
    const { code, signal, aloneMs } = exit;
    this.#exited.resolve({ code, signal, ...(aloneMs !== undefined && { why: aloneWords(aloneMs), isMeant: true }) });
  }

  #closeStream(): void {
    try {
      this.#controller?.close();
    } catch {} // It was cancelled, or is closed already.
    this.#controller = null;
  }
}

function aloneWords(aloneMs: number): string {
  const hours = aloneMs / 3_600_000;
  const howLong = hours >= 1 ? `${Math.round(hours)} h` : `${Math.max(1, Math.round(aloneMs / 60_000))} min`;
  return `The agent was ended, as chosen in the settings, because Baton had not run for ${howLong}.`;
}
