import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import {
  CONTENT_SECURITY_POLICY,
  createAppProtocol,
  findFile,
  isOwnAddress,
} from '#main/desktop/system/app-protocol.ts';
import { temporaryFolder } from '#test/unit/main/host/history/support.ts';

let serve: (request: Request) => Promise<Response>;

beforeEach(() => {
  const root = temporaryFolder();
  const folder = join(root, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  mkdirSync(join(root, 'renderer-secret'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets/index.js'), 'export {};');
  writeFileSync(join(folder, 'assets/notes.txt'), 'not of a kind that is served');
  writeFileSync(join(root, 'settings.json'), '{"secret": true}');
  writeFileSync(join(root, 'renderer-secret/keys.json'), '{"secret": true}');
  serve = createAppProtocol({ folder, log: silentLog });
});

/** As the handler gets it: `Request` itself would tidy the address up first. */
const ask = (url: string, method = 'GET') => serve({ url, method } as Request);

test('the page and its parts are served with their types and with headers that allow nothing else', async () => {
  const page = await ask('app://bundle/index.html');
  const script = await ask('app://bundle/assets/index.js?v=1');
  expect([await page.text(), page.headers.get('content-type')]).toEqual([
    '<!doctype html>',
    'text/html; charset=utf-8',
  ]);
  expect([await script.text(), script.headers.get('content-type')]).toEqual([
    'export {};',
    'text/javascript; charset=utf-8',
  ]);
  for (const { headers } of [page, script]) {
    expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  expect((await ask('app://bundle/')).status).toBe(200);
});

test('the policy begins with nothing, and lets no script in but our own', () => {
  expect(CONTENT_SECURITY_POLICY).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|\*|https?:/);
  // The one way to markup, for what agents write; nothing else may make any.
  expect(CONTENT_SECURITY_POLICY).toMatch(/require-trusted-types-for 'script'; trusted-types dompurify$/);
});

test.each([
  'app://bundle/../settings.json',
  'app://bundle/..%2fsettings.json',
  'app://bundle/%2e%2e/settings.json',
  'app://bundle/assets/%2e%2e%2f%2e%2e%2fsettings.json',
  'app://bundle/..%5csettings.json',
  'app://bundle/%00settings.json',
  'app://bundle/../renderer-secret/keys.json',
  'app://bundle/..%2frenderer-secret%2fkeys.json',
  'app://bundle/C:/settings.json',
  'app://bundle//etc/passwd',
  'app://bundle/assets/notes.txt',
  'app://bundle/missing.js',
  'app://bundle/%E0%A4%A',
  'app://elsewhere/index.html',
  'app://bundle:81/index.html',
  'file:///etc/passwd',
  'not an address',
])('%s is not served', async (url) => {
  const answer = await ask(url);
  expect([answer.status, await answer.text()]).toEqual([404, '']);
});

test('only reading is allowed', async () => {
  expect((await ask('app://bundle/index.html', 'POST')).status).toBe(405);
  const head = await ask('app://bundle/index.html', 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('only addresses of the own page are own', () => {
  expect(isOwnAddress('app://bundle/index.html#devices')).toBe(true);
  for (const url of ['app://bundle.evil/', 'http://bundle/', 'about:blank', 'app:bundle', ''])
    expect(isOwnAddress(url)).toBe(false);
});

test('no address leads to a file outside of the folder, whether or not it is there', () => {
  expect(findFile('app://bundle/assets/a.js', '/x/renderer')).toBe('/x/renderer/assets/a.js');
  const outside = [
    '..%2frenderer-secret%2fkeys.json',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f',
    'a.js%00',
    'a.js:stream',
    '..%5ca.js',
  ];
  expect(outside.map((path) => findFile(`app://bundle/${path}`, '/x/renderer'))).toEqual(outside.map(() => null));
});
