/** One agent as a child process: the leader of its own process group, with its stdio as web streams. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { type AgentCommand, type AgentExit, type AgentProcess, AgentStartError } from './agent-process.ts';
import { AGENT_MARKER, endGroup, GROUP_DEADLINES, type GroupDeadlines } from './process-group.ts';
import { readStartTime } from './process-identity.ts';
import { StartQueue } from './start-queue.ts';

/** How long an agent may take to end by itself after its stdin was closed. */
export const STDIN_CLOSE_GRACE_MS = 2_000;
/** How long output that was already written is still read after the agent's end; something else may hold the pipe open. */
export const DRAIN_AFTER_EXIT_MS = 1_000;
export const STDERR_TAIL_BYTES = 8 * 1024;

export interface ProcessDeadlines extends GroupDeadlines {
  readonly stdinCloseGraceMs: number;
  readonly drainAfterExitMs: number;
}

export const PROCESS_DEADLINES: ProcessDeadlines = {
  ...GROUP_DEADLINES,
  stdinCloseGraceMs: STDIN_CLOSE_GRACE_MS,
  drainAfterExitMs: DRAIN_AFTER_EXIT_MS,
};

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the command, when `queue` lets it. Rejects with `AgentStartError` if it cannot be run at all. */
export async function startAgentProcess(
  command: AgentCommand,
  deadlines: ProcessDeadlines = PROCESS_DEADLINES,
  queue: StartQueue = new StartQueue(),
): Promise<AgentProcess> {
  const folder = await stat(command.cwd).catch(() => null);
  if (folder?.isDirectory() !== true) {
    throw new AgentStartError(`The folder ${command.cwd} does not exist on this computer.`, 'Choose another folder.');
  }
  await queue.turn();
  let child: Child;
  try {
    child = spawnChild(command);
  } catch (error) {
    throw startError(command.file, error as NodeJS.ErrnoException);
  }
  const agent = new ChildAgentProcess(child, deadlines);
  await agent.spawned(command.file);
  return agent;
}

function spawnChild(command: AgentCommand): Child {
  const options = {
    cwd: command.cwd,
    env: { ...command.env, [AGENT_MARKER]: '1' },
    stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // A new session, hence a new group whose number is the child's pid. Windows has no groups, only a console to hide.
    detached: process.platform !== 'win32',
  };
  if (process.platform === 'win32' && /\.(cmd|bat)$/i.test(command.file)) {
    // npm's launchers are batch files, which Windows can only run through its command interpreter.
    const line = [command.file, ...command.args].map((word) => `"${word.replaceAll('"', '""')}"`).join(' ');
    return spawn(process.env.ComSpec ?? 'cmd.exe', ['/d', '/s', '/c', `"${line}"`], {
      ...options,
      windowsVerbatimArguments: true,
    });
  }
  return spawn(command.file, command.args, options);
}

class ChildAgentProcess implements AgentProcess {
  readonly #child: Child;
  readonly #deadlines: ProcessDeadlines;
  readonly #stderr = new ByteTail(STDERR_TAIL_BYTES);
  readonly #leaderExit: Promise<AgentExit>;
  #startTime: string | null = null;
  #sweep: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  readonly kept = null;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly exited: Promise<AgentExit>;

  constructor(child: Child, deadlines: ProcessDeadlines) {
    this.#child = child;
    this.#deadlines = deadlines;
    // Each failed write is told of by its own promise.
    child.stdin.on('error', () => undefined);
    this.stdout = Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>;
    child.stderr.on('data', (bytes: Uint8Array) => this.#stderr.push(bytes));
    child.stderr.on('error', () => undefined);
    this.#leaderExit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.exited = this.#leaderExit.then(async (exit) => {
      // What the leader left behind must not go on working, anyone who ended the leader.
      this.#sweep = this.#endGroup();
      await Promise.race([closed, wait(this.#deadlines.drainAfterExitMs, undefined, { ref: false })]);
      return exit;
    });
  }

  async spawned(file: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#child.once('spawn', resolve);
      this.#child.on('error', (error) => reject(startError(file, error)));
    });
    this.#startTime = await readStartTime(this.pid);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('The agent was never started.');
    return pid;
  }

  get startTime(): string | null {
    return this.#startTime;
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  stderrTail(): string {
    return stripVTControlCharacters(this.#stderr.text()).trim();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#child.stdin.end();
    const grace = wait(this.#deadlines.stdinCloseGraceMs, undefined, { ref: false });
    await Promise.race([this.#leaderExit, grace]);
    await (this.#sweep ?? this.#endGroup());
    await this.exited;
    await this.#sweep;
  }

  async #endGroup(): Promise<void> {
    await endGroup(this.pid, this.#deadlines);
  }
}

function startError(file: string, error: NodeJS.ErrnoException): AgentStartError {
  const reasons: Record<string, string> = {
    ENOENT: 'the program does not exist',
    EACCES: 'it may not be run by this user',
    ENOEXEC: 'it is not a program',
    E2BIG: 'its arguments or its environment are too long',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  return new AgentStartError(`Failed to start ${file}: ${reason}.`, undefined, { cause: error });
}

/** The last bytes of a stream, however long it is. */
class ByteTail {
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): void {
    const joined = bytes.byteLength >= this.#limit ? Buffer.from(bytes) : Buffer.concat([this.#bytes, bytes]);
    this.#bytes = joined.byteLength > this.#limit ? Buffer.from(joined.subarray(-this.#limit)) : joined;
  }

  text(): string {
    return this.#bytes.toString('utf8');
  }
}
