/**
 * `npm run dev`: compiles on every change, and starts Baton again when that went well: the tray app where `npm start` would run it
 * without a download, else the host in this terminal.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { findElectron, readElectronPackage } from './electron-binary.ts';
import { chooseStart, parseStartArguments } from './start-choice.ts';
import { build, compile, ROOT } from './steps.ts';
import { terminalCommand } from './terminal-command.ts';

/** An editor writes a file in several steps; compiling begins after the last one. */
const SETTLED_AFTER_MS = 200;
/** Sources that the main process is compiled from. The two pages are built by Vite. */
const ROOMS = ['lib', 'main', 'preload', 'protocol', 'relay'];

const children = new Set<ChildProcess>();
const start = (program: string, ...args: string[]): ChildProcess => {
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
};
const stop = (code: number): never => {
  for (const child of children) child.kill();
  process.exit(code);
};

/** Tray app or terminal. Never downloads. */
function chooseCommand(): [program: string, ...args: string[]] {
  const given = parseStartArguments(process.argv.slice(2));
  const electron = readElectronPackage(ROOT);
  const choice = chooseStart(
    { ...given, isDownloadWanted: false },
    {
      platform: process.platform,
      environment: { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1' },
      isRoot: process.getuid?.() === 0,
      now: Date.now(),
      electron: electron === null ? { kind: 'absent' } : findElectron(electron, process.env, process.platform),
      lastFailure: null,
    },
  );
  if (choice.kind === 'tray') return [choice.executable, ROOT, ...given.rest];
  return ['node', ...terminalCommand('.'), ...given.terminalRest];
}

/** Keeps one Baton running; when that ends by itself, all ends. */
class Runner {
  readonly #command = chooseCommand();
  #child: ChildProcess;

  constructor() {
    this.#child = this.#start();
  }

  /** Ends it in good order, then starts it again. */
  startAgain(): void {
    this.#child.removeAllListeners('exit');
    const previous = this.#child;
    previous.once('exit', () => {
      children.delete(previous);
      this.#child = this.#start();
    });
    previous.kill();
  }

  #start(): ChildProcess {
    const [program, ...args] = this.#command;
    const child = start(program, ...args);
    child.once('exit', (code) => stop(code ?? 0));
    return child;
  }
}

if (!(await build())) process.exit(1);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
start('vite', 'build', 'phone', '--watch', '--logLevel', 'warn');
start('vite', 'build', 'renderer', '--watch', '--logLevel', 'warn');
const runner = new Runner();

let timer: NodeJS.Timeout | undefined;
let compiling: Promise<void> = Promise.resolve();
// TypeScript 7.0 does not see changes with `tsc -b --watch`, so its part of watching is done here.
for (const room of ROOMS) {
  watch(join(ROOT, room), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      compiling = compiling.then(async () => {
        if ((await compile(...ROOMS)) === 0) runner.startAgain();
      });
    }, SETTLED_AFTER_MS);
  });
}
