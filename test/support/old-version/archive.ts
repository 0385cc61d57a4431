/** A folder as one file: a line of JSON that lists paths and sizes, then the bytes of each file in that order, all under Brotli. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

interface Entry {
  readonly path: string;
  readonly bytes: number;
}

/** Every file below `folder`, with `/` between the parts of a path. */
export function packFolder(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const contents = files.map((file) => readFileSync(file));
  const entries: Entry[] = files.map((file, index) => ({
    path: relative(folder, file).replaceAll('\\', '/'),
    bytes: (contents[index] as Buffer).length,
  }));
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(entries)}\n`), ...contents]);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
  };
  return brotliCompressSync(whole, { params });
}

/** Writes what `packFolder` packed into `folder`, which is made if it is missing. */
export function unpackArchive(archive: Buffer, folder: string): void {
  const whole = brotliDecompressSync(archive);
  let at = whole.indexOf('\n') + 1;
  for (const { path, bytes } of JSON.parse(whole.subarray(0, at).toString()) as Entry[]) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, whole.subarray(at, at + bytes), { mode: 0o600 });
    at += bytes;
  }
}
