/** A page with the phone's core and no screens, served by a real relay with its real headers, beside a real host. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, test as base, type Page } from '@playwright/test';
import { build } from 'vite';
import { startHost, type TestHost } from '../support/test-host.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = '<!doctype html><title>loading</title><script type="module" src="/assets/core.js"></script>';

async function buildPage(folder: string): Promise<void> {
  const { output } = await buildEntry();
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'assets/core.js'), output[0].code);
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'empty.html'), PAGE);
}

async function buildEntry() {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    // The service worker has tests of its own, on the real build.
    define: { 'import.meta.env.PROD': 'false' },
    build: {
      write: false,
      target: 'es2023',
      minify: false,
      rolldownOptions: { input: join(ROOT, 'test/browser/phone-core-entry.ts'), output: { codeSplitting: false } },
    },
  });
  if (Array.isArray(built) || !('output' in built)) throw new Error('The page was not built as one bundle.');
  return built;
}

interface Fixtures {
  host: TestHost;
  /** Where the page is served. */
  origin: string;
  /** A page of an own browser profile; no connection is made on it. */
  storePage: Page;
  /** Opens the page with its core started; in `context` if given, else in a profile of its own. */
  openCore(path?: string, context?: BrowserContext): Promise<Page>;
}

export const test = base.extend<Fixtures, { pageFolder: string }>({
  pageFolder: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'baton-core-page-'));
      await buildPage(folder);
      await use(folder);
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  host: async ({ pageFolder }, use) => {
    const host = await startHost({ relay: { phoneFolder: pageFolder } });
    await use(host);
    await host.stop();
  },
  origin: async ({ host }, use) => use(`http://127.0.0.1:${host.relay.port}`),
  storePage: async ({ page, origin }, use) => {
    await page.goto(`${origin}/empty.html`);
    await page.waitForFunction(() => document.title === 'ready');
    await use(page);
  },
  openCore: async ({ browser, origin }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (path = '/', given) => {
      const context = given ?? (await browser.newContext());
      if (!given) contexts.push(context);
      const page = await context.newPage();
      await page.goto(path.startsWith('http') ? path : `${origin}${path}`);
      await page.waitForFunction(() => document.title === 'ready');
      return page;
    });
    for (const context of contexts) await context.close();
  },
});
