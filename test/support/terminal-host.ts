/** The host in a terminal, as a real child process: its words are read, its keys pressed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface TerminalHost {
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Resolves with the first match in what is printed after `from` characters. */
  untilPrinted(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  press(keys: string): void;
  /** Quits by key and waits for the end. */
  quit(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

const COMPILED_HOST = join(ROOT, 'dist/main/terminal/index.js');

/** Runs the compiled host (`npm run build` comes first), or another `program` with its words and keys, such as that of an old version. */
export function startTerminalHost(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  program = COMPILED_HOST,
): TerminalHost {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let printed = '';
  const watchers = new Set<() => void>();
  const take = (data: Buffer) => {
    printed += data.toString('utf8');
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  child.on('exit', () => {
    end();
    for (const watcher of [...watchers]) watcher();
  });

  return {
    process: child,
    output: () => printed,
    async untilPrinted(pattern, from = 0) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const timer = setTimeout(() => reject(new Error(`Not printed: ${pattern}\n${printed}`)), 30_000);
      const look = () => {
        const match = pattern.exec(printed.slice(from));
        if (match) resolve(match);
        else if (child.exitCode !== null)
          reject(new Error(`The host ended (${child.exitCode}) without printing ${pattern}\n${printed}`));
      };
      watchers.add(look);
      look();
      return await promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(look);
      });
    },
    press: (keys) => void child.stdin.write(keys),
    async quit() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.write('\u0003');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
