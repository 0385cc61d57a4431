import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { build } from 'vite';
import { startRelay } from '../support/test-host.ts';

const PHONE = join(import.meta.dirname, '../../phone');

const test = base.extend<{ folder: string }, { page1: string }>({
  /** The page as it is shipped. */
  page1: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'baton-phone-'));
      await build({
        configFile: join(PHONE, 'vite.config.ts'),
        root: PHONE,
        logLevel: 'error',
        build: { outDir: folder },
      });
      await use(folder);
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-worker-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
});

/** The same page under another build name, and with a title to tell it by. */
function makeNewerPage(from: string, folder: string): string {
  cpSync(from, folder, { recursive: true });
  const worker = join(folder, 'sw.js');
  const build = readFileSync(join(folder, 'build.txt'), 'utf8').trim();
  writeFileSync(worker, readFileSync(worker, 'utf8').replaceAll(build, 'ffffffffffff'));
  const index = join(folder, 'index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace('<title>Baton</title>', '<title>Newer Baton</title>'));
  return folder;
}

async function untilInstalled(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

test('the worker lists every file of the build, and the page asks for no other', async ({ page1 }) => {
  const listed = /new Set\((\[[^\]]*\])\)/.exec(readFileSync(join(page1, 'sw.js'), 'utf8'))?.[1] ?? '[]';
  const files = readdirSync(page1, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(page1.length));
  const own = ['/index.html', '/sw.js', '/build.txt'];
  expect(JSON.parse(listed)).toEqual(files.filter((name) => !own.includes(name)).sort());
});

test('an installed page opens without the relay, under every address of its own', async ({ page, page1, folder }) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const relay = await startRelay(folder, { phoneFolder: page1 });
  const origin = `http://127.0.0.1:${relay.port}`;
  await page.goto(origin);
  await untilInstalled(page);
  await relay.stop({ graceful: false });
  for (const path of ['/', '/p', '/s/some-host/some-session']) {
    await page.goto(`${origin}${path}`);
    await expect(page.locator('#app > *').first()).toBeVisible();
    expect(await page.title()).toContain('Baton');
  }
  await expect(page.goto(`${origin}/healthz`)).rejects.toThrow();
  expect(problems).toEqual([]);
});

test('a newer page waits until a person asks for it, and is whole then', async ({ page, page1, folder }) => {
  const relay = await startRelay(folder, { phoneFolder: page1 });
  const origin = `http://127.0.0.1:${relay.port}`;
  await page.goto(origin);
  await untilInstalled(page);
  await relay.stop({ graceful: false });

  const newer = await startRelay(folder, {
    phoneFolder: makeNewerPage(page1, join(folder, 'newer')),
    port: relay.port,
  });
  await page.reload();
  const served = () =>
    page.evaluate(async () => (await (await fetch('/', { cache: 'no-store' })).text()).includes('Newer Baton'));
  expect(await served()).toBe(true);
  const shown = () => page.evaluate(() => document.querySelector('head title')?.textContent);
  const isNewer = async () =>
    (await page.evaluate(async () => (await caches.keys()).filter((name) => name.endsWith('ffffffffffff')).length)) ===
    1;
  await expect.poll(isNewer).toBe(true);
  await page.waitForFunction(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));
  await page.reload();
  expect(await shown()).not.toBe('Newer Baton');

  const reloaded = page.waitForEvent('load');
  await page.locator('.update-bar button').click();
  await reloaded;
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  const html = await page.evaluate(async () => await (await caches.match('/'))?.text());
  expect(html).toContain('Newer Baton');
  expect(await page.evaluate(async () => (await caches.keys()).length)).toBe(1);
  await newer.stop({ graceful: false });
});
