/** Child processes of a test, and which processes a test has left behind. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** A child of which everything it prints is kept. */
export class Child {
  readonly process: ChildProcess;
  /** Resolves when it is gone and all it printed was read. */
  readonly gone: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output = '';
  readonly #waiters = new Set<() => void>();

  constructor(args: readonly string[], options: SpawnOptions = {}) {
    this.process = spawn(process.execPath, args, { ...options, stdio: options.stdio ?? ['pipe', 'pipe', 'pipe'] });
    const keep = (text: string) => {
      this.output += text;
      this.wake();
    };
    this.process.stdout?.setEncoding('utf8').on('data', keep);
    this.process.stderr?.setEncoding('utf8').on('data', keep);
    this.process.stdin?.on('error', () => {}); // It may be gone already.
    this.gone = new Promise((resolve) => {
      this.process.on('error', () => resolve({ code: null, signal: null }));
      this.process.on('close', (code, signal) => resolve({ code, signal }));
    });
    void this.gone.then(() => this.wake());
  }

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error('The child was never started.');
    return pid;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Resolves with the first match in what it printed. Rejects, showing that, when it ends or `timeoutMs` passes before. */
  async untilPrinted(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    await this.until(String(pattern), () => pattern.test(this.output), timeoutMs);
    return pattern.exec(this.output) as RegExpExecArray;
  }

  async until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (why: string) => reject(new Error(`Waited in vain for ${what}: ${why}. It printed:\n${this.output}`));
    const check = () => {
      if (condition()) resolve();
      else if (!this.isRunning) fail('the process has ended');
    };
    const timer = setTimeout(() => fail(`nothing within ${timeoutMs} ms`), timeoutMs);
    this.#waiters.add(check);
    check();
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(check);
    });
  }

  /** Those who wait look again. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.process.kill(signal);
  }

  /** As a power cut: it gets to do nothing more. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }
}

/** Pids of running processes in whose environment `entry` (`NAME=value`) stands. Linux only; elsewhere none are found. */
export async function processesWith(entry: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      // Of a zombie it is empty.
      const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(entry) ? Number(name) : null;
    }),
  );
  return found.filter((pid) => pid !== null);
}

/** A process that has ended in the meantime is not signalled. */
export function signalIfRunning(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
