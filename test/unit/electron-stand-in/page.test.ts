import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, makeTrialFolder, startTrial, type Trial, type TrialWindow } from './trial.ts';

let browser: Browser;
let folder: ReturnType<typeof makeTrialFolder>;
let trial: Trial | null = null;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(() => {
  folder = makeTrialFolder();
});
afterEach(async () => {
  await trial?.app.kill();
  trial = null;
  folder.remove();
});

async function start(options: Parameters<typeof startTrial>[2] = {}): Promise<{ started: Trial; page: Page }> {
  trial = await startTrial(browser, folder.folder, options);
  return { started: trial, page: await trial.app.window() };
}

const invoke = (page: Page, channel: string, ...args: unknown[]) =>
  page.evaluate(([name, values]) => (window as unknown as TrialWindow).trial.invoke(name, ...values), [
    channel,
    args,
  ] as const);

describe('a window of the stand-in', () => {
  it('shows what the handler of the scheme answers, at a secure origin, and gives the page nothing but the bridge', async () => {
    const { page } = await start();
    const seen = await page.evaluate(() => ({
      text: document.querySelector('p')?.textContent,
      isSecure: isSecureContext,
      names: (window as unknown as TrialWindow).seenAtStart.split(',').filter((name) => !(name in Window.prototype)),
      hasRequire: 'require' in window,
      hasPort: '__electronPort' in window,
    }));
    expect(seen).toMatchObject({ text: 'app://bundle/index.html', isSecure: true, hasRequire: false, hasPort: false });
    expect(seen.names).toContain('trial');
  });

  it('obeys the content security policy that the app sends', async () => {
    const { page } = await start();
    await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src="https://example.com/x.png">'));
    await expect.poll(() => trial?.app.problems().join()).toContain('Content Security Policy');
  });

  it('carries values both ways by copying them, and says where a call comes from', async () => {
    const { page } = await start();
    expect(await invoke(page, 'echo', { list: [1, null, 'ä'], at: 5n })).toEqual({
      value: { list: [1, null, 'ä'], at: 5n },
      from: 'app://bundle/index.html',
    });
    await expect(invoke(page, 'no-such-channel')).rejects.toThrow("No handler registered for 'no-such-channel'");
    await expect(invoke(page, 'run', 'throw new Error("as it was told")')).rejects.toThrow('as it was told');
    const uncloneable = page.evaluate(() =>
      (window as unknown as TrialWindow).trial.invoke('echo', { symbol: Symbol('x') }),
    );
    await expect(uncloneable).rejects.toThrow('could not be cloned');
  });

  it('tells frames apart: the main one is one object, others have it as parent, and one that is gone is null', async () => {
    const { started } = await start();
    const look = `return { isMain: event.senderFrame === event.sender.mainFrame, url: event.senderFrame?.url, hasParent: !!event.senderFrame?.parent }`;
    const [own, inner, foreign, gone] = [
      await started.app.invoke('window', 'run', [look]),
      await started.app.invoke('inner-frame', 'run', [look]),
      await started.app.invoke('foreign-page', 'run', [look]),
      await started.app.invoke('gone', 'run', [look]),
    ];
    expect([own, inner, foreign, gone]).toEqual([
      { isMain: true, url: 'app://bundle/index.html', hasParent: false },
      { isMain: false, url: 'app://bundle/index.html', hasParent: true },
      { isMain: true, url: 'https://example.com/', hasParent: false },
      { isMain: false, url: undefined, hasParent: false },
    ]);
  });

  it('hands pushes to the page in order, until the page no longer listens', async () => {
    const { started, page } = await start();
    await page.evaluate(() => {
      const { trial } = window as unknown as TrialWindow;
      const got: unknown[] = [];
      const stop = trial.on('news', (value) => {
        got.push(value);
        if (value === 2) stop();
      });
      Object.assign(window, { got });
    });
    await started.run(`for (const value of [0, 1, 2, 3]) event.sender.send('news', value)`);
    await started.run(`return await event.sender.executeJavaScript('1')`);
    expect(await page.evaluate(() => (window as unknown as { got: unknown[] }).got)).toEqual([0, 1, 2]);
  });

  it('is visible only between show and hide, and stays when its closing is prevented', async () => {
    const { started } = await start();
    const { app } = started;
    expect(await app.isWindowVisible()).toBe(true);
    await started.run(
      `const [one] = electron.BrowserWindow.getAllWindows(); one.on('close', (e) => { e.preventDefault(); one.hide(); })`,
    );
    await app.closeWindow();
    expect(await app.isWindowVisible()).toBe(false);
    await started.run(`electron.BrowserWindow.getAllWindows()[0].show()`);
    expect(await app.isWindowVisible()).toBe(true);
    expect(app.output()).not.toContain('window-all-closed');
    await started.run(`electron.BrowserWindow.getAllWindows()[0].destroy()`).catch(() => {});
    await expect.poll(() => app.output()).toContain('window-all-closed');
  });

  it('refuses a page that is not isolated', async () => {
    const { started } = await start();
    await expect(
      started.run(`new electron.BrowserWindow({ webPreferences: { nodeIntegration: true } })`),
    ).rejects.toThrow('nodeIntegration');
  });
});

describe('the handlers of the app', () => {
  /** Counts who comes to a server that is none of the page's business. */
  async function withForeignServer(use: (origin: string, visits: () => number) => Promise<void>): Promise<void> {
    let visits = 0;
    const server = createServer((_request, response) => {
      visits++;
      response.setHeader('access-control-allow-origin', '*').end('foreign');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => visits);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const tryRequest = (page: Page, origin: string) =>
    page.evaluate(async (url) => {
      const answer = await fetch(url).catch(() => null);
      return (await answer?.text()) ?? null;
    }, origin);
  const permissionOf = (page: Page) =>
    page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state);
  const openCsp = 'default-src * data:';

  it('hold: requests, navigation, windows and permissions are refused', async () => {
    await withForeignServer(async (origin, visits) => {
      const { page } = await start({ csp: openCsp });
      expect(await tryRequest(page, origin)).toBeNull();
      expect(await permissionOf(page)).toBe('denied');
      await page.evaluate((url) => {
        const socket = new WebSocket(url.replace('http', 'ws'));
        return new Promise((resolve) => {
          socket.onclose = resolve;
        });
      }, origin);
      await page.evaluate((url) => void window.open(url), origin);
      await expect.poll(() => page.context().pages().length).toBe(1);
      const before = page.url();
      const isRefused = page.waitForEvent('requestfailed', (request) => request.isNavigationRequest());
      await page.evaluate((url) => void location.assign(url), origin);
      await isRefused;
      expect(page.url()).toBe(before);
      expect(await page.evaluate(() => document.title)).toBe('Trial');
      expect(visits()).toBe(0);
    });
  });

  it('are missed where the app has none: then all of it is allowed, as Electron does', async () => {
    await withForeignServer(async (origin, visits) => {
      const { page } = await start({ isGuarded: false, csp: openCsp });
      expect(await tryRequest(page, origin)).toBe('foreign');
      expect(await permissionOf(page)).toBe('granted');
      const opened = page.context().waitForEvent('page');
      await page.evaluate((url) => void window.open(url), origin);
      await (await opened).waitForURL(`${origin}/`);
      await page.evaluate((url) => void location.assign(url), origin);
      await page.waitForURL(`${origin}/`);
      expect(visits()).toBeGreaterThanOrEqual(3);
    });
  });
});
