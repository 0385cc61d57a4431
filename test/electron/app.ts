/** `app`: life of the process, in Electron's order. */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { DesktopWire } from './desktop-wire.ts';
import { ElectronEvent, emitEvent } from './electron-event.ts';
import { SingleInstance } from './single-instance.ts';

type Used =
  | 'dock'
  | 'enableSandbox'
  | 'exit'
  | 'focus'
  | 'getAppPath'
  | 'getLoginItemSettings'
  | 'getName'
  | 'getPath'
  | 'getVersion'
  | 'hasSingleInstanceLock'
  | 'isPackaged'
  | 'isReady'
  | 'name'
  | 'quit'
  | 'releaseSingleInstanceLock'
  | 'requestSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setLoginItemSettings'
  | 'setName'
  | 'setPath'
  | 'whenReady';

/** What `app` needs to know of windows when it quits. */
export interface OpenWindow {
  close(): void;
  destroy(): void;
}

export class StandInApp extends EventEmitter implements Pick<Electron.App, Used> {
  readonly isPackaged = false;
  readonly dock: undefined = undefined;
  readonly commandLine = new CommandLine(() => this.#isReady);
  name: string;
  readonly #desktop: DesktopWire;
  readonly #windows = new Set<OpenWindow>();
  readonly #paths = new Map<string, string>();
  readonly #package: { folder: string; name: string; version: string };
  readonly #whenReady = Promise.withResolvers<void>();
  #lock: SingleInstance | null = null;
  #isReady = false;
  #isQuitting = false;
  #isGone = false;
  #login: Electron.Settings = {};

  constructor(desktop: DesktopWire) {
    super();
    this.#desktop = desktop;
    this.#package = findPackage(process.argv[1] ?? process.cwd());
    this.name = this.#package.name;
    desktop.answer('app.quit', () => {
      setImmediate(() => this.quit());
      return null;
    });
    desktop.answer('app.settle', () => new Promise((resolve) => setImmediate(() => resolve(null))));
    // An app that listens itself takes Electron's place: Node's handler of a signal replaces Chromium's.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (process.listenerCount(signal) === 1) this.quit();
      });
    }
    setImmediate(() => {
      if (this.#isGone) return;
      this.#isReady = true;
      emitEvent(this, 'ready', {});
      this.#whenReady.resolve();
    });
  }

  isReady(): boolean {
    return this.#isReady;
  }

  whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }

  /** Throws like Electron if something that needs a display is used too early. */
  requireReady(what: string): void {
    if (!this.#isReady) throw new Error(`Cannot use ${what} before app is ready`);
  }

  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
  }

  getAppPath(): string {
    return this.#package.folder;
  }

  getName(): string {
    return this.name;
  }

  setName(name: string): void {
    this.name = name;
  }

  getVersion(): string {
    return this.#package.version;
  }

  setAppUserModelId(): void {}

  focus(): void {}

  getPath(name: Parameters<Electron.App['getPath']>[0]): string {
    const set = this.#paths.get(name);
    if (set !== undefined) return set;
    const appData = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
    if (name === 'home') return homedir();
    if (name === 'temp') return tmpdir();
    if (name === 'exe') return process.execPath;
    if (name === 'appData') return appData;
    if (name === 'userData' || name === 'sessionData') return this.#paths.get('userData') ?? join(appData, this.name);
    if (name === 'logs' || name === 'crashDumps') return join(this.getPath('userData'), name);
    return join(homedir(), name);
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  requestSingleInstanceLock(additionalData: Record<never, never> = {}): boolean {
    if (this.#lock) return true;
    const launch = { argv: process.argv, cwd: process.cwd(), additionalData };
    this.#lock = SingleInstance.take(this.getPath('userData'), launch, (other) => {
      emitEvent(this, 'second-instance', [...other.argv], other.cwd, other.additionalData);
    });
    return this.#lock !== null;
  }

  hasSingleInstanceLock(): boolean {
    return this.#lock !== null;
  }

  releaseSingleInstanceLock(): void {
    this.#lock?.release();
    this.#lock = null;
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    const openAtLogin = this.#login.openAtLogin ?? false;
    return {
      openAtLogin,
      wasOpenedAtLogin: false,
      status: openAtLogin ? 'enabled' : 'not-registered',
      executableWillLaunchAtLogin: openAtLogin,
      launchItems: [],
    };
  }

  setLoginItemSettings(settings: Electron.Settings): void {
    this.#login = settings;
  }

  addWindow(window: OpenWindow): void {
    this.#windows.add(window);
  }

  /** The last window ends the app if it quits, or if nobody listens to `window-all-closed`. */
  removeWindow(window: OpenWindow): void {
    if (!this.#windows.delete(window) || this.#windows.size > 0 || this.#isGone) return;
    if (this.#isQuitting) this.#notifyAndShutDown();
    else if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }

  /** A window that prevented its closing has cancelled the quitting. */
  cancelQuit(): void {
    this.#isQuitting = false;
  }

  quit(): void {
    if (this.#isQuitting || this.#isGone) return;
    if (emitEvent(this, 'before-quit')) return;
    this.#isQuitting = true;
    if (this.#windows.size === 0) this.#notifyAndShutDown();
    for (const window of [...this.#windows]) {
      if (this.#isQuitting) window.close();
    }
  }

  exit(exitCode = 0): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const window of [...this.#windows]) window.destroy();
    this.#shutDown(exitCode);
  }

  #notifyAndShutDown(): void {
    if (emitEvent(this, 'will-quit')) {
      this.#isQuitting = false;
      return;
    }
    this.#isGone = true;
    this.#shutDown(0);
  }

  #shutDown(exitCode: number): void {
    this.emit('quit', new ElectronEvent(), exitCode);
    this.releaseSingleInstanceLock();
    this.#desktop.close('The app has quit.');
    setImmediate(() => process.exit(exitCode));
  }
}

class CommandLine implements Pick<Electron.CommandLine, 'appendSwitch' | 'hasSwitch' | 'getSwitchValue'> {
  readonly #switches = new Map<string, string>();
  readonly #isReady: () => boolean;

  constructor(isReady: () => boolean) {
    this.#isReady = isReady;
  }

  appendSwitch(name: string, value = ''): void {
    if (this.#isReady()) throw new Error(`The switch ${name} comes too late: the app is ready.`);
    this.#switches.set(name, value);
  }

  hasSwitch(name: string): boolean {
    return this.#switches.has(name);
  }

  getSwitchValue(name: string): string {
    return this.#switches.get(name) ?? '';
  }
}

/** The folder above `entry` that holds a package.json, as `electron .` is given. */
function findPackage(entry: string): { folder: string; name: string; version: string } {
  for (let folder = dirname(resolve(entry)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; productName?: string; version?: string };
      return { folder, name: found.productName ?? found.name ?? 'Electron', version: found.version ?? '0.0.0' };
    }
    if (folder === dirname(folder)) return { folder: dirname(resolve(entry)), name: 'Electron', version: '0.0.0' };
  }
}
