/** A window of the stand-in: a page in Chromium that may do only what the app's own handlers let it. */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Frame, Page, Request, Route } from 'playwright';
import type { AppCalls, DesktopCalls, FrameView, RequestKind } from '#test/electron/messages.ts';
import {
  PORT_NAME,
  type PortAnswer,
  type PortMessage,
  PUSH_SYMBOL,
  preloadScript,
} from '#test/electron/preload-script.ts';
import type { Wire } from '#test/electron/wire.ts';

export type AppWire = Wire<AppCalls, DesktopCalls>;

interface WindowOptions {
  readonly id: number;
  readonly preload: string | null;
  readonly width: number;
  readonly height: number;
}

/** An empty page, as a window begins; takes Chromium a while. */
export async function openEmptyPage(browser: Browser, isDark: boolean): Promise<Page> {
  const colorScheme = isDark ? 'dark' : 'light';
  const context = await browser.newContext({ colorScheme, serviceWorkers: 'block' });
  return await context.newPage();
}

const KINDS: Record<string, RequestKind> = {
  stylesheet: 'stylesheet',
  script: 'script',
  image: 'image',
  font: 'font',
  media: 'media',
  xhr: 'xhr',
  fetch: 'xhr',
};

export class ChromiumWindow {
  readonly page: Page;
  readonly problems: string[] = [];
  readonly #id: number;
  readonly #context: BrowserContext;
  readonly #app: AppWire;
  /** The address that the app itself is loading, which nobody has to allow. */
  #loading: string | null = null;

  private constructor(options: WindowOptions, context: BrowserContext, page: Page, app: AppWire) {
    this.#id = options.id;
    this.#context = context;
    this.#app = app;
    this.page = page;
  }

  static async open(page: Page, app: AppWire, options: WindowOptions): Promise<ChromiumWindow> {
    const { width, height, preload } = options;
    const context = page.context();
    const window = new ChromiumWindow(options, context, page, app);
    await Promise.all([page.setViewportSize({ width, height }), window.#guard()]);
    await context.exposeBinding(PORT_NAME, ({ frame }, message: PortMessage) => window.#handleMessage(frame, message));
    if (preload !== null) await context.addInitScript(preloadScript(readFileSync(preload, 'utf8')));
    return window;
  }

  async load(url: string): Promise<{ isLoaded: boolean; text: string }> {
    this.#loading = url;
    try {
      const response = await this.page.goto(url);
      return { isLoaded: true, text: response ? String(response.status()) : '' };
    } catch (error) {
      return { isLoaded: false, text: (error as Error).message };
    }
  }

  async reload(): Promise<void> {
    this.#loading = this.page.url();
    await this.page.reload();
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
  }

  /** Everything else is denied. */
  async grant(permissions: readonly string[]): Promise<void> {
    await this.#context.grantPermissions([...permissions]);
  }

  /** What a page in navigation misses is lost, as in Electron. */
  async push(channel: string, args: readonly unknown[]): Promise<void> {
    await this.page.evaluate(
      ([symbol, name, values]) => {
        const receive = (globalThis as unknown as Record<symbol, (channel: string, args: unknown) => void>)[
          Symbol.for(symbol)
        ];
        receive?.(name, values);
      },
      [PUSH_SYMBOL, channel, args] as const,
    );
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  async #guard(): Promise<void> {
    const { page } = this;
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.#app.tell('page.navigated', { window: this.#id, url: frame.url() });
    });
    page.on('crash', () => this.#app.tell('page.crashed', { window: this.#id }));
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
    this.#context.on('page', (opened) => void this.#handleOpened(opened));
    await this.#context.route('**/*', (route) => this.#handleRequest(route));
    await this.#context.routeWebSocket(/.*/, async (socket) => {
      const isCancelled = await this.#isCancelled(socket.url(), 'GET', 'webSocket');
      if (isCancelled) await socket.close({ code: 1008, reason: 'Cancelled by the app' });
      else socket.connectToServer();
    });
  }

  async #handleMessage(frame: Frame, { kind, channel, args }: PortMessage): Promise<PortAnswer> {
    const from = { window: this.#id, channel, args, frame: viewOf(frame) };
    if (kind === 'invoke') return await this.#app.call('ipc.invoke', from);
    await this.#app.call('ipc.send', from);
    return { isDone: true, value: undefined };
  }

  async #handleOpened(opened: Page): Promise<void> {
    if (opened === this.page) return;
    if (!(await this.#isOpeningAllowed(opened.url()))) await opened.close();
  }

  async #handleRequest(route: Route): Promise<void> {
    const request = route.request();
    try {
      if (!(await this.#isNavigationAllowed(request))) return await route.abort('aborted');
      const isCancelled = await this.#isCancelled(request.url(), request.method(), kindOf(request, this.page));
      return await (isCancelled ? route.abort('blockedbyclient') : route.continue());
    } catch {
      // The app or the page is gone.
      await route.abort().catch(() => {});
    }
  }

  async #isNavigationAllowed(request: Request): Promise<boolean> {
    if (!request.isNavigationRequest()) return true;
    const frame = frameOf(request);
    if (frame?.page() !== this.page) return await this.#isOpeningAllowed(request.url());
    const isMainFrame = frame === this.page.mainFrame();
    if (isMainFrame && this.#loading === request.url()) return true;
    const url = request.url();
    return (await this.#app.call('page.navigating', { window: this.#id, url, isMainFrame })).isAllowed;
  }

  async #isOpeningAllowed(url: string): Promise<boolean> {
    return (await this.#app.call('page.opening', { window: this.#id, url })).isAllowed;
  }

  async #isCancelled(url: string, method: string, kind: RequestKind): Promise<boolean> {
    return (await this.#app.call('page.requesting', { window: this.#id, url, method, kind })).isCancelled;
  }
}

function viewOf(frame: Frame): FrameView {
  return frame.isDetached() ? null : { url: frame.url(), isMain: frame.parentFrame() === null };
}

/** Null: of a page that is only being opened. */
function frameOf(request: Request): Frame | null {
  try {
    return request.frame();
  } catch {
    return null;
  }
}

function kindOf(request: Request, page: Page): RequestKind {
  if (!request.isNavigationRequest()) return KINDS[request.resourceType()] ?? 'other';
  return frameOf(request) === page.mainFrame() ? 'mainFrame' : 'subFrame';
}
