/** A running agent as a process: bytes in, bytes out, an end. Whether it is a child of this process or runs under the keeper is another matter. */

/** How to start an agent. Built by the registry from a profile and the login shell's environment. */
export interface AgentCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What an agent has that runs under the keeper, and so outlives the host. */
export interface KeptSide {
  /** Its name with the keeper. */
  readonly id: string;
  /** How many bytes it had printed before the first one of `stdout`. */
  readonly offset: number;
  /** Marks of writes that the keeper took for it from previous hosts. */
  readonly marks: ReadonlySet<string>;
  /** What it printed before this offset is stored, and will not be asked for again. */
  acknowledge(offset: number): void;
  /** Its end is stored. One that still runs is ended. */
  forget(): void;
  /** Nothing more is heard of it here; it runs on. */
  detach(): void;
}

/** A running agent as the rest of Baton needs it: bytes in, bytes out, an end. */
export interface AgentProcess {
  readonly pid: number;
  /** Kernel start time of `pid`, so that a reused pid is never taken for it (clock ticks since boot on Linux; null if unknown). */
  readonly startTime: string | null;
  /** Null: it is a child of the host, and ends with it. */
  readonly kept: KeptSide | null;
  readonly stdout: ReadableStream<Uint8Array>;
  /**
   * To its stdin, in order. Resolves when the kernel has taken it; rejects if that cannot be any more. With `mark`, the next host
   * can know whether it was taken.
   */
  write(bytes: Uint8Array, mark?: string): Promise<void>;
  /** The last 8 KiB of stderr, for words about a failure. Under the keeper known only when it has exited. */
  stderrTail(): string;
  /** Settles once, when the process is gone. Never rejects. */
  readonly exited: Promise<AgentExit>;
  /** Close stdin, then SIGTERM, then SIGKILL to the whole process group, each with a deadline. Resolves when all are gone. */
  stop(): Promise<void>;
}

export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** If more is known than that: why it ended, as a sentence. */
  readonly why?: string;
  /** It was ended on purpose while no host ran: nobody wants it back before a person says so. */
  readonly isMeant?: boolean;
}

/** Why an agent could not be started, and what to do about it, in words for a person. */
export class AgentStartError extends Error {
  override name = 'AgentStartError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** It cannot be known whether the agent was handed this: anyone who did it is gone, and cannot be asked. Any other failure means that it was not. */
export class HandOverUnknown extends Error {
  override name = 'HandOverUnknown';
}
