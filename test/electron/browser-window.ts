/** `BrowserWindow`: what the app knows of its windows. Whether one is visible is the app's business; its page runs either way. */
import { EventEmitter } from 'node:events';
import type { StandInApp } from './app.ts';
import type { DesktopWire } from './desktop-wire.ts';
import { ElectronEvent, emitEvent } from './electron-event.ts';
import type { StandInIpcMain } from './ipc-main.ts';
import { StandInWebContents } from './web-contents.ts';
import type { Sessions, WebSession } from './web-session.ts';

type Used =
  | 'blur'
  | 'center'
  | 'close'
  | 'destroy'
  | 'focus'
  | 'getBounds'
  | 'getSize'
  | 'hide'
  | 'id'
  | 'isDestroyed'
  | 'isFocused'
  | 'isMinimized'
  | 'isVisible'
  | 'loadURL'
  | 'minimize'
  | 'restore'
  | 'setBackgroundColor'
  | 'setBounds'
  | 'setMenu'
  | 'setPosition'
  | 'setSize'
  | 'setSkipTaskbar'
  | 'setTitle'
  | 'show'
  | 'showInactive';

/** What a window needs of the rest; the class is made for it once, since apps write `new BrowserWindow(…)`. */
export interface WindowSurroundings {
  readonly app: StandInApp;
  readonly desktop: DesktopWire;
  readonly sessions: Sessions;
  readonly ipcMain: StandInIpcMain;
}

const SAFE_PREFERENCES = {
  contextIsolation: true,
  nodeIntegration: false,
  webviewTag: false,
  webSecurity: true,
} as const;

export interface WindowInstance extends EventEmitter, Pick<Electron.BrowserWindow, Used> {
  readonly webContents: StandInWebContents;
}
export interface BrowserWindowClass {
  new (options?: Electron.BrowserWindowConstructorOptions): WindowInstance;
  getAllWindows(): WindowInstance[];
  getFocusedWindow(): WindowInstance | null;
  fromId(id: number): WindowInstance | null;
  fromWebContents(contents: Pick<Electron.WebContents, 'id'>): WindowInstance | null;
}

