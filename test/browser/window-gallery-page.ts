/** A page that shows one scene of the tray window, built as the real page is and served under its Content-Security-Policy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import type { FixtureBridge } from '../window-gallery/fixture-bridge.ts';
import { effectsRun } from './effects-run.ts';

const CONFIG = join(import.meta.dirname, '../window-gallery/vite.config.ts');
/** What the app's protocol handler sends with every file of the window. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'";

export interface WindowGallery {
  readonly page: Page;
  /** Opens a scene and waits until it is drawn. */
  open(scene: string): Promise<void>;
}

export const test = base.extend<{ gallery: WindowGallery }, { galleryUrl: string }>({
  viewport: { width: 760, height: 640 },
  galleryUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
    async ({}, use) => {
      const outDir = mkdtempSync(join(tmpdir(), 'baton-window-'));
      await build({ configFile: CONFIG, logLevel: 'error', build: { outDir, emptyOutDir: true, target: 'es2023' } });
      const server = await preview({
        configFile: CONFIG,
        logLevel: 'error',
        build: { outDir },
        preview: { host: '127.0.0.1', port: 0, headers: { 'Content-Security-Policy': POLICY } },
      });
      await use(server.resolvedUrls?.local[0] ?? '');
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  gallery: async ({ page, galleryUrl }, use) => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await use({
      page,
      open: async (scene) => {
        await page.goto(`${galleryUrl}?scene=${scene}`);
        await page.locator('#app > *').first().waitFor();
        await page.locator('h1').first().waitFor();
        await effectsRun(page);
      },
    });
    base.expect(problems).toEqual([]);
  },
});

/** Runs `act` in the page, with the made-up main process behind it. */
export async function onMain<T, A = undefined>(
  page: Page,
  act: (main: FixtureBridge, argument: A) => T,
  argument?: A,
): Promise<T> {
  return page.evaluate(`(${act.toString()})(window.fixture, ${JSON.stringify(argument ?? null)})`) as Promise<T>;
}
