/** The one window: made when it is first wanted, then hidden and shown, with the manners of each system. */
import type {
  BrowserWindow,
  BrowserWindowConstructorOptions,
  NativeTheme,
  Rectangle,
  Screen,
  WebContents,
} from 'electron';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import type { AppView, Page, Pushes, PushName } from '#preload/contract.ts';
import { APP_PAGE } from '../system/app-protocol.ts';
import { isInside, placeAtTray } from './placement.ts';
import { WINDOW_MIN, type WindowSizeFile } from './window-size.ts';

/** A page that breaks down more often within a minute is left alone. */
const CRASHES_MAX = 3;
const CRASHES_WITHIN_MS = 60_000;
/** What is seen before the page has painted. */
const BACKGROUND = { light: '#ffffff', dark: '#16181d' } as const;

export interface MainWindowOptions {
  readonly system: AppView['system'];
  readonly create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly preload: string;
  readonly isDevelopment: boolean;
  readonly theme: Pick<NativeTheme, 'shouldUseDarkColors'>;
  readonly size: WindowSizeFile;
  /** Where the tray icon is; null if that is not known. */
  readonly trayBounds: () => Rectangle | null;
  /** Null on Linux, where windows are not placed. */
  readonly screen: Pick<Screen, 'getDisplayMatching' | 'getCursorScreenPoint'> | null;
  readonly isQuitting: () => boolean;
  /** The person closes it: what becomes of it is decided elsewhere. */
  readonly onClose: () => void;
  /** Windows: the session of this user ends. */
  readonly onSessionEnd: () => void;
  readonly now: () => number;
  readonly log: Log;
}

