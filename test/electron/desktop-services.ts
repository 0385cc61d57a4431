/** `nativeTheme`, `shell`, `clipboard`, `screen` and `net`: what the desktop offers besides windows. */
import { EventEmitter } from 'node:events';
import type { StandInApp } from './app.ts';
import type { DesktopWire } from './desktop-wire.ts';

type ThemeUsed = 'shouldUseDarkColors' | 'shouldUseDarkColorsForSystemIntegratedUI' | 'themeSource';

export class StandInNativeTheme extends EventEmitter implements Pick<Electron.NativeTheme, ThemeUsed> {
  themeSource: 'system' | 'light' | 'dark' = 'system';
  #isDark: boolean;

  constructor(desktop: DesktopWire, isDark: boolean) {
    super();
    this.#isDark = isDark;
    desktop.answer('theme.set', ({ isDark: isNow }) => {
      this.#isDark = isNow;
      this.emit('updated');
      return null;
    });
  }

  get shouldUseDarkColors(): boolean {
    return this.themeSource === 'system' ? this.#isDark : this.themeSource === 'dark';
  }

  get shouldUseDarkColorsForSystemIntegratedUI(): boolean {
    return this.#isDark;
  }
}

export class StandInShell implements Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'> {
  readonly #desktop: DesktopWire;

  constructor(desktop: DesktopWire) {
    this.#desktop = desktop;
  }

  async openExternal(url: string): Promise<void> {
    await this.#desktop.call('shell.open', { target: url });
  }

  async openPath(path: string): Promise<string> {
    await this.#desktop.call('shell.open', { target: path });
    return '';
  }

  showItemInFolder(path: string): void {
    this.#desktop.tell('shell.open', { target: path });
  }
}

export class StandInClipboard implements Pick<Electron.Clipboard, 'writeText'> {
  readonly #desktop: DesktopWire;

  constructor(desktop: DesktopWire) {
    this.#desktop = desktop;
  }

  async writeText(text: string): Promise<void> {
    await this.#desktop.call('clipboard.write', { text });
  }
}

const DISPLAY_BOUNDS: Electron.Rectangle = { x: 0, y: 0, width: 1280, height: 800 };

export class StandInScreen extends EventEmitter implements Pick<Electron.Screen, 'getCursorScreenPoint'> {
  readonly #app: StandInApp;

  constructor(app: StandInApp) {
    super();
    this.#app = app;
  }

  getCursorScreenPoint(): Electron.Point {
    this.#app.requireReady('screen');
    return { x: 0, y: 0 };
  }

  getPrimaryDisplay(): Pick<Electron.Display, 'bounds' | 'workArea' | 'scaleFactor'> {
    this.#app.requireReady('screen');
    return { bounds: { ...DISPLAY_BOUNDS }, workArea: { ...DISPLAY_BOUNDS }, scaleFactor: 1 };
  }

  getDisplayMatching(_bounds: Electron.Rectangle) {
    return this.getPrimaryDisplay();
  }

  getDisplayNearestPoint(_point: Electron.Point) {
    return this.getPrimaryDisplay();
  }
}

export class StandInNet implements Pick<Electron.Net, 'fetch' | 'isOnline'> {
  fetch(input: string | Request, init?: RequestInit): Promise<Response> {
    return globalThis.fetch(input, init);
  }

  isOnline(): boolean {
    return true;
  }
}
