import { expect, test } from 'vitest';
import { decodeIcns, decodeIco, encodeIcns, encodeIco, ICNS_KINDS } from '#scripts/icons/icon-files.ts';
import { decodePng, encodePng, type Picture } from '#scripts/icons/png.ts';

/** Every pixel another colour and another alpha. */
function makePicture(size: number): Picture {
  const pixels = Uint8Array.from({ length: size * size * 4 }, (_, index) => (index * 7 + size) % 256);
  return { width: size, height: size, pixels };
}

test('a PNG holds its pixels, and one that was damaged is refused', () => {
  const picture = { ...makePicture(8), height: 4, pixels: makePicture(8).pixels.slice(0, 8 * 4 * 4) };
  const bytes = encodePng(picture);
  expect(decodePng(bytes)).toEqual(picture);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  expect(() => decodePng(bytes)).toThrow('damaged');
  expect(() => decodePng(Buffer.from('GIF89a, certainly'))).toThrow('not a PNG');
});

test('an .ico holds every size, the one of 256 as a PNG and the others as bitmaps', () => {
  const pictures = [16, 20, 256].map(makePicture);
  const bytes = encodeIco(pictures);
  expect(decodeIco(bytes)).toEqual(pictures);
  const starts = [0, 1, 2].map((index) => bytes.readUInt32LE(6 + index * 16 + 12));
  expect(starts.map((start) => bytes.toString('latin1', start + 1, start + 4) === 'PNG')).toEqual([false, false, true]);
  // Rows of the mask are padded to 32 bits: 20 pixels take 4 bytes, so 20 rows are 80.
  expect(bytes.readUInt32LE(6 + 16 + 8)).toBe(40 + 20 * 20 * 4 + 80);
});

test('in an .ico what is transparent is also masked out, for programs that know no alpha', () => {
  const picture: Picture = { width: 16, height: 16, pixels: new Uint8Array(16 * 16 * 4) };
  picture.pixels[3] = 255;
  const mask = encodeIco([picture]).subarray(-16 * 4);
  // From the bottom up: the last row of the mask is the first of the picture.
  expect(mask.subarray(-4)[0]).toBe(0b0111_1111);
  expect(mask[0]).toBe(0b1111_1111);
});

test('an .icns holds every kind in its size', () => {
  const icon = decodeIcns(encodeIcns(makePicture));
  expect([...icon].map(([kind, { width }]) => [kind, width])).toEqual(ICNS_KINDS);
  expect(icon.get('ic07')).toEqual(makePicture(128));
});
