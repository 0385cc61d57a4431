import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { errorCode, RelayStartError } from './start-error.ts';

const TYPES: Readonly<Record<string, { type: string; isText: boolean }>> = {
  '.html': { type: 'text/html; charset=utf-8', isText: true },
  '.js': { type: 'text/javascript; charset=utf-8', isText: true },
  '.mjs': { type: 'text/javascript; charset=utf-8', isText: true },
  '.css': { type: 'text/css; charset=utf-8', isText: true },
  '.json': { type: 'application/json; charset=utf-8', isText: true },
  '.map': { type: 'application/json; charset=utf-8', isText: true },
  '.webmanifest': { type: 'application/manifest+json; charset=utf-8', isText: true },
  '.svg': { type: 'image/svg+xml; charset=utf-8', isText: true },
  '.txt': { type: 'text/plain; charset=utf-8', isText: true },
  '.woff2': { type: 'font/woff2', isText: false },
  '.png': { type: 'image/png', isText: false },
  '.ico': { type: 'image/x-icon', isText: false },
  '.webp': { type: 'image/webp', isText: false },
};
const UNKNOWN_TYPE = { type: 'application/octet-stream', isText: false };

/** Everything is held in memory; a folder above this is not the phone client. */
const FOLDER_MAX_BYTES = 32 * 1024 * 1024;
/** Below this, compressing saves nothing worth a header. */
const COMPRESS_MIN_BYTES = 512;
const BROTLI_QUALITY = 9;
const GZIP_LEVEL = 9;
/** Pages that the client draws itself: all are `index.html`. */
const APP_ROUTE = /^\/(p|s\/[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*)?$/;
const INDEX = '/index.html';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface StaticBody {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface StaticFile {
  readonly type: string;
  readonly cacheControl: string;
  readonly bodies: ReadonlyMap<Encoding, StaticBody>;
}

/** The phone client's files, read once. A request picks one by its exact name and never reaches the disk. */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** `path` as it stands in the request line, without its query. */
  find(path: string): StaticFile | null {
    return this.#files.get(APP_ROUTE.test(path) ? INDEX : path) ?? null;
  }
}

/** Throws `RelayStartError` if the folder holds no built phone client. */
export async function loadStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  let total = 0;
  for (const file of await listFiles(folder)) {
    const bytes = await readFile(file);
    total += bytes.length;
    if (total > FOLDER_MAX_BYTES) throw new RelayStartError(`The phone client in ${folder} is larger than 32 MiB.`);
    const name = `/${relative(folder, file).split(sep).map(encodeURIComponent).join('/')}`;
    files.set(name, await createFile(name, bytes));
  }
  if (!files.has(INDEX)) throw noPhoneClient(folder);
  return new StaticFiles(files);
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    // `isFile` is false for symbolic links: nothing outside of the folder is served.
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error))) throw noPhoneClient(folder);
    throw error;
  }
}

function noPhoneClient(folder: string): RelayStartError {
  return new RelayStartError(`There is no built phone client in ${folder}; build it with "npm run build".`);
}

async function createFile(name: string, bytes: Buffer): Promise<StaticFile> {
  const { type, isText } = TYPES[extname(name)] ?? UNKNOWN_TYPE;
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  const bodies = new Map<Encoding, StaticBody>([['identity', { bytes, etag: `"${hash}"` }]]);
  if (isText && bytes.length >= COMPRESS_MIN_BYTES) {
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
      promisify(gzip)(bytes, { level: GZIP_LEVEL }),
    ]);
    bodies.set('br', { bytes: br, etag: `"${hash}.br"` });
    bodies.set('gzip', { bytes: gz, etag: `"${hash}.gz"` });
  }
  // The build puts a hash of the content into the names under /assets; everything else keeps its name when it changes.
  const cacheControl = name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  return { type, cacheControl, bodies };
}

/** The best encoding that both the client (by its Accept-Encoding header) and the file have. */
export function chooseEncoding(accepted: string, file: StaticFile): Encoding {
  const refused = new Set<string>();
  const wanted = new Set<string>();
  for (const part of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const isRefused = parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter));
    (isRefused ? refused : wanted).add(name);
  }
  for (const encoding of ['br', 'gzip'] as const) {
    if (!refused.has(encoding) && (wanted.has(encoding) || wanted.has('*')) && file.bodies.has(encoding))
      return encoding;
  }
  return 'identity';
}
