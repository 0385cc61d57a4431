/** The icons that `npm run icons` made and that are checked in: there, of the right size, and told apart without colour. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeIcns, decodeIco, ICNS_KINDS } from '#scripts/icons/icon-files.ts';
import { APP_ICON_SIZES, ICO_SIZES, LINUX_SIZES, MAC_SIZES, WINDOWS_TRAY_SIZES } from '#scripts/icons/icon-sizes.ts';
import { decodePng, type Picture } from '#scripts/icons/png.ts';
import { TRAY_STATES, type TrayState } from '#scripts/icons/tray-shapes.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path));
const readPng = (path: string) => decodePng(read(path));
const tray = (path: string) => `assets/tray/${path}`;

/** Whether each pixel is rather there than not. */
function shapeOf({ pixels }: Picture): boolean[] {
  return Array.from({ length: pixels.length / 4 }, (_, index) => (pixels[index * 4 + 3] ?? 0) > 127);
}

/** Part of all pixels that are there in one and not in the other. */
function difference(one: Picture, other: Picture): number {
  const shape = shapeOf(other);
  return shapeOf(one).filter((isThere, index) => isThere !== shape[index]).length / shape.length;
}

/** Every way of showing a state, by name: the icons of which each state has one. */
const WAYS: Readonly<Record<string, (state: TrayState) => Picture>> = {
  'macOS, 16': (state) => readPng(tray(`mac/${state}Template.png`)),
  'macOS, 32': (state) => readPng(tray(`mac/${state}Template@2x.png`)),
  'Linux, light panel': (state) => readPng(tray(`linux/${state}-light.png`)),
  'Linux, dark panel': (state) => readPng(tray(`linux/${state}-dark.png`)),
  'Windows, 16': (state) => decodeIco(read(tray(`windows/${state}-dark.ico`)))[0] as Picture,
};

describe('the tray icons', () => {
  test('are all there, and no others', () => {
    const expected = TRAY_STATES.flatMap((state) => [
      ...MAC_SIZES.map(([suffix]) => `mac/${state}Template${suffix}.png`),
      ...['light', 'dark'].flatMap((panel) => [
        ...LINUX_SIZES.map(([suffix]) => `linux/${state}-${panel}${suffix}.png`),
        `windows/${state}-${panel}.ico`,
      ]),
    ]);
    const found = readdirSync(join(ROOT, 'assets/tray'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath.split(/[\\/]/).at(-1)}/${entry.name}`);
    expect(found.sort()).toEqual(expected.sort());
  });

  test('have the sizes that each system wants', () => {
    for (const state of TRAY_STATES) {
      for (const [suffix, size] of MAC_SIZES) {
        const { width, height } = readPng(tray(`mac/${state}Template${suffix}.png`));
        expect([width, height]).toEqual([size, size]);
      }
      for (const panel of ['light', 'dark']) {
        for (const [suffix, size] of LINUX_SIZES) {
          const { width, height } = readPng(tray(`linux/${state}-${panel}${suffix}.png`));
          expect([width, height]).toEqual([size, size]);
        }
        const sizes = decodeIco(read(tray(`windows/${state}-${panel}.ico`))).map(({ width }) => width);
        expect(sizes).toEqual(WINDOWS_TRAY_SIZES);
      }
    }
  });

  test.each(Object.entries(WAYS))('differ in shape from each other, without any colour: %s', (_, show) => {
    const pairs = TRAY_STATES.flatMap((one, index) =>
      TRAY_STATES.slice(index + 1).map((other) => [`${one}, ${other}`, difference(show(one), show(other))] as const),
    );
    expect(pairs).toHaveLength(10);
    // Of the 256 pixels at the smallest size, fifteen or more.
    expect(pairs.filter(([, part]) => part < 0.06)).toEqual([]);
  });

  test('have one shape on light and on dark, and are black on macOS, which colours them itself', () => {
    for (const state of TRAY_STATES) {
      expect(difference(readPng(tray(`linux/${state}-light.png`)), readPng(tray(`linux/${state}-dark.png`)))).toBe(0);
      const { pixels } = readPng(tray(`mac/${state}Template@2x.png`));
      expect(pixels.every((value, index) => index % 4 === 3 || value === 0)).toBe(true);
    }
  });
});

describe('the icons of the app', () => {
  test('are there in every size for every system', () => {
    for (const size of APP_ICON_SIZES) expect(readPng(`build/icons/${size}x${size}.png`).width).toBe(size);
    expect(readPng('build/icon.png').width).toBe(1024);
    expect(decodeIco(read('build/icon.ico')).map(({ width }) => width)).toEqual(ICO_SIZES);
    const mac = decodeIcns(read('build/icon.icns'));
    expect([...mac].map(([kind, { width }]) => [kind, width])).toEqual(ICNS_KINDS);
    expect(existsSync(join(ROOT, 'assets/logo.svg'))).toBe(true);
  });

  test('leave room at the edges on macOS, as all icons there do', () => {
    const picture = decodeIcns(read('build/icon.icns')).get('ic10') as Picture;
    const alphaAt = (x: number, y: number) => picture.pixels[(y * picture.width + x) * 4 + 3];
    expect([alphaAt(50, 512), alphaAt(150, 512), alphaAt(512, 512)]).toEqual([0, 255, 255]);
  });
});