export class MainWindow {
  readonly #options: MainWindowOptions;
  readonly #didChangeSeen: Emitter<[isSeen: boolean]>;
  readonly #didUnload: Emitter<[]>;
  #window: BrowserWindow | null = null;
  #page: Page = 'sessions';
  #isLoaded = false;
  /** It has something to show, if only a failure. */
  #isReady = false;
  #isWanted = false;
  /** Dialogs of it that are open. */
  #heldOpen = 0;
  #pendingShow: Pushes['show'] | null = null;
  #crashes: number[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
    this.#didChangeSeen = new Emitter('the window being seen', options.log);
    this.#didUnload = new Emitter('the page going', options.log);
  }

  get contents(): WebContents | null {
    return this.#window?.webContents ?? null;
  }

  get native(): BrowserWindow | null {
    return this.#window;
  }

  get isVisible(): boolean {
    return this.#window?.isVisible() === true;
  }

  /** On the screen, as far as the system tells: another window may cover it. */
  get isInView(): boolean {
    return this.isVisible && this.#window?.isMinimized() === false;
  }

  /** The page in front of the person; null unless the window has the focus. */
  get focusedPage(): Page | null {
    return this.#window?.isVisible() && this.#window.isFocused() ? this.#page : null;
  }

  /** It came into view, or went out of it. */
  onDidChangeSeen(listener: (isSeen: boolean) => void): Disposer {
    return this.#didChangeSeen.on(listener);
  }

  /** Its page is gone; the next one loads again. */
  onDidUnload(listener: () => void): Disposer {
    return this.#didUnload.on(listener);
  }

  /** Makes it if there is none; brings `page` into view, with a session if one is named. Not while Baton is being closed: nobody would fill it. */
  show(page?: Page, session: string | null = null): void {
    if (this.#options.isQuitting()) return;
    if (page !== undefined) this.#push({ page, session });
    this.#isWanted = true;
    const window = this.#window;
    if (window === null) this.#open();
    else if (this.#isReady) this.#bringForward(window);
  }

  /** Makes it without showing it: Windows tells only windows that the person logs out. */
  prepare(): void {
    if (this.#window === null) this.#open();
  }

  hide(): void {
    this.#isWanted = false;
    this.#window?.hide();
  }

  /** A click on the tray icon, where that opens and closes it. */
  toggle(): void {
    if (this.isVisible) this.hide();
    else this.show();
  }

  /** Its page has asked for the state, and hears from now on. */
  setLoaded(): void {
    this.#isLoaded = true;
    const show = this.#pendingShow;
    this.#pendingShow = null;
    if (show) this.send('show', show);
  }

  setPage(page: Page): void {
    this.#page = page;
  }

  send<Name extends PushName>(name: Name, push: Pushes[Name]): void {
    const contents = this.contents;
    if (contents && !contents.isDestroyed()) contents.send(`baton:push:${name}`, push);
  }

  /** While a dialog of it is open, losing the focus does not hide it. */
  async holdOpen<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#heldOpen += 1;
    try {
      return await work();
    } finally {
      this.#heldOpen -= 1;
    }
  }

  /** Shows it; resolves once it is in view, or is gone again before that. */
  async bringIntoView(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#didChangeSeen.on(() => resolve());
    this.show();
    if (!this.isVisible && !this.#options.isQuitting()) await promise;
    stop();
  }

  dispose(): void {
    this.#window?.destroy();
    this.#window = null;
  }

  #push(show: Pushes['show']): void {
    if (this.#isLoaded) this.send('show', show);
    else this.#pendingShow = show;
  }

  #open(): void {
    const { create, size, log } = this.#options;
    const window = create({ ...size.read(), ...this.#renderOptions() });
    this.#window = window;
    this.#isLoaded = false;
    this.#isReady = false;
    const setReady = () => {
      if (this.#isReady) return;
      this.#isReady = true;
      if (this.#isWanted) this.#bringForward(window);
    };
    window.once('ready-to-show', setReady);
    // Under Wayland a hidden window may never be painted, so that the event above does not come (electron/electron#48859).
    if (this.#options.system === 'linux') window.webContents.once('did-finish-load', setReady);
    window.on('show', () => this.#didChangeSeen.fire(true));
    window.on('hide', () => {
      this.#rememberSize(window);
      this.#didChangeSeen.fire(false);
    });
    window.on('closed', () => this.#forget(window));
    window.on('close', (event) => {
      this.#rememberSize(window);
      if (this.#options.isQuitting()) return;
      event.preventDefault();
      this.#options.onClose();
    });
    if (this.#options.system !== 'linux') window.on('blur', () => this.#handleBlur(window));
    if (this.#options.system === 'windows') {
      window.on('query-session-end', () => this.#options.onSessionEnd());
      window.on('session-end', () => this.#options.onSessionEnd());
    }
    const { webContents } = window;
    webContents.on('render-process-gone', (_event, details) => this.#handleCrash(window, details.reason));
    webContents.on('did-fail-load', (_event, code, description) => {
      log.error('The page of the window could not be loaded', { code, description });
      setReady();
    });
    window.loadURL(APP_PAGE).catch((error: unknown) => log.error('The window could not be loaded', { error }));
  }

  #renderOptions(): BrowserWindowConstructorOptions {
    const { system, preload, isDevelopment, theme } = this.#options;
    const isPopover = system !== 'linux';
    return {
      show: false,
      minWidth: WINDOW_MIN.width,
      minHeight: WINDOW_MIN.height,
      title: 'Baton',
      backgroundColor: BACKGROUND[theme.shouldUseDarkColors ? 'dark' : 'light'],
      autoHideMenuBar: true,
      ...(isPopover && {
        frame: false,
        skipTaskbar: true,
        fullscreenable: false,
        maximizable: false,
        minimizable: false,
      }),
      webPreferences: {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
        devTools: isDevelopment,
      },
    };
  }

  #bringForward(window: BrowserWindow): void {
    const { system, screen, trayBounds } = this.#options;
    const tray = trayBounds();
    if (system !== 'linux' && screen && tray && !window.isVisible()) {
      const [width, height] = window.getSize() as [number, number];
      window.setBounds(placeAtTray(tray, screen.getDisplayMatching(tray).workArea, { width, height }));
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  #rememberSize(window: BrowserWindow): void {
    const [width, height] = window.getSize() as [number, number];
    this.#options.size.write({ width, height });
  }

  /** A click on the icon takes the focus before it toggles: hiding now would show the window again. */
  #handleBlur(window: BrowserWindow): void {
    const { screen, trayBounds } = this.#options;
    if (this.#heldOpen > 0 || window.isDestroyed()) return;
    const tray = trayBounds();
    if (screen && tray && isInside(screen.getCursorScreenPoint(), tray)) return;
    this.hide();
  }

  /** The page of a renderer that is gone cannot be mended; another window takes its place if somebody looks. */
  #handleCrash(window: BrowserWindow, reason: string): void {
    const { log, now } = this.#options;
    log.error('The page of the window broke down', { reason });
    if (this.#window !== window || reason === 'clean-exit') return;
    const wasVisible = window.isVisible();
    this.#crashes = [...this.#crashes.filter((at) => now() - at < CRASHES_WITHIN_MS), now()];
    window.destroy();
    this.#forget(window);
    if (wasVisible && this.#crashes.length < CRASHES_MAX) this.show(this.#page);
  }

  #forget(window: BrowserWindow): void {
    if (this.#window !== window) return;
    this.#window = null;
    this.#isLoaded = false;
    this.#isWanted = false;
    this.#didUnload.fire();
    this.#didChangeSeen.fire(false);
  }
}
