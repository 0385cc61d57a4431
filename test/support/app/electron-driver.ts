/** The app in real Electron, driven by Playwright, with `test/electron/record.ts` before it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright';
import { STAND_IN_VARIABLE } from '#test/electron/desktop-wire.ts';
import type { StandInOptions } from '#test/electron/messages.ts';
import type { Recorder } from '#test/electron/record.ts';
import { APP_ENTRY, type App, type DriverOptions } from './app.ts';
import { readLoginEntry } from './login-entry.ts';
import { untilStopped } from './process-state.ts';

const RECORD = join(import.meta.dirname, '../../electron/record.ts');
const QUIT_WITHIN_MS = 20_000;

export async function startInElectron(options: DriverOptions, executablePath: string): Promise<App> {
  const entry = join(options.desktopFolder, 'record.mjs');
  writeFileSync(entry, stripTypeScriptTypes(readFileSync(RECORD, 'utf8')));
  const launchArguments = [...sandboxArguments(), entry, ...options.args];
  const env: Record<string, string> = { ...options.env, [STAND_IN_VARIABLE]: JSON.stringify(standInOptions(options)) };
  env.BATON_APP_ENTRY = pathToFileURL(APP_ENTRY).href;
  const driven = await electron.launch({
    executablePath,
    args: launchArguments,
    env,
    colorScheme: options.colorScheme ?? 'light',
  });
  const child = driven.process();
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (printed += data.toString()));
  const exited =
    child.exitCode === null && child.signalCode === null
      ? once(child, 'exit').then(([code]) => code as number | null)
      : Promise.resolve(child.exitCode);
  const problems: string[] = [];
  const watch = (page: Page) => {
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  };
  driven.on('window', watch);
  driven.windows().forEach(watch);
  const recorder = new RecorderCalls(driven);
  const pid = child.pid ?? 0;
  let isFrozen = false;

  return {
    driver: 'electron',
    pid,
    dataFolder: options.dataFolder,
    exited,
    window: () => untilVisible(driven),
    isWindowVisible: () => isAnyVisible(driven),
    closeWindow: () => driven.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()),
    tray: () => recorder.call('tray'),
    clickMenu: (...labels) => recorder.call('press', labels),
    async emitPower(event, { isFrozen: isFreezing = false } = {}) {
      if (isFrozen) child.kill('SIGCONT');
      isFrozen = isFreezing;
      const emitted = driven.evaluate(
        ({ powerMonitor }, [name, freezes]) => {
          powerMonitor.emit(name);
          if (freezes) process.kill(process.pid, 'SIGSTOP');
        },
        [event, isFreezing] as const,
      );
      if (!isFreezing) return await emitted;
      emitted.catch(() => {});
      await untilStopped(pid);
    },
    setOnBattery: (isOnBattery) => recorder.call('setOnBattery', isOnBattery),
    powerBlockers: () => recorder.call('blockers'),
    async launchAgain(args = []) {
      const again = [...sandboxArguments(), APP_ENTRY, ...options.args.slice(0, 2), ...args];
      await once(spawn(executablePath, again, { env: options.env, stdio: 'ignore' }), 'exit');
    },
    answerNextMessageBox: (button) => recorder.call('answerBox', button),
    answerNextOpenDialog: (paths) => recorder.call('answerOpenDialog', paths),
    answerNextSaveDialog: (path) => recorder.call('answerSaveDialog', path),
    messageBoxes: () => recorder.read('messageBoxes'),
    notifications: () => recorder.call('notifications'),
    actOnNotification: (index, act) => recorder.call('actOnNotification', index, act),
    loginItem: async () => readLoginEntry(options.configFolder),
    opened: () => recorder.read('opened'),
    clipboard: () => recorder.call('clipboard'),
    invoke: (sender, channel, args) => recorder.call('invoke', sender, channel, args),
    output: () => printed,
    problems: () => problems,
    async quit() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (isFrozen) child.kill('SIGCONT');
      await recorder.call('leave').catch(() => {});
      // The connection may be cut before the answer comes.
      driven.evaluate(({ app }) => app.quit()).catch(() => {});
      const deadline = setTimeout(() => child.kill('SIGKILL'), QUIT_WITHIN_MS);
      const code = await exited.finally(() => clearTimeout(deadline));
      if (code !== 0) throw new Error(`The app did not quit (${child.signalCode ?? code}). It printed:\n${printed}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

type Methods = {
  [Name in keyof Recorder as Recorder[Name] extends (...args: never[]) => unknown ? Name : never]: Recorder[Name];
};
type Lists = Omit<Recorder, keyof Methods>;

/** Calls of the recorder that lives in Electron's main process. */
class RecorderCalls {
  readonly #driven: ElectronApplication;

  constructor(driven: ElectronApplication) {
    this.#driven = driven;
  }

  call<Name extends keyof Methods>(
    name: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<Awaited<ReturnType<Methods[Name]>>> {
    const called = this.#driven.evaluate(
      (_electron, [method, values]) => {
        const { batonRecorder } = globalThis as unknown as {
          batonRecorder: Record<string, (...a: unknown[]) => unknown>;
        };
        return batonRecorder[method]?.(...values);
      },
      [name, args] as readonly [string, readonly unknown[]],
    );
    return called as Promise<Awaited<ReturnType<Methods[Name]>>>;
  }

  read<Name extends keyof Lists>(name: Name): Promise<Lists[Name]> {
    const read = this.#driven.evaluate(
      (_electron, list) => (globalThis as unknown as { batonRecorder: Record<string, unknown> }).batonRecorder[list],
      name as string,
    );
    return read as Promise<Lists[Name]>;
  }
}

function isAnyVisible(driven: ElectronApplication): Promise<boolean> {
  return driven.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible()));
}

/** Waits in Electron itself for the first window that shows, then for its page. */
async function untilVisible(driven: ElectronApplication): Promise<Page> {
  await driven.evaluate(async ({ app, BrowserWindow }) => {
    const visible = () => BrowserWindow.getAllWindows().find((window) => window.isVisible());
    if (visible()) return;
    await new Promise<void>((resolve) => {
      const watch = (window: Electron.BrowserWindow) => window.once('show', () => resolve());
      BrowserWindow.getAllWindows().forEach(watch);
      app.on('browser-window-created', (_event, window) => watch(window));
    });
  });
  const page = driven.windows()[0] ?? (await driven.waitForEvent('window'));
  await page.waitForURL((url) => url.href !== 'about:blank', { waitUntil: 'domcontentloaded' });
  return page;
}

function standInOptions(options: DriverOptions): StandInOptions {
  return {
    keyring: { mode: options.keyring ?? 'available', file: '' },
    isDark: options.colorScheme === 'dark',
    isOnBattery: options.isOnBattery ?? false,
    isNotificationSupported: options.isNotificationSupported ?? true,
  };
}

/** As root, Chromium runs only without its sandbox. */
function sandboxArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