export function createBrowserWindowClass(surroundings: WindowSurroundings): BrowserWindowClass {
  const { app, desktop, sessions, ipcMain } = surroundings;
  const windows = new Map<number, StandInBrowserWindow>();
  let lastId = 0;

  class StandInBrowserWindow extends EventEmitter implements Pick<Electron.BrowserWindow, Used> {
    readonly id = ++lastId;
    readonly webContents: StandInWebContents;
    readonly #created: Promise<unknown>;
    #bounds: Electron.Rectangle;
    #isVisible = false;
    #isFocused = false;
    #isMinimized = false;
    #isDestroyed = false;
    #wasPainted = false;

    static getAllWindows(): StandInBrowserWindow[] {
      return [...windows.values()];
    }

    static getFocusedWindow(): StandInBrowserWindow | null {
      return [...windows.values()].find((window) => window.isFocused()) ?? null;
    }

    static fromId(id: number): StandInBrowserWindow | null {
      return windows.get(id) ?? null;
    }

    static fromWebContents(contents: Pick<Electron.WebContents, 'id'>): StandInBrowserWindow | null {
      return windows.get(contents.id) ?? null;
    }

    constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
      super();
      app.requireReady('BrowserWindow');
      const { width = 800, height = 600, x = 0, y = 0, show = true, webPreferences = {} } = options;
      requireSafe(webPreferences);
      this.#bounds = { x, y, width, height };
      const session = sessionOf(webPreferences, sessions);
      this.webContents = new StandInWebContents(this.id, session, desktop);
      windows.set(this.id, this);
      app.addWindow(this);
      const preload = webPreferences.preload ?? null;
      this.#created = desktop.call('window.create', { window: this.id, preload, width, height, grants: [] });
      emitEvent(app, 'web-contents-created', this.webContents);
      emitEvent(app, 'browser-window-created', this);
      if (show) this.show();
    }

    async loadURL(url: string): Promise<void> {
      await this.#created;
      const load = this.webContents.loadURL(url);
      await load.finally(() => {
        if (this.#isDestroyed || this.#wasPainted) return;
        this.#wasPainted = true;
        this.emit('ready-to-show', new ElectronEvent());
      });
    }

    show(): void {
      this.showInactive();
      this.focus();
    }

    showInactive(): void {
      this.#requireAlive();
      this.#isMinimized = false;
      if (this.#isVisible) return;
      this.#isVisible = true;
      this.#tellVisible();
      this.emit('show', new ElectronEvent());
    }

    hide(): void {
      this.#requireAlive();
      if (!this.#isVisible) return;
      this.#isVisible = false;
      this.#tellVisible();
      this.blur();
      this.emit('hide', new ElectronEvent());
    }

    minimize(): void {
      this.#requireAlive();
      this.#isMinimized = true;
      this.blur();
      this.emit('minimize', new ElectronEvent());
    }

    restore(): void {
      this.#requireAlive();
      this.#isMinimized = false;
      this.emit('restore', new ElectronEvent());
    }

    focus(): void {
      this.#requireAlive();
      if (this.#isFocused || !this.#isVisible) return;
      for (const window of windows.values()) window.blur();
      this.#isFocused = true;
      this.emit('focus', new ElectronEvent());
      emitEvent(app, 'browser-window-focus', this);
    }

    blur(): void {
      if (!this.#isFocused) return;
      this.#isFocused = false;
      this.emit('blur', new ElectronEvent());
      emitEvent(app, 'browser-window-blur', this);
    }

    close(): void {
      if (this.#isDestroyed) return;
      if (emitEvent(this, 'close')) app.cancelQuit();
      else this.destroy();
    }

    destroy(): void {
      if (this.#isDestroyed) return;
      this.#isDestroyed = true;
      this.#isVisible = false;
      this.#isFocused = false;
      windows.delete(this.id);
      desktop.tell('window.close', { window: this.id });
      this.webContents.destroy();
      this.emit('closed');
      app.removeWindow(this);
    }

    isVisible(): boolean {
      return this.#isVisible;
    }

    isFocused(): boolean {
      return this.#isFocused;
    }

    isMinimized(): boolean {
      return this.#isMinimized;
    }

    isDestroyed(): boolean {
      return this.#isDestroyed;
    }

    getBounds(): Electron.Rectangle {
      return { ...this.#bounds };
    }

    getSize(): number[] {
      return [this.#bounds.width, this.#bounds.height];
    }

    setBounds(bounds: Partial<Electron.Rectangle>): void {
      this.#requireAlive();
      this.#bounds = { ...this.#bounds, ...bounds };
      const { width, height } = this.#bounds;
      desktop.tell('window.resize', { window: this.id, width, height });
    }

    setSize(width: number, height: number): void {
      this.setBounds({ width, height });
    }

    setPosition(x: number, y: number): void {
      this.setBounds({ x, y });
    }

    center(): void {}
    setBackgroundColor(): void {}
    setMenu(): void {}
    setSkipTaskbar(): void {}
    setTitle(): void {}

    #tellVisible(): void {
      desktop.tell('window.visible', { window: this.id, isVisible: this.#isVisible });
    }

    #requireAlive(): void {
      if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    }
  }

  const windowOf = (id: number): StandInBrowserWindow => {
    const window = windows.get(id);
    if (!window) throw new Error(`The window ${id} is gone.`);
    return window;
  };
  const senderOf = (id: number, frame: Parameters<StandInWebContents['frameOf']>[0]) => {
    const contents = windowOf(id).webContents;
    return { contents: contents.asElectron, frame: contents.frameOf(frame) };
  };

  desktop.answer('ipc.invoke', async ({ window, channel, args, frame }) => {
    try {
      const value = await ipcMain.invoke(senderOf(window, frame), channel, args);
      return { isDone: true, value: structuredClone(value) };
    } catch (error) {
      return { isDone: false, message: error instanceof Error ? error.message : String(error) };
    }
  });
  desktop.answer('ipc.send', ({ window, channel, args, frame }) => {
    ipcMain.send(senderOf(window, frame), channel, args);
    return null;
  });
  desktop.answer('page.navigating', ({ window, url, isMainFrame }) => ({
    isAllowed: windowOf(window).webContents.isNavigationAllowed(url, isMainFrame),
  }));
  desktop.answer('page.navigated', ({ window, url }) => {
    windows.get(window)?.webContents.handleNavigated(url);
    return null;
  });
  desktop.answer('page.opening', ({ window, url }) => ({
    isAllowed: windowOf(window).webContents.isOpeningAllowed(url),
  }));
  desktop.answer('page.requesting', async ({ window, url, method, kind }) => {
    const contents = windowOf(window).webContents;
    const original = contents.session.protocol.original(url);
    const request = { url: original, method, kind, contents: contents.asElectron };
    return { isCancelled: await contents.session.webRequest.isCancelled(request) };
  });
  desktop.answer('page.crashed', ({ window }) => {
    windowOf(window).webContents.handleCrashed();
    return null;
  });
  desktop.answer('window.close', ({ window }) => {
    windowOf(window).close();
    return null;
  });
  desktop.answer('window.focus', ({ window, isFocused }) => {
    if (isFocused) windowOf(window).focus();
    else windowOf(window).blur();
    return null;
  });
  return StandInBrowserWindow;
}

/** A page with more power than an isolated one cannot be shown here, and should not be anywhere. */
function requireSafe(preferences: Electron.WebPreferences): void {
  for (const [name, value] of Object.entries(SAFE_PREFERENCES)) {
    const chosen = preferences[name as keyof typeof SAFE_PREFERENCES];
    if (chosen !== undefined && chosen !== value)
      throw new Error(`The stand-in shows no page with ${name}: ${chosen}.`);
  }
}

function sessionOf({ session, partition }: Electron.WebPreferences, sessions: Sessions): WebSession {
  if (session) return session as unknown as WebSession;
  return partition === undefined ? sessions.defaultSession : sessions.fromPartition(partition);
}
