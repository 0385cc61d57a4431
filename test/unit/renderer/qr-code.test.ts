import jsqr from 'jsqr';
import { expect, test } from 'vitest';
import { drawQr } from '#renderer/controls/qr-code.tsx';

/** Paints the rectangles of the path, `scale` pixels to a module, black on white. */
function paint(side: number, path: string, scale: number): Uint8ClampedArray {
  const width = side * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1)
      for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column += 1)
        pixels.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
  }
  return pixels;
}

test.each([
  'https://r.example/s/studio/0199a000',
  `https://relay.example/p#1.${'q2'.repeat(21)}s.${'Zk'.repeat(21)}o.https://relay.example`,
  `https://${'a'.repeat(120)}.example/p#1.${'q2'.repeat(21)}s.${'Zk'.repeat(21)}o`,
])('the drawing of a link reads as that link, with four white modules around: %s', (link) => {
  const { side, path } = drawQr(link);
  expect(jsqr(paint(side, path, 3), side * 3, side * 3)?.data).toBe(link);
  const ends = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, x, y, length]) => [
    Math.min(Number(x), Number(y)),
    Math.max(Number(x) + Number(length), Number(y) + 1),
  ]);
  expect(Math.min(...ends.map(([first]) => first ?? 0))).toBe(4);
  expect(Math.max(...ends.map(([, last]) => last ?? 0))).toBe(side - 4);
});
