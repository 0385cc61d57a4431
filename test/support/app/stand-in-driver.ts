/** The app in the stand-in for Electron: a child process of plain Node, with this process and a Chromium as its desktop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { STAND_IN_VARIABLE } from '#test/electron/desktop-wire.ts';
import type { FrameView, StandInOptions } from '#test/electron/messages.ts';
import { Wire } from '#test/electron/wire.ts';
import { chromiumArguments, findChromium } from '../chromium.ts';
import { APP_ENTRY, type App, type DriverOptions, type PretendedSender } from './app.ts';
import { type AppWire, ChromiumWindow, openEmptyPage } from './chromium-window.ts';
import { DesktopState } from './desktop-state.ts';
import { readLoginEntry } from './login-entry.ts';
import { untilStopped } from './process-state.ts';

const REGISTER = pathToFileURL(join(import.meta.dirname, '../../electron/register.ts')).href;
const QUIT_WITHIN_MS = 20_000;

export async function startInStandIn(options: DriverOptions, entry = APP_ENTRY): Promise<App> {
  const ownBrowser = options.browser ? null : await launchChromium();
  const browser = options.browser ?? (ownBrowser as Browser);
  const child = spawnApp(options, entry, options.args);
  const app: AppWire = new Wire((frame) => {
    // A process that has just ended is noticed by its exit.
    if (child.connected) child.send(frame, () => {});
  });
  child.on('message', (frame) => app.receive(frame));
  const state = new DesktopState();
  const windows = new Windows(browser, app, options.colorScheme === 'dark');
  answerApp(app, state, windows);

  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (printed += data.toString()));
  const exited = once(child, 'exit').then(async ([code]) => {
    app.close('The app is gone.');
    await windows.closeAll();
    await ownBrowser?.close();
    return code as number | null;
  });
  /** Resolves when the app has heard the answer: what a person does next comes after it. */
  const settle = async (answer: () => void) => {
    answer();
    await new Promise(setImmediate);
    // The answer may have been the one that quits it.
    const settled = app.call('app.settle', null).catch((error: unknown) => {
      if (child.exitCode === null && child.signalCode === null) throw error;
    });
    await settled;
  };
  const pid = child.pid ?? 0;
  let isFrozen = false;

  return {
    driver: 'stand-in',
    pid,
    dataFolder: options.dataFolder,
    exited,
    window: () => Promise.race([windows.visible(), exited.then(() => ended(printed))]),
    isWindowVisible: async () => windows.isVisible,
    closeWindow: async () => void (await app.call('window.close', { window: windows.shown })),
    tray: () => app.call('tray.read', null),
    clickMenu: async (...labels) => void (await app.call('menu.click', { labels })),
    async emitPower(event, { isFrozen: isFreezing = false } = {}) {
      if (isFrozen) child.kill('SIGCONT');
      isFrozen = isFreezing;
      if (!isFreezing) return void (await app.call('power.emit', { event, isFrozen: false }));
      app.tell('power.emit', { event, isFrozen: true });
      await untilStopped(pid);
    },
    setOnBattery: async (isOnBattery) => void (await app.call('power.set', { isOnBattery })),
    powerBlockers: async () => (await app.call('power.blockers', null)).types,
    async launchAgain(args = []) {
      await once(spawnApp(options, entry, [...options.args.slice(0, 2), ...args]), 'exit');
    },
    answerNextMessageBox: (button) => settle(() => state.answerBox(button)),
    answerNextOpenDialog: (paths) => settle(() => state.openDialogs.give(paths)),
    answerNextSaveDialog: (path) => settle(() => state.saveDialogs.give(path)),
    messageBoxes: async () => [...state.messageBoxes],
    notifications: async () => state.notifications(),
    async actOnNotification(index, act) {
      await app.call('notification.act', { notification: state.numberOf(index), act });
    },
    loginItem: async () => readLoginEntry(options.configFolder),
    opened: async () => [...state.opened],
    clipboard: async () => state.clipboard,
    async invoke(sender, channel, args) {
      const frame = pretend(sender, (await windows.get(windows.shown)).page.url());
      const answer = await app.call('ipc.invoke', { window: windows.shown, channel, args, frame });
      if (answer.isDone) return answer.value;
      throw new Error(answer.message);
    },
    output: () => printed,
    problems: () => windows.problems(),
    async quit() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (isFrozen) child.kill('SIGCONT');
      state.leave();
      app.tell('app.quit', null);
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

/** The windows that the app has opened, by its numbers. */
class Windows {
  readonly #browser: Browser;
  readonly #app: AppWire;
  readonly #isDark: boolean;
  readonly #opened = new Map<number, Promise<ChromiumWindow>>();
  readonly #problems: string[][] = [];
  readonly #visible = new Set<number>();
  readonly #closing: Promise<void>[] = [];
  /** Opened while the app is still starting, for its first window. */
  #spare: Promise<Page> | null;
  #waiting = Promise.withResolvers<number>();

  constructor(browser: Browser, app: AppWire, isDark: boolean) {
    this.#browser = browser;
    this.#app = app;
    this.#isDark = isDark;
    this.#spare = openEmptyPage(browser, isDark);
    this.#spare.catch(() => {});
  }

  get isVisible(): boolean {
    return this.#visible.size > 0;
  }

  /** The number of the visible window, or of the last one. */
  get shown(): number {
    return [...this.#visible][0] ?? [...this.#opened.keys()].at(-1) ?? 0;
  }

  problems(): string[] {
    return this.#problems.flat();
  }

  async create(id: number, options: { preload: string | null; width: number; height: number }): Promise<void> {
    const empty = this.#spare ?? openEmptyPage(this.#browser, this.#isDark);
    this.#spare = null;
    const opening = empty.then((page) => ChromiumWindow.open(page, this.#app, { id, ...options }));
    this.#opened.set(id, opening);
    this.#problems.push((await opening).problems);
  }

  async get(id: number): Promise<ChromiumWindow> {
    const window = this.#opened.get(id);
    if (!window) throw new Error(`There is no window ${id}.`);
    return await window;
  }

  setVisible(id: number, isVisible: boolean): void {
    if (!isVisible) {
      this.#visible.delete(id);
      return;
    }
    this.#visible.add(id);
    this.#waiting.resolve(id);
    this.#waiting = Promise.withResolvers();
  }

  async visible(): Promise<Page> {
    const [id = await this.#waiting.promise] = [...this.#visible];
    const { page } = await this.get(id);
    await page.waitForURL((url) => url.href !== 'about:blank', { waitUntil: 'domcontentloaded' });
    return page;
  }

  async close(id: number): Promise<void> {
    this.#visible.delete(id);
    const window = this.get(id);
    this.#opened.delete(id);
    const closing = window.then((one) => one.close());
    this.#closing.push(closing);
    await closing;
  }

  async closeAll(): Promise<void> {
    const spare = this.#spare?.then((page) => page.context().close());
    for (const id of [...this.#opened.keys()]) this.close(id).catch(() => {});
    await spare?.catch(() => {});
    await Promise.allSettled(this.#closing);
  }
}

function answerApp(app: AppWire, state: DesktopState, windows: Windows): void {
  app.answer('window.create', async ({ window, ...options }) => {
    await windows.create(window, options);
    return null;
  });
  app.answer('window.load', async ({ window, url }) => (await windows.get(window)).load(url));
  app.answer('window.reload', async ({ window }) => {
    await (await windows.get(window)).reload();
    return null;
  });
  app.answer('window.resize', async ({ window, width, height }) => {
    await (await windows.get(window)).resize(width, height);
    return null;
  });
  app.answer('window.visible', ({ window, isVisible }) => {
    windows.setVisible(window, isVisible);
    return null;
  });
  app.answer('window.push', async ({ window, channel, args }) => {
    await (await windows.get(window)).push(channel, args);
    return null;
  });
  app.answer('window.evaluate', async ({ window, code }) => (await windows.get(window)).page.evaluate(code));
  app.answer('window.close', async ({ window }) => {
    await windows.close(window);
    return null;
  });
  app.answer('window.grant', async ({ window, grants }) => {
    await (await windows.get(window)).grant(grants);
    return null;
  });
  app.answer('dialog.message-box', async (view) => ({ response: await state.askInBox(view), isChecked: false }));
  app.answer('dialog.open', async () => ({ paths: await state.openDialogs.take() }));
  app.answer('dialog.save', async () => ({ path: await state.saveDialogs.take() }));
  app.answer('dialog.error-box', ({ title, content }) => {
    const message = { message: title, detail: content, title: '', buttons: ['OK'], defaultId: 0, cancelId: null };
    state.messageBoxes.push(message);
    return null;
  });
  app.answer('notification.show', ({ notification, view }) => {
    state.showNotification(notification, view);
    return null;
  });
  app.answer('notification.close', ({ notification }) => {
    state.closeNotification(notification);
    return null;
  });
  app.answer('shell.open', ({ target }) => {
    state.opened.push(target);
    return null;
  });
  app.answer('clipboard.write', ({ text }) => {
    state.clipboard = text;
    return null;
  });
}

function spawnApp(options: DriverOptions, entry: string, args: readonly string[]): ChildProcess {
  const standIn: StandInOptions = {
    keyring: { mode: options.keyring ?? 'available', file: join(options.desktopFolder, 'keyring') },
    isDark: options.colorScheme === 'dark',
    isOnBattery: options.isOnBattery ?? false,
    isNotificationSupported: options.isNotificationSupported ?? true,
  };
  return spawn(process.execPath, ['--import', REGISTER, entry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...options.env, [STAND_IN_VARIABLE]: JSON.stringify(standIn) },
  });
}

async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  return await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: chromiumArguments() });
}

function pretend(sender: PretendedSender, url: string): FrameView {
  if (sender === 'gone') return null;
  if (sender === 'foreign-page') return { url: 'https://example.com/', isMain: true };
  return { url, isMain: sender === 'window' };
}

function ended(printed: string): never {
  throw new Error(`The app ended before it showed a window. It printed:\n${printed}`);
}
