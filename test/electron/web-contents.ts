/** `webContents`: a page of the app, which lives in the desktop's Chromium. */
import { EventEmitter } from 'node:events';
import type { DesktopWire } from './desktop-wire.ts';
import { emitDetails } from './electron-event.ts';
import type { FrameView } from './messages.ts';
import type { WebSession } from './web-session.ts';

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];
type Used =
  | 'executeJavaScript'
  | 'getTitle'
  | 'getURL'
  | 'id'
  | 'isDestroyed'
  | 'isLoading'
  | 'loadURL'
  | 'reload'
  | 'send'
  | 'setWindowOpenHandler';

/** The members of a frame that apps look at. */
class Frame implements Pick<Electron.WebFrameMain, 'url' | 'origin' | 'detached'> {
  url: string;
  readonly parent: Frame | null;
  readonly detached = false;

  constructor(url: string, parent: Frame | null) {
    this.url = url;
    this.parent = parent;
  }

  get top(): Frame {
    return this.parent?.top ?? this;
  }

  get origin(): string {
    if (!URL.canParse(this.url)) return 'null';
    const { protocol, host, origin } = new URL(this.url);
    return origin === 'null' && host !== '' ? `${protocol}//${host}` : origin;
  }
}

export class StandInWebContents extends EventEmitter implements Pick<Electron.WebContents, Used> {
  readonly id: number;
  readonly session: WebSession;
  readonly #desktop: DesktopWire;
  readonly #mainFrame = new Frame('', null);
  #onOpen: WindowOpenHandler | null = null;
  #isDestroyed = false;
  #isLoading = false;

  constructor(id: number, session: WebSession, desktop: DesktopWire) {
    super();
    this.id = id;
    this.session = session;
    this.#desktop = desktop;
    session.onDidChangePermissions(() => void this.#grant());
  }

  /** As those see it who are given Electron's own type; it has the members that the app uses. */
  get asElectron(): Electron.WebContents {
    return this as unknown as Electron.WebContents;
  }

  get mainFrame(): Electron.WebFrameMain {
    return this.#mainFrame as unknown as Electron.WebFrameMain;
  }

  getURL(): string {
    return this.#mainFrame.url;
  }

  getTitle(): string {
    return '';
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  isLoading(): boolean {
    return this.#isLoading;
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#onOpen = handler;
  }

  /** Rejects if the page cannot be loaded, after `did-fail-load`. */
  async loadURL(url: string): Promise<void> {
    this.#isLoading = true;
    const address = await this.session.protocol.served(url);
    await this.#grant(url);
    const { isLoaded, text } = await this.#desktop.call('window.load', { window: this.id, url: address });
    this.#finishLoading(isLoaded);
    if (isLoaded) return;
    this.emit('did-fail-load', {}, -2, text, url, true);
    throw new Error(`${text} loading '${url}'`);
  }

  reload(): void {
    this.#isLoading = true;
    this.#desktop
      .call('window.reload', { window: this.id })
      .then(() => this.#finishLoading(true))
      .catch(() => {});
  }

  /** Throws for what cannot be cloned, as Electron does. */
  send(channel: string, ...args: unknown[]): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    this.#desktop.tell('window.push', { window: this.id, channel, args: structuredClone(args) });
  }

  executeJavaScript(code: string): Promise<unknown> {
    return this.#desktop.call('window.evaluate', { window: this.id, code });
  }

  /** The frame that a message says it is from; the main one is always the same object. */
  frameOf(view: FrameView): Electron.WebFrameMain | null {
    if (view === null) return null;
    const url = this.session.protocol.original(view.url);
    if (!view.isMain) return new Frame(url, this.#mainFrame) as unknown as Electron.WebFrameMain;
    this.#mainFrame.url = url;
    return this.mainFrame;
  }

  handleNavigated(address: string): void {
    this.#mainFrame.url = this.session.protocol.original(address);
  }

  isNavigationAllowed(address: string, isMainFrame: boolean): boolean {
    const url = this.session.protocol.original(address);
    const frame = this.mainFrame;
    const details = { url, isSameDocument: false, isMainFrame, frame, initiator: frame };
    if (emitDetails(this, 'will-frame-navigate', details)) return false;
    return !isMainFrame || !emitDetails(this, 'will-navigate', details, url, false, true, 1, 1);
  }

  /** Without a handler Electron opens the window. */
  isOpeningAllowed(address: string): boolean {
    const url = this.session.protocol.original(address);
    const referrer = { url: this.getURL(), policy: 'strict-origin-when-cross-origin' as const };
    const response = this.#onOpen?.({ url, frameName: '', features: '', disposition: 'foreground-tab', referrer });
    return response?.action !== 'deny';
  }

  handleCrashed(): void {
    this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.emit('destroyed');
  }

  #finishLoading(isLoaded: boolean): void {
    this.#isLoading = false;
    if (!isLoaded || this.#isDestroyed) return;
    this.emit('dom-ready', {});
    this.emit('did-finish-load', {});
  }

  async #grant(url = this.getURL()): Promise<void> {
    if (this.#isDestroyed || url === '') return;
    this.#desktop.tell('window.grant', { window: this.id, grants: await this.session.grants(this.asElectron, url) });
  }
}
