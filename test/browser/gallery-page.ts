/**
 * A page that shows one gallery scene: the screens of the phone's page or of the window on a made-up host, built as the real
 * ones are and served on loopback under their own headers, so that each Content-Security-Policy is tried on every screen.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { createSecurityHeaders } from '#relay/http-headers.ts';
import type { FixtureBridge } from '../gallery/fixture-bridge.ts';
import type { FixtureHost } from '../gallery/fixture-host.ts';
import { SESSION } from '../gallery/fixture-state.ts';
import { effectsRun } from './effects-run.ts';

export type FrontEnd = 'phone' | 'window';

/** Screens of sessions are the same in both: their specs run once for each. */
export const FRONT_ENDS: readonly FrontEnd[] = ['phone', 'window'];

const CONFIG = join(import.meta.dirname, '../gallery/vite.config.ts');
const PARTS = {
  phone: { path: '', viewport: { width: 390, height: 844 }, headers: { ...createSecurityHeaders([]) } },
  window: {
    path: 'window.html',
    viewport: { width: 1100, height: 760 },
    // What the app's protocol handler sends with every file of the window.
    headers: {
      'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'",
    },
  },
};

export interface Gallery {
  readonly page: Page;
  /** Opens a scene and waits until it is drawn. */
  open(scene: string): Promise<void>;
}

export const test = base.extend<
  { frontEnd: FrontEnd; gallery: Gallery },
  { galleryUrls: Readonly<Record<FrontEnd, string>> }
>({
  frontEnd: ['phone', { option: true }],
  viewport: ({ frontEnd }, use) => use(PARTS[frontEnd].viewport),
  galleryUrls: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
    async ({}, use) => {
      const outDir = mkdtempSync(join(tmpdir(), 'baton-gallery-'));
      await build({ configFile: CONFIG, logLevel: 'error', build: { outDir, emptyOutDir: true, target: 'es2023' } });
      const serve = (frontEnd: FrontEnd) =>
        preview({
          configFile: CONFIG,
          logLevel: 'error',
          build: { outDir },
          preview: { host: '127.0.0.1', port: 0, headers: PARTS[frontEnd].headers },
        });
      const [phone, window] = await Promise.all([serve('phone'), serve('window')]);
      await use({ phone: phone.resolvedUrls?.local[0] ?? '', window: window.resolvedUrls?.local[0] ?? '' });
      await Promise.all([phone.close(), window.close()]);
      rmSync(outDir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  gallery: async ({ page, frontEnd, galleryUrls }, use) => {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await use({
      page,
      open: async (scene) => {
        await page.goto(`${galleryUrls[frontEnd]}${PARTS[frontEnd].path}?scene=${scene}`);
        await page.locator('#app > *').first().waitFor();
        if (frontEnd === 'window') await page.locator('h1').filter({ visible: true }).first().waitFor();
        // Texts are drawn plain until the Markdown code has come.
        await base.expect(page.locator('.row-message > .plain-text')).toHaveCount(0);
        await effectsRun(page);
      },
    });
    base.expect(problems).toEqual([]);
  },
});

/** Runs `act` in the page, with the made-up host behind the screens. */
export async function onHost<T>(page: Page, act: (host: FixtureHost, session: string) => T): Promise<T> {
  return page.evaluate(`(${act.toString()})(window.host, ${JSON.stringify(SESSION)})`) as Promise<T>;
}

/** Runs `act` in the window, with the made-up main process behind it. */
export async function onMain<T, A = undefined>(
  page: Page,
  act: (main: FixtureBridge, argument: A) => T,
  argument?: A,
): Promise<T> {
  return page.evaluate(`(${act.toString()})(window.fixture, ${JSON.stringify(argument ?? null)})`) as Promise<T>;
}
