/**
 * `npm run icons`: draws every icon of Baton from assets/logo.svg and the tray's shapes: of the app for all systems (build/), of the tray
 * (assets/tray/), of the phone's page (phone/public/), and the sheet of tray icons (assets/screenshots/).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { requireChromium, WHAT_TO_INSTALL } from '#test/support/chromium.ts';
import { ROOT } from '../steps.ts';
import { composeContactSheet } from './contact-sheet.ts';
import { encodeIcns, encodeIco, ICNS_KINDS } from './icon-files.ts';
import { APP_ICON_SIZES, ICO_SIZES, LINUX_SIZES, MAC_SIZES, WINDOWS_TRAY_SIZES } from './icon-sizes.ts';
import { encodePng, type Picture } from './png.ts';
import { Rasteriser } from './rasteriser.ts';
import { drawTrayIcon, ON_DARK, ON_LIGHT, TEMPLATE, TRAY_STATES } from './tray-shapes.ts';

/** macOS gives an icon room at its edges: 824 of 1024 pixels are the icon. */
const MAC_SCALE = 824 / 1024;
const GROUND = '#0c3a34';
const SHEET_WIDTH = 760;

const logo = readFileSync(join(ROOT, 'assets/logo.svg'), 'utf8');
/** Phones that cut icons to their own shape want the ground to reach the edge, and the mark within the middle. */
const filled = logo.replace('rx="116"', '');

function put(path: string, bytes: Buffer | string): void {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

async function makeAppIcons(rasteriser: Rasteriser): Promise<void> {
  for (const size of APP_ICON_SIZES)
    put(`build/icons/${size}x${size}.png`, encodePng(await rasteriser.draw(logo, size)));
  put('build/icon.png', encodePng(await rasteriser.draw(logo, 1024)));
  const ico: Picture[] = [];
  for (const size of ICO_SIZES) ico.push(await rasteriser.draw(logo, size));
  put('build/icon.ico', encodeIco(ico));
  const mac = new Map<number, Picture>();
  for (const [, size] of ICNS_KINDS) mac.set(size, await rasteriser.draw(logo, size, { scale: MAC_SCALE }));
  put(
    'build/icon.icns',
    encodeIcns((size) => mac.get(size) as Picture),
  );
}

async function makeTrayIcons(rasteriser: Rasteriser): Promise<void> {
  for (const state of TRAY_STATES) {
    for (const [suffix, size] of MAC_SIZES) {
      put(
        `assets/tray/mac/${state}Template${suffix}.png`,
        encodePng(await rasteriser.draw(drawTrayIcon(state, size, TEMPLATE), size)),
      );
    }
    for (const [panel, colours] of [
      ['light', ON_LIGHT],
      ['dark', ON_DARK],
    ] as const) {
      for (const [suffix, size] of LINUX_SIZES) {
        put(
          `assets/tray/linux/${state}-${panel}${suffix}.png`,
          encodePng(await rasteriser.draw(drawTrayIcon(state, size, colours), size)),
        );
      }
      const ico: Picture[] = [];
      for (const size of WINDOWS_TRAY_SIZES) ico.push(await rasteriser.draw(drawTrayIcon(state, size, colours), size));
      put(`assets/tray/windows/${state}-${panel}.ico`, encodeIco(ico));
    }
  }
}

async function makePhoneIcons(rasteriser: Rasteriser): Promise<void> {
  put('phone/public/icon-192.png', encodePng(await rasteriser.draw(logo, 192)));
  put('phone/public/icon-512.png', encodePng(await rasteriser.draw(logo, 512)));
  put(
    'phone/public/icon-maskable-512.png',
    encodePng(await rasteriser.draw(filled, 512, { scale: 0.82, ground: GROUND })),
  );
  put('phone/public/apple-touch-icon.png', encodePng(await rasteriser.draw(filled, 180)));
  put('phone/public/icon.svg', logo);
}

const executablePath = requireChromium();
if (executablePath === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
const rasteriser = await Rasteriser.open(executablePath);
await makeAppIcons(rasteriser);
await makeTrayIcons(rasteriser);
await makePhoneIcons(rasteriser);
const sheet = await composeContactSheet(async (svg, size) => {
  const png = encodePng(await rasteriser.draw(svg, size));
  return `data:image/png;base64,${png.toString('base64')}`;
});
put('assets/screenshots/tray-icons.png', await rasteriser.photograph(sheet, SHEET_WIDTH));
await rasteriser.close();
console.log(
  'The icons are in build, assets/tray and phone/public; all of the tray are on assets/screenshots/tray-icons.png.',
);
