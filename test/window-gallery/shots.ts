/** Takes pictures of the window's scenes: `node test/window-gallery/shots.ts OUT [scene …]`. Sizes and themes from SIZES and THEMES; WHOLE=1 takes a page's whole length. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumArguments, findChromium } from '../support/chromium.ts';
import { scenes } from './scenes.ts';

const [out = 'window-shots', ...wanted] = process.argv.slice(2);
const sizes = (process.env.SIZES ?? '760x640,420x640,1100x800')
  .split(',')
  .map((size) => size.split('x').map(Number) as [number, number]);
const themes = (process.env.THEMES ?? 'light,dark').split(',') as ('light' | 'dark')[];
const isWhole = process.env.WHOLE === '1';
/** Higher than any page of the gallery. */
const WHOLE_HEIGHT = 3200;

mkdirSync(out, { recursive: true });
const server = await createServer({
  configFile: resolve(import.meta.dirname, 'vite.config.ts'),
  server: { port: 0 },
  logLevel: 'error',
});
await server.listen();
const address = server.resolvedUrls?.local[0];
if (address === undefined) throw new Error('The gallery server has no address.');
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: chromiumArguments(),
});
try {
  for (const [width, height] of sizes) {
    for (const theme of themes) {
      const context = await browser.newContext({
        viewport: { width, height: isWhole ? WHOLE_HEIGHT : height },
        colorScheme: theme,
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
        await page.waitForLoadState('networkidle');
        if (/^settings-test/.test(name)) await page.getByRole('button', { name: 'Test', exact: true }).click();
        if (name.startsWith('doctor-')) await page.getByRole('button', { name: 'Check now' }).click();
        await page.screenshot({ path: `${out}/${name}-${width}-${theme}.png`, animations: 'disabled' });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
