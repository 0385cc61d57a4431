import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectHost } from '#test/support/relay-clients.ts';
import { makeFolder, type RelayFixture, startRelay } from './relay-fixture.ts';

const PAGE = `<!doctype html><title>Baton</title>${'<p>page</p>'.repeat(100)}`;
const SCRIPT = `// ${'a script '.repeat(200)}`;
const SECRET = 'not to be served';

async function serve(options: Parameters<typeof startRelay>[0] = {}): Promise<RelayFixture> {
  const outside = await makeFolder();
  const folder = join(outside, 'phone');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(outside, 'secret.txt'), SECRET);
  await symlink(join(outside, 'secret.txt'), join(folder, 'link.txt'));
  await writeFile(join(folder, 'index.html'), PAGE);
  await writeFile(join(folder, 'assets', 'main-4f3a.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'font.woff2'), Buffer.alloc(600));
  await writeFile(join(folder, 'manifest.webmanifest'), '{}');
  await writeFile(join(folder, 'icon.svg'), '<svg/>');
  await writeFile(join(folder, 'a b.txt'), 'spaced');
  return startRelay({ phoneFolder: folder, ...options });
}

/** Sends bytes as they are and reads until the relay closes. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

function rawGet(port: number, target: string): Promise<string> {
  return raw(port, `GET ${target} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n`);
}

test('every route of the app is the same page, never taken from a cache unasked', async () => {
  const { origin } = await serve();
  for (const path of ['/', '/p', '/p?from=camera', '/s/host_1', '/s/host_1/session-2', '/index.html']) {
    const response = await fetch(origin + path);
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(await response.text()).toBe(PAGE);
  }
});

test('files have their types, and those whose name holds a hash are kept for ever', async () => {
  const { origin } = await serve();
  const heads = [];
  for (const path of [
    '/assets/main-4f3a.js',
    '/assets/font.woff2',
    '/manifest.webmanifest',
    '/icon.svg',
    '/a%20b.txt',
  ]) {
    const { status, headers } = await fetch(origin + path, { method: 'HEAD' });
    heads.push([status, headers.get('content-type'), headers.get('cache-control')]);
  }
  const immutable = 'public, max-age=31536000, immutable';
  expect(heads).toEqual([
    [200, 'text/javascript; charset=utf-8', immutable],
    [200, 'font/woff2', immutable],
    [200, 'application/manifest+json; charset=utf-8', 'no-cache'],
    [200, 'image/svg+xml; charset=utf-8', 'no-cache'],
    [200, 'text/plain; charset=utf-8', 'no-cache'],
  ]);
});

test('text is sent compressed to whom can read that, and as it is to others', async () => {
  const { relay } = await serve();
  const get = async (accept: string) => {
    const path = '/assets/main-4f3a.js';
    const request = `GET ${path} HTTP/1.1\r\nHost: relay\r\nAccept-Encoding: ${accept}\r\nConnection: close\r\n\r\n`;
    const answer = await raw(relay.port, request);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { head, body: Buffer.from(body, 'latin1') };
  };
  const [br, gzip, plain] = [await get('gzip, br'), await get('*, br;q=0'), await get('br;q=0, deflate')];
  expect([br.head, gzip.head, plain.head]).toEqual([
    expect.stringContaining('Content-Encoding: br\r\n'),
    expect.stringContaining('Content-Encoding: gzip\r\n'),
    expect.not.stringContaining('Content-Encoding'),
  ]);
  expect([brotliDecompressSync(br.body), gunzipSync(gzip.body), plain.body].map(String)).toEqual([
    SCRIPT,
    SCRIPT,
    SCRIPT,
  ]);
  expect(plain.head).toContain('Vary: Accept-Encoding');
});

test('a page that has not changed is not sent again', async () => {
  const { origin } = await serve();
  const etag = (await fetch(origin)).headers.get('etag') ?? '';
  const response = await fetch(origin, { headers: { 'If-None-Match': `"other", W/${etag}` } });
  expect([response.status, await response.text(), response.headers.get('content-security-policy')]).toEqual([
    304,
    '',
    expect.stringContaining("default-src 'none'"),
  ]);
  expect((await fetch(origin, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
});

test('nothing outside of the folder can be had, whatever the request line says', async () => {
  const { relay } = await serve();
  const targets = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/../../secret.txt',
    '/assets/%252e%252e/%252e%252e/secret.txt',
    '//secret.txt',
    '/./../secret.txt',
    '/s/../../secret.txt',
    '/link.txt',
    '/secret.txt%00.js',
    '/%c0%ae%c0%ae/secret.txt',
    'http://relay/../secret.txt',
    'file:///etc/passwd',
    '/etc/passwd',
    '/relay.db',
    '/assets',
    '/assets/',
    '*',
  ];
  for (const target of targets) {
    const answer = await rawGet(relay.port, target);
    expect([target, answer.split('\r\n')[0], answer.includes(SECRET)]).toEqual([
      target,
      'HTTP/1.1 404 Not Found',
      false,
    ]);
  }
});

test('no made-up path gets anything but a known file or a refusal', async () => {
  const { relay } = await serve();
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2f',
    '\\',
    '/',
    'assets',
    'secret.txt',
    'p',
    's',
    '%00',
    '~',
    '?',
    '#',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const answer = await rawGet(relay.port, `/${pieces.join('')}`);
      expect(answer).toMatch(/^HTTP\/1\.1 (200|404|400) /);
      expect(answer).not.toContain(SECRET);
    }),
    { numRuns: 100 },
  );
});

test('garbage instead of HTTP is refused, and the relay goes on', async () => {
  const { relay, origin } = await serve();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      const text = `${Buffer.from(bytes).toString('latin1')}\r\n\r\n`;
      const answer = await raw(relay.port, text).catch(() => '');
      expect(answer).toMatch(/^$|^HTTP\/1\.1 4/);
    }),
    { numRuns: 50 },
  );
  expect((await fetch(origin)).status).toBe(200);
});

test('only GET and HEAD are answered', async () => {
  const { origin } = await serve();
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const response = await fetch(origin, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  }
  const head = await fetch(origin, { method: 'HEAD' });
  expect([head.status, Number(head.headers.get('content-length')) > 0, await head.text()]).toEqual([200, true, '']);
});

test('the page may load from and connect to its own relay only, and nothing may frame it', async () => {
  const { origin, relay } = await serve({ publicOrigins: ['https://relay.example'] });
  for (const path of ['/', '/healthz', '/nothing', '/assets/main-4f3a.js']) {
    const { headers } = await fetch(origin + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': [
        `default-src 'none'`,
        `script-src 'self'`,
        `style-src 'self'`,
        `font-src 'self'`,
        `img-src 'self' data: blob:`,
        `connect-src 'self' wss://relay.example ws://127.0.0.1:${relay.port} ws://localhost:${relay.port}`,
        `manifest-src 'self'`,
        `worker-src 'self'`,
        `base-uri 'none'`,
        `form-action 'none'`,
        `frame-ancestors 'none'`,
        `require-trusted-types-for 'script'`,
        `trusted-types baton dompurify`,
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringContaining('camera=(self), microphone=(), geolocation=()'),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
    });
  }
});

test('a relay without TLS does not ask browsers for TLS', async () => {
  const { origin } = await serve();
  expect((await fetch(origin)).headers.get('strict-transport-security')).toBeNull();
});

test('metrics are for this machine only: through a proxy there are none', async () => {
  const { origin } = await serve();
  await connectHost(origin);
  const local = await fetch(`${origin}/metrics`);
  expect([local.status, local.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const text = await local.text();
  expect(text).toContain('baton_relay_sockets{role="host"} 1\n');
  expect(text).toMatch(/baton_relay_resident_bytes \d+\n/);
  expect(text).toMatch(/baton_relay_event_loop_delay_seconds\{quantile="p99"\} [\d.e-]+\n/);
  for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via']) {
    const proxied = await fetch(`${origin}/metrics`, { headers: { [name]: '127.0.0.1' } });
    expect([name, proxied.status]).toEqual([name, 404]);
  }
});

test('metrics are not for other machines', async () => {
  const fixture = await serve({ host: '0.0.0.0', publicOrigins: ['https://relay.example'] });
  const outer = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal);
  if (!outer) return;
  expect((await fetch(`http://${outer.address}:${fixture.relay.port}/healthz`)).status).toBe(200);
  expect((await fetch(`http://${outer.address}:${fixture.relay.port}/metrics`)).status).toBe(404);
});

test('a health check is answered', async () => {
  const { origin } = await serve();
  const response = await fetch(`${origin}/healthz`);
  expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
});

test('a WebSocket anywhere but at /v1 is refused', async () => {
  const { relay } = await serve();
  const upgrade = (path: string) =>
    raw(
      relay.port,
      `GET ${path} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
    );
  for (const path of ['/', '/v2', '/v1/', '/V1']) expect(await upgrade(path)).toMatch(/^HTTP\/1\.1 404 /);
});

test('without a built phone client the relay says what to do', async () => {
  const folder = await makeFolder();
  const text = `There is no built phone client in ${folder}; build it with "npm run build".`;
  await expect(startRelay({ phoneFolder: folder })).rejects.toThrow(text);
  await expect(startRelay({ phoneFolder: join(folder, 'nowhere') })).rejects.toThrow('no built phone client');
});
