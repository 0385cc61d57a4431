/**
 * `npm start`: builds, then runs the tray app; where that cannot be, one line says why and the host runs in this terminal.
 * `--terminal` asks for that; `--download` fetches Electron again after that has failed (which is remembered for a day).
 * BATON_BUILT=1 says that `dist` is up to date.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  clearFailure,
  downloadElectron,
  type ElectronPackage,
  findElectron,
  readElectronPackage,
  readFailure,
  writeFailure,
} from './electron-binary.ts';
import {
  type Choice,
  chooseStart,
  describeFailure,
  type Ending,
  type Machine,
  parseStartArguments,
  whyNotStarted,
} from './start-choice.ts';
import { build, ROOT } from './steps.ts';
import { terminalCommand } from './terminal-command.ts';

const HELP = `npm start -- [options]

Runs the tray app, or the host in this terminal where there is no display or no Electron.

  --terminal        run the host in this terminal; its own options then follow below
  --download        try again to download Electron
  --demo            offer a folder to play in, for the demo agent
  --data DIR        where history, settings, log and keys are kept
  --verbose         show the log

To a tray app that runs already:
  --pair            show the code for a phone
  --remote-on       remote control for all sessions
  --remote-off
  --quit

The host in a terminal:
`;
const FAILURE_FILE = join(ROOT, 'node_modules', '.cache', 'baton', 'electron.json');
const KEPT_ERRORS = 16_384;

const given = parseStartArguments(process.argv.slice(2));

function machine(electron: ElectronPackage | null): Machine {
  return {
    platform: process.platform,
    environment: process.env,
    isRoot: process.getuid?.() === 0,
    now: Date.now(),
    electron: electron === null ? { kind: 'absent' } : findElectron(electron, process.env, process.platform),
    lastFailure: electron === null ? null : readFailure(FAILURE_FILE, electron.version),
  };
}

async function choose(): Promise<Exclude<Choice, { kind: 'download' }>> {
  const electron = readElectronPackage(ROOT);
  const choice = chooseStart(given, machine(electron));
  if (choice.kind !== 'download') return choice;
  if (electron === null) {
    return { kind: 'terminal', why: 'the npm package "electron" is not installed. "npm ci" brings it.' };
  }
  const options = { isShown: given.isDownloadWanted, say: (text: string) => console.log(text) };
  const reason = await downloadElectron(electron, process.env, options);
  const found = findElectron(electron, process.env, process.platform);
  if (reason === null && found.kind === 'here') {
    clearFailure(FAILURE_FILE);
    return { kind: 'tray', executable: found.executable };
  }
  const words = reason ?? 'its program is not where it should be';
  writeFailure(FAILURE_FILE, electron.version, { at: Date.now(), reason: words });
  return { kind: 'terminal', why: describeFailure(words) };
}

let child: ChildProcess | null = null;
// The terminal sends Ctrl+C to both; what runs decides when it is over.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child?.kill(signal));

async function runTray(executable: string): Promise<Ending> {
  // Set by some editors in their terminals; Electron would then be a Node.
  const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env;
  console.log('The tray app starts; Ctrl+C here quits it.');
  const began = performance.now();
  let errors = '';
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const end = (code: number | null, signal: NodeJS.Signals | null) =>
    resolve({ code, signal, errors, afterMs: performance.now() - began });
  child = spawn(executable, [ROOT, ...given.rest], { stdio: ['inherit', 'inherit', 'pipe'], env: environment });
  child.stderr?.on('data', (data: Buffer) => {
    process.stderr.write(data);
    if (errors.length < KEPT_ERRORS) errors += data.toString('utf8');
  });
  child.on('error', (error) => {
    errors = error.message;
    end(127, null);
  });
  child.on('close', end);
  return await promise;
}

async function runTerminal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  child = spawn(process.execPath, [...terminalCommand(ROOT), ...given.terminalRest], { stdio: 'inherit' });
  child.on('exit', (code) => resolve(code ?? 1));
  return await promise;
}

async function main(): Promise<number> {
  if (process.env.BATON_BUILT !== '1' && !(await build())) return 1;
  if (given.isHelpWanted) {
    console.log(HELP);
    return await runTerminal();
  }
  const choice = await choose();
  let why = choice.kind === 'terminal' ? choice.why : null;
  if (choice.kind === 'tray') {
    const ending = await runTray(choice.executable);
    why = whyNotStarted(ending);
    if (why === null) return ending.code ?? 1;
  }
  if (given.trayMessage !== null) {
    console.error(`${given.trayMessage} is for the tray app, which cannot run here: ${why}`);
    return 1;
  }
  console.log(`The host runs in this terminal: ${why}`);
  return await runTerminal();
}

process.exit(await main());
