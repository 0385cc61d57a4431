/** Takes pictures of gallery scenes: `node test/gallery/shots.ts OUT [scene …]`. Sizes and themes from SIZES and THEMES. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { scenes } from './scenes.ts';

const [out = 'gallery-shots', ...wanted] = process.argv.slice(2);
const sizes = (process.env.SIZES ?? '390x844')
  .split(',')
  .map((size) => size.split('x').map(Number) as [number, number]);
const themes = (process.env.THEMES ?? 'light,dark').split(',') as ('light' | 'dark')[];

mkdirSync(out, { recursive: true });
const server = await createServer({
  configFile: resolve(import.meta.dirname, 'vite.config.ts'),
  server: { port: 0 },
  logLevel: 'error',
});
await server.listen();
const address = server.resolvedUrls?.local[0];
if (address === undefined) throw new Error('The gallery server has no address.');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  for (const [width, height] of sizes) {
    for (const theme of themes) {
      const isPhone = width < 900;
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        hasTouch: isPhone,
        isMobile: isPhone,
        deviceScaleFactor: 2,
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(`${theme} ${width}: ${error.stack ?? error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(`${page.url()}: ${message.text()}`);
      });
      for (const name of wanted.length > 0 ? wanted : Object.keys(scenes)) {
        await page.goto(`${address}?scene=${name}`);
        await page.waitForFunction(() => document.querySelector('#app')?.childElementCount);
        // One frame for the markdown code to arrive, and for rows to be measured.
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: `${out}/${name}-${width}-${theme}.png`, animations: 'disabled' });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
