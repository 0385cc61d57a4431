/** `npm start` itself, as a child process: which program it runs, with what, and what it says. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFreePort } from '../support/free-port.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const IS_ROOT = process.getuid?.() === 0;
/** What a person must write to run Electron as root. */
const AS_ROOT = IS_ROOT ? ['--no-sandbox'] : [];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  readonly output: () => string;
  /** Presses a key once the text is there. */
  pressWhenPrinted(pattern: RegExp, key: string): void;
  readonly code: Promise<number | null>;
}

/** CI keeps it from downloading anything; BATON_BUILT from building under the other tests. */
function start(args: readonly string[], environment: NodeJS.ProcessEnv): Started {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ELECTRON_OVERRIDE_DIST_PATH: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'scripts/start.ts'), ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...inherited, CI: '1', BATON_BUILT: '1', ...environment },
  });
  let output = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString('utf8');
      for (const watcher of [...watchers]) watcher();
    });
  }
  const { promise: code, resolve: end } = Promise.withResolvers<number | null>();
  child.on('close', end);
  return {
    output: () => output,
    pressWhenPrinted(pattern, key) {
      const watcher = () => {
        if (!pattern.test(output)) return;
        watchers.delete(watcher);
        child.stdin.write(key);
      };
      watchers.add(watcher);
    },
    code,
  };
}

/** An Electron that writes down how it was called. */
function makeElectron(body: string): string {
  const executable = join(folder, 'electron');
  const record = `require('fs').writeFileSync(${JSON.stringify(join(folder, 'called.json'))}, JSON.stringify({ args: process.argv.slice(2), env: process.env }));`;
  writeFileSync(executable, `#!${process.execPath}\n${record}\n${body}\n`);
  chmodSync(executable, 0o755);
  return executable;
}

const called = () =>
  JSON.parse(readFileSync(join(folder, 'called.json'), 'utf8')) as { args: string[]; env: Record<string, string> };
const linesAbout = (output: string) =>
  output.split('\n').filter((line) => line.startsWith('The host runs in this terminal'));

/** The host in a terminal came up and quits by key; answers the lines that say why it runs there. */
async function expectTerminal(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string[]> {
  const started = start([...args, '--data', join(folder, 'data')], environment);
  started.pressWhenPrinted(/No coding agent was found|Agents found/, 'q');
  expect(await started.code, started.output()).toBe(0);
  expect(started.output()).toContain('Closed.');
  return linesAbout(started.output());
}

/** The host's own relay must not meet another one; and a port is an option of the terminal, so it goes into the settings. */
async function useFreePort(): Promise<void> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'data/settings.json'), JSON.stringify({ relayPort: await findFreePort() }));
}

describe.skipIf(process.platform !== 'linux')('npm start', () => {
  test('without a display, one line says so and the host runs in the terminal', async () => {
    await useFreePort();
    expect(await expectTerminal([], {})).toEqual([
      'The host runs in this terminal: there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set).',
    ]);
  });

  test('an option of the terminal, or --terminal, is enough', async () => {
    const port = String(await findFreePort());
    const own = { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: join(makeElectron('process.exit(7)'), '..') };
    expect(await expectTerminal(['--port', port], own)).toEqual([
      'The host runs in this terminal: --port is an option of the host in a terminal; the tray app has it in its window.',
    ]);
    expect(await expectTerminal(['--terminal', '--port', port], own)).toEqual([
      'The host runs in this terminal: --terminal asks for it.',
    ]);
    expect(existsSync(join(folder, 'called.json'))).toBe(false);
  });

  test('an ELECTRON_OVERRIDE_DIST_PATH with nothing in it is named, and nothing is downloaded', async () => {
    await useFreePort();
    const environment = { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: folder };
    expect(await expectTerminal(AS_ROOT, environment)).toEqual([
      `The host runs in this terminal: ELECTRON_OVERRIDE_DIST_PATH is set, and there is no program ${folder}/electron.`,
    ]);
  });

  test('the Electron of ELECTRON_OVERRIDE_DIST_PATH gets the app and the arguments, and gives the exit code', async () => {
    makeElectron('process.exit(7)');
    const args = ['--demo', '--data', '/some where', ...AS_ROOT];
    const environment = {
      DISPLAY: ':99',
      ELECTRON_OVERRIDE_DIST_PATH: folder,
      ELECTRON_RUN_AS_NODE: '1',
      MARK: 'kept',
    };
    const started = start(args, environment);
    expect(await started.code, started.output()).toBe(7);
    const { args: passed, env } = called();
    expect(passed).toEqual([ROOT, ...args]);
    expect({ display: env.DISPLAY, mark: env.MARK, runAsNode: env.ELECTRON_RUN_AS_NODE }).toEqual({
      display: ':99',
      mark: 'kept',
    });
    expect(started.output()).toBe('The tray app starts; Ctrl+C here quits it.\n');
    // What it is given leads to the app.
    const { main } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(existsSync(join(ROOT, main))).toBe(true);
  });

  test('an Electron that does not start is quoted, and the host runs in the terminal', async () => {
    await useFreePort();
    makeElectron(
      `console.error('electron: error while loading shared libraries: libnss3.so: not found'); process.exit(127)`,
    );
    const environment = { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: folder };
    const why = 'Electron did not start: electron: error while loading shared libraries: libnss3.so: not found.';
    expect(await expectTerminal(AS_ROOT, environment)).toEqual([`The host runs in this terminal: ${why}`]);
  });

  test('a message for a running tray app never starts a host in the terminal', async () => {
    const started = start(['--quit'], {});
    expect(await started.code).toBe(1);
    expect(started.output()).toBe(
      '--quit is for the tray app, which cannot run here: there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set).\n',
    );
  });

  test.runIf(IS_ROOT)('as root Electron is not started, and never without its sandbox of our own accord', async () => {
    await useFreePort();
    makeElectron('process.exit(7)');
    const lines = await expectTerminal([], { DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: folder });
    expect(lines).toEqual([
      'The host runs in this terminal: as root, Electron would have to give up its sandbox. Start Baton as an ordinary user for the tray app.',
    ]);
    expect(existsSync(join(folder, 'called.json'))).toBe(false);
  });
});
