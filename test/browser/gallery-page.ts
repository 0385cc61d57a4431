/**
 * A page that shows one gallery scene: the phone's screens on a made-up core, built as the real page is and served on
 * loopback under the relay's own headers, so that its Content-Security-Policy is tried on every screen.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { createSecurityHeaders } from '#relay/http-headers.ts';
import type { FixtureHost } from '../gallery/fixture-host.ts';
import { SESSION } from '../gallery/fixture-state.ts';

const PHONE = { width: 390, height: 844 };
const CONFIG = join(import.meta.dirname, '../gallery/vite.config.ts');

export interface Gallery {
  readonly page: Page;
  /** Opens a scene and waits until it is drawn. */
  open(scene: string): Promise<void>;
}

export const test = base.extend<{ gallery: Gallery }, { galleryUrl: string }>({
  viewport: PHONE,
  galleryUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
    async ({}, use) => {
      const outDir = mkdtempSync(join(tmpdir(), 'baton-gallery-'));
      await build({ configFile: CONFIG, logLevel: 'error', build: { outDir, emptyOutDir: true, target: 'es2023' } });
      const server = await preview({
        configFile: CONFIG,
        logLevel: 'error',
        build: { outDir },
        preview: { host: '127.0.0.1', port: 0, headers: { ...createSecurityHeaders([]) } },
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
        // Texts are drawn plain until the Markdown code has come.
        await base.expect(page.locator('.row-message > .plain-text')).toHaveCount(0);
      },
    });
    base.expect(problems).toEqual([]);
  },
});

/** Runs `act` in the page, with the made-up computer behind the screens. */
export async function onHost<T>(page: Page, act: (host: FixtureHost, session: string) => T): Promise<T> {
  return page.evaluate(`(${act.toString()})(window.gallery.hosts.value[0], ${JSON.stringify(SESSION)})`) as Promise<T>;
}
