/** The two formats that hold one icon in several sizes: Windows' .ico and macOS' .icns. */
import { decodePng, encodePng, type Picture } from './png.ts';

/** From this size on Windows wants a PNG inside; below it, older tools only read a bitmap. */
const ICO_PNG_FROM = 256;
const ICO_HEADER = 6;
const ICO_ENTRY = 16;
const BITMAP_HEADER = 40;

/** Square pictures of 16 to 256 pixels, the smallest first. */
export function encodeIco(pictures: readonly Picture[]): Buffer {
  const bodies = pictures.map((picture) => (picture.width < ICO_PNG_FROM ? encodeBitmap(picture) : encodePng(picture)));
  const header = Buffer.alloc(ICO_HEADER);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = ICO_HEADER + ICO_ENTRY * pictures.length;
  const entries = pictures.map(({ width, height }, index) => {
    const entry = Buffer.alloc(ICO_ENTRY);
    // 0 means 256.
    entry.set([width % 256, height % 256]);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    const { length } = bodies[index] as Buffer;
    entry.writeUInt32LE(length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...bodies]);
}

/** A device-independent bitmap as it lies in an .ico: twice as high, from the bottom up, BGRA, then the mask of before there was alpha. */
function encodeBitmap({ width, height, pixels }: Picture): Buffer {
  const header = Buffer.alloc(BITMAP_HEADER);
  header.writeUInt32LE(BITMAP_HEADER, 0);
  header.writeInt32LE(width, 4);
  header.writeInt32LE(height * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const colours = Buffer.alloc(width * height * 4);
  const maskRow = Math.ceil(width / 32) * 4;
  const mask = Buffer.alloc(maskRow * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = ((height - 1 - y) * width + x) * 4;
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(from, from + 4);
      colours.set([blue, green, red, alpha], (y * width + x) * 4);
      const place = y * maskRow + (x >> 3);
      if (alpha === 0) mask[place] = (mask[place] ?? 0) | (0x80 >> (x & 7));
    }
  }
  header.writeUInt32LE(colours.length + mask.length, 20);
  return Buffer.concat([header, colours, mask]);
}

/** Reads what `encodeIco` wrote. */
export function decodeIco(bytes: Buffer): Picture[] {
  if (bytes.readUInt16LE(0) !== 0 || bytes.readUInt16LE(2) !== 1) throw new Error('This is not an icon of Windows.');
  return Array.from({ length: bytes.readUInt16LE(4) }, (_, index) => {
    const entry = bytes.subarray(ICO_HEADER + index * ICO_ENTRY, ICO_HEADER + (index + 1) * ICO_ENTRY);
    const start = entry.readUInt32LE(12);
    const body = bytes.subarray(start, start + entry.readUInt32LE(8));
    const picture = body.readUInt32LE(0) === BITMAP_HEADER ? decodeBitmap(body) : decodePng(body);
    if (picture.width % 256 !== entry[0]) throw new Error('The sizes in this icon do not agree.');
    return picture;
  });
}

function decodeBitmap(body: Buffer): Picture {
  const width = body.readInt32LE(4);
  const height = body.readInt32LE(8) / 2;
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = BITMAP_HEADER + ((height - 1 - y) * width + x) * 4;
      const [blue = 0, green = 0, red = 0, alpha = 0] = body.subarray(from, from + 4);
      pixels.set([red, green, blue, alpha], (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

/** The kinds of .icns that hold a PNG, with its size in pixels. Twice the same size: as itself, and for a denser screen. */
export const ICNS_KINDS: readonly (readonly [kind: string, size: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** `find` answers the picture of a size. */
export function encodeIcns(find: (size: number) => Picture): Buffer {
  const parts = ICNS_KINDS.map(([kind, size]) => icnsPart(kind, encodePng(find(size))));
  return icnsPart('icns', Buffer.concat(parts));
}

function icnsPart(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(kind, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

/** Reads what `encodeIcns` wrote, by kind. */
export function decodeIcns(bytes: Buffer): Map<string, Picture> {
  if (bytes.toString('latin1', 0, 4) !== 'icns' || bytes.readUInt32BE(4) !== bytes.length) {
    throw new Error('This is not an icon of macOS.');
  }
  const found = new Map<string, Picture>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    found.set(bytes.toString('latin1', at, at + 4), decodePng(bytes.subarray(at + 8, at + length)));
    at += length;
  }
  return found;
}
