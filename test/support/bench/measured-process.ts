/** A child process whose memory, processor time and longest block of its event loop can be asked for while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');
const PROBE = join(import.meta.dirname, 'probe.cjs');
/** How long words or an end of a process are waited for. */
const WAIT_MS = 30_000;
const GRACE_MS = 8_000;

export interface Cost {
  /** By the process's own clock, in milliseconds since 1970. */
  readonly at: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** User and system time since the process began. */
  readonly cpuMicros: number;
  /** The longest time the event loop did not turn since `resetBlocks`, to within 10 ms. */
  readonly longestBlockMs: number;
  /** Processor time of the main thread in that block. The rest is waiting: for the disk, or for other processes to let it run. */
  readonly longestBlockBusyMs: number;
  /** The longest block without the time that the main thread waited for a core; where the system does not tell (not Linux), with it. */
  readonly longestOwnBlockMs: number;
}

/** What it holds on to, after its garbage was collected. */
export interface Holding extends Cost {
  readonly descriptors: number;
  /** What keeps its event loop busy, by kind, as `process.getActiveResourcesInfo` names them. */
  readonly resources: Readonly<Record<string, number>>;
  /** Of the process object itself. */
  readonly listeners: number;
}

/** All that run now, so that none is left when the benchmark ends in the middle. */
const running = new Set<MeasuredProcess>();

export class MeasuredProcess {
  readonly child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #printed = '';
  #requests = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
    running.add(this);
    const take = (data: Buffer) => {
      this.#printed += data.toString('utf8');
      this.#wake();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('error', () => this.#wake());
    child.on('exit', () => {
      running.delete(this);
      this.#wake();
    });
  }

  /** Runs this Node; `args` are its own, a script, and that script's. */
  static start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): MeasuredProcess {
    const child = spawn(process.execPath, ['-r', PROBE, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
      cwd: ROOT,
    });
    return new MeasuredProcess(child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Everything it has printed so far. */
  output(): string {
    return this.#printed;
  }

  /** Resolves with the first match in what is printed after `from` characters. */
  async untilPrinted(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const fail = (why: string) => reject(new Error(`${why} Waited for ${pattern} in:\n${this.#printed}`));
    const timer = setTimeout(() => fail('Not printed in time.'), WAIT_MS);
    const look = () => {
      const match = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(this.#printed.slice(from));
      if (match) resolve(match);
      else if (!this.isRunning) fail(`The process ended (${this.child.exitCode ?? this.child.signalCode}).`);
    };
    this.#watchers.add(look);
    look();
    return await promise.finally(() => {
      clearTimeout(timer);
      this.#watchers.delete(look);
    });
  }

  /** What it costs now. */
  cost(): Promise<Cost> {
    return this.#ask('read');
  }

  /** What it holds on to now. Stops it for as long as a full collection of garbage takes. */
  async holding(): Promise<Holding> {
    return (await this.#ask('hold')) as Holding;
  }

  /** Begins again to look for the longest block. */
  async resetBlocks(): Promise<void> {
    await this.#ask('reset');
  }

  /** SIGTERM, and SIGKILL for one that does not heed it. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.child, 'exit');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), GRACE_MS);
    this.child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async #ask(kind: 'read' | 'reset' | 'hold'): Promise<Cost> {
    const id = ++this.#requests;
    const { promise, resolve, reject } = Promise.withResolvers<Cost>();
    const take = (reply: unknown) => {
      if ((reply as { id: number }).id === id) resolve(reply as Cost);
    };
    const fail = () => reject(new Error(`The process ended before it was measured:\n${this.#printed}`));
    this.child.on('message', take);
    this.child.once('exit', fail);
    this.child.send({ id, kind });
    return await promise.finally(() => {
      this.child.off('message', take);
      this.child.off('exit', fail);
    });
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Ends whatever this benchmark started and is still there. */
export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop()));
}

/** Memory of a process and all below it, by pid, in bytes; null where `ps` is missing. */
export async function readProcessTree(root: number): Promise<ReadonlyMap<number, number> | null> {
  const ps = spawn('ps', ['-A', '-o', 'pid=,ppid=,rss='], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  ps.stdout.on('data', (data: Buffer) => {
    text += data.toString('utf8');
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  ps.on('error', () => resolve(false));
  ps.on('close', (code) => resolve(code === 0));
  if (!(await promise)) return null;
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, rss = 0]) => ({ pid, parent, bytes: rss * 1024 }));
  const found = new Map<number, number>();
  for (let pids = [root]; pids.length > 0; ) {
    const level = new Set(pids);
    for (const { pid, bytes } of rows) if (level.has(pid)) found.set(pid, bytes);
    pids = rows.filter(({ pid, parent }) => level.has(parent) && !found.has(pid)).map(({ pid }) => pid);
  }
  return found;
}
