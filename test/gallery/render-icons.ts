/** Renders the checked-in icons of the phone page from assets/logo.svg: `node test/gallery/render-icons.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright';

const root = resolve(import.meta.dirname, '../..');
const logo = readFileSync(resolve(root, 'assets/logo.svg'), 'utf8');
/** Platforms that cut icons to their own shape want the ground to reach the edge, and the mark within the middle. */
const filled = logo.replace('rx="116"', '');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});

async function renderIcon(name: string, svg: string, size: number, scale = 1): Promise<void> {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const image = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const ground = scale === 1 ? 'transparent' : '#0c3a34';
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:${size}px;background:${ground}"><img src="${image}" width="${size * scale}" height="${size * scale}">`,
  );
  await page.locator('img').evaluate((element: HTMLImageElement) => element.decode());
  const bytes = await page.screenshot({ omitBackground: true });
  writeFileSync(resolve(root, 'phone/public', name), bytes);
  await page.close();
}

await renderIcon('icon-192.png', logo, 192);
await renderIcon('icon-512.png', logo, 512);
await renderIcon('icon-maskable-512.png', filled, 512, 0.82);
await renderIcon('apple-touch-icon.png', filled, 180);
writeFileSync(resolve(root, 'phone/public/icon.svg'), logo);
await browser.close();
