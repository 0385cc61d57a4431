/** A page in Chromium that can import any module of the project, through a Vite server on loopback. */
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { createServer, type ViteDevServer } from 'vite';

const ROOT = join(import.meta.dirname, '../..');

export const test = base.extend<{ modulePage: Page }, { vite: ViteDevServer }>({
  vite: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
    async ({}, use) => {
      const server = await createServer({
        root: ROOT,
        configFile: false,
        logLevel: 'error',
        appType: 'custom',
        server: { host: '127.0.0.1', port: 0, watch: null, hmr: false },
        optimizeDeps: { noDiscovery: true, include: ['zod/mini'] },
      });
      server.middlewares.use((request, response, next) => {
        if (request.url !== '/empty.html') return next();
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>empty</title>');
      });
      await server.listen();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  modulePage: async ({ page, vite }, use) => {
    await page.goto(`${vite.resolvedUrls?.local[0] ?? ''}empty.html`);
    await use(page);
  },
});
