/** Serves the window's page at `app://bundle/`: files of one folder, with headers that allow it nothing else. */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { CustomScheme } from 'electron';
import type { Log } from '#lib/log.ts';

export const APP_SCHEME = 'app';
export const APP_HOST = 'bundle';
export const APP_PAGE = `${APP_SCHEME}://${APP_HOST}/index.html`;

/** To be registered before the app is ready. */
export const APP_PRIVILEGES: CustomScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true },
};

/** Everything the page may use; it speaks to main by the preload only, so it connects to nothing. */
export const CONTENT_SECURITY_POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `font-src 'self'`,
  `img-src 'self' data:`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
  // What agents write is Markdown: DOMPurify makes it safe, under a policy of this name.
  `trusted-types dompurify`,
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

/** The kinds of files the page is built of; others are not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

export function createAppProtocol(options: { folder: string; log: Log }): (request: Request) => Promise<Response> {
  const { folder, log } = options;
  return async ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD') return refuse(405);
    const file = findFile(url, folder);
    const type = file === null ? undefined : TYPES[extname(file)];
    if (file === null || type === undefined) {
      log.warn('The window asked for something that is not part of its page', { url });
      return refuse(404);
    }
    try {
      const body = await readFile(file);
      return new Response(method === 'HEAD' ? null : new Uint8Array(body), {
        headers: { ...HEADERS, 'Content-Type': type },
      });
    } catch (error) {
      log.warn('A file of the window could not be read', { url, error });
      return refuse(404);
    }
  };
}

/** The file in `folder` that the address names; null if it is not ours or leads out of the folder. */
export function findFile(address: string, folder: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== `${APP_SCHEME}:` || url.host !== APP_HOST) return null;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  // Backslashes separate folders on Windows, a colon names a stream or a drive there, and NUL ends a path.
  if (/[\\:\0]/.test(path)) return null;
  const file = join(folder, path === '/' ? 'index.html' : path);
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : null;
}

/** Whether an address is of our own page. */
export function isOwnAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST;
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: HEADERS });
}
