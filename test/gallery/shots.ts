/**
 * Takes pictures of gallery scenes: `node test/gallery/shots.ts phone|window OUT [scene …]`. Sizes and themes from SIZES and
 * THEMES; WHOLE=1 makes the window as high as its pages.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumArguments, findChromium } from '../support/chromium.ts';
import { scenes } from './scenes.ts';
import { windowScenes } from './window-scenes.ts';

const WHOLE_HEIGHT = 3400;

const FRONT_ENDS = {
  phone: { path: '', sizes: '390x844', scenes: Object.keys(scenes) },
  window: { path: 'window.html', sizes: '1100x760', scenes: Object.keys(windowScenes) },
};

const [frontEnd = 'phone', out = 'gallery-shots', ...wanted] = process.argv.slice(2);
if (frontEnd !== 'phone' && frontEnd !== 'window') throw new Error(`There is no gallery of “${frontEnd}”.`);
const shown = FRONT_ENDS[frontEnd];
const sizes = (process.env.SIZES ?? shown.sizes)
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
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: chromiumArguments(),
});
try {
  for (const [width, height] of sizes) {
    for (const theme of themes) {
      const isPhone = frontEnd === 'phone' && width < 900;
      const context = await browser.newContext({
        viewport: { width, height: process.env.WHOLE === '1' ? WHOLE_HEIGHT : height },
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
      for (const name of wanted.length > 0 ? wanted : shown.scenes) {
        await page.goto(`${address}${shown.path}?scene=${name}`);
        await page.waitForFunction(() => document.querySelector('#app')?.childElementCount);
        // One frame for the markdown code to arrive, and for rows to be measured.
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
