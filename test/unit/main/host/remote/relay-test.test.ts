import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { silentLog } from '#lib/log.ts';
import { type RelayTest, testRelay } from '#main/host/remote/relay-test.ts';
import type { RelayTest as RelayTestOfWindow } from '#preload/contract.ts';
import { type Certificate, makeCertificate } from '#test/support/certificate.ts';
import { makeFolder, startRelay } from '#test/support/test-host.ts';

const tested = (address: string, timeoutMs = 5_000): Promise<RelayTestOfWindow> =>
  testRelay({ address, log: silentLog, timeoutMs });

const stepsOf = ({ steps }: RelayTest) => steps.map(({ step, isOk }) => (isOk ? step : `${step} failed`));

async function listen(server: Server | HttpServer, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const listenHttp = (onRequest: RequestListener) => {
  const server = createHttpServer(onRequest);
  // As a server that knows nothing of WebSockets: it answers as if nobody had asked for one.
  server.on('upgrade', (request, socket) => {
    const port = request.socket.localPort as number;
    const head = `${request.method} ${request.url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const inner = connect(port, '127.0.0.1', () => inner.write(head));
    inner.pipe(socket);
    inner.on('error', () => socket.destroy());
  });
  return listen(server);
};

/** https before a relay on loopback, as a proxy does it. The relay knows itself by `name` at the port. */
async function listenSecurely(certificate: Certificate, name: string): Promise<number> {
  let inner = 0;
  const server = createTlsServer(certificate, (socket) => {
    const behind = connect(inner, '127.0.0.1');
    behind.on('error', () => socket.destroy());
    socket.on('error', () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  server.on('tlsClientError', () => {});
  const port = await listen(server);
  const relay = await startRelay(makeFolder(), { publicOrigins: [`https://${name}:${port}`] });
  onTestFinished(() => relay.stop({ graceful: false }));
  inner = relay.port;
  return port;
}

function trust(certificate: Certificate): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, certificate.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
}

test('a relay that works is proven by bytes that went there and back, and keeps nothing of the test', async () => {
  const relay = await startRelay(makeFolder());
  onTestFinished(() => relay.stop({ graceful: false }));
  const result = await tested(` ${relay.origin}/ `);
  expect(stepsOf(result)).toEqual(['address', 'name', 'connect', 'secure', 'upgrade', 'sign-in', 'round-trip']);
  expect(result).toMatchObject({ isOk: true, origin: relay.origin, roundTripMs: expect.any(Number) });
  expect(result.text).toMatch(/^The relay works: there and back took \d+ ms\. Only browsers on this computer/);
  const metrics = relay.metrics();
  expect([metrics.framesToDevice, metrics.framesToHost]).toEqual([1, 1]);
  expect(metrics.bytesToHost).toBeGreaterThanOrEqual(1024);
  expect(metrics.authFailures).toBe(0);
});

test('with https and a certificate that is trusted it works by name', async () => {
  const certificate = makeCertificate('localhost');
  trust(certificate);
  const port = await listenSecurely(certificate, 'localhost');
  const result = await tested(`localhost:${port}`);
  expect(result).toMatchObject({ isOk: true, origin: `https://localhost:${port}` });
  expect(result.steps.map(({ text }) => text)).toEqual([
    `It means https://localhost:${port}.`,
    expect.stringMatching(/^Found at .*127\.0\.0\.1/),
    `Something listens at port ${port}.`,
    expect.stringMatching(/^The certificate is good until \d{4}-\d\d-\d\d\.$/),
    'It takes WebSockets at /v1.',
    'The relay accepts a computer that signs for this address.',
    expect.stringMatching(/^There and back in \d+ ms\.$/),
  ]);
});

test('certificates that are self-signed, for another name, or expired are told apart', async () => {
  const own = await listenSecurely(makeCertificate('localhost'), 'localhost');
  const selfSigned = await tested(`https://localhost:${own}`);
  expect(stepsOf(selfSigned)).toEqual(['address', 'name', 'connect', 'secure failed']);
  expect(selfSigned.text).toContain('self-signed');

  const other = makeCertificate('relay.example');
  const expired = makeCertificate('localhost', { isExpired: true });
  trust(other);
  trust(expired);
  const otherName = await tested(`https://localhost:${await listenSecurely(other, 'localhost')}`);
  expect(otherName.text).toContain('for another name than localhost');
  const tooOld = await tested(`https://localhost:${await listenSecurely(expired, 'localhost')}`);
  expect(tooOld.text).toContain('expired');

  const plain = await listenHttp((_request, response) => response.end());
  const noTls = await tested(`https://localhost:${plain}`);
  expect(stepsOf(noTls).at(-1)).toBe('secure failed');
  expect(noTls.text).toContain('does not speak https');
});

test.each([
  [302, 'sends on to https://portal.example (HTTP 302)'],
  [403, 'forbids the connection (HTTP 403)'],
  [404, 'no Baton relay (HTTP 404'],
  [200, 'something else than a relay (HTTP 200)'],
  [502, 'the relay behind it does not (HTTP 502)'],
])('a server that answers HTTP %i is named for what it is', async (status, words) => {
  const port = await listenHttp((_request, response) =>
    response.writeHead(status, { location: 'https://portal.example/login?token=1' }).end('Hello'),
  );
  const result = await tested(`http://127.0.0.1:${port}`);
  expect(stepsOf(result).at(-1)).toBe('upgrade failed');
  expect(result.text).toContain(words);
  expect(result).toMatchObject({ isOk: false, roundTripMs: null, text: result.steps.at(-1)?.text });
});

test('a relay that knows itself by another address is told what to be started with', async () => {
  const relay = await startRelay(makeFolder(), { publicOrigins: ['https://relay.example'] });
  onTestFinished(() => relay.stop({ graceful: false }));
  const server = createServer((socket) => socket.pipe(connect(relay.port, '127.0.0.1')).pipe(socket));
  const result = await tested(`http://127.0.0.1:${await listen(server)}`);
  expect(stepsOf(result)).toEqual(['address', 'name', 'connect', 'secure', 'upgrade', 'sign-in failed']);
  expect(result.text).toContain('--public-url');
});

test('who takes the connection and says nothing is not waited for', async () => {
  const mute = await listen(createServer());
  const result = await tested(`http://127.0.0.1:${mute}`, 150);
  expect(stepsOf(result).at(-1)).toBe('upgrade failed');
  expect(result.text).toContain('says nothing');

  const muteAfterUpgrade = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(muteAfterUpgrade, 'listening');
  onTestFinished(() => void muteAfterUpgrade.close());
  const later = await tested(`http://127.0.0.1:${(muteAfterUpgrade.address() as AddressInfo).port}`, 150);
  expect(stepsOf(later).at(-1)).toBe('sign-in failed');
  expect(later.text).toContain('says nothing');
});

test('a server of WebSockets that is no relay, and one that is no web server, are not taken for one', async () => {
  const chat = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(chat, 'listening');
  onTestFinished(() => void chat.close());
  chat.on('connection', (socket) => socket.send('Welcome to the chat!'));
  const result = await tested(`http://127.0.0.1:${(chat.address() as AddressInfo).port}`);
  expect(stepsOf(result).at(-1)).toBe('sign-in failed');
  expect(result.text).toContain('no Baton relay');

  const mail = await listen(createServer((socket) => socket.write('220 mail.example ESMTP\r\n')));
  expect((await tested(`http://127.0.0.1:${mail}`)).text).toContain('no web server');
  const rude = await listen(createServer((socket) => socket.destroy()));
  expect((await tested(`http://127.0.0.1:${rude}`)).text).toContain('cut before anything was said');
});

test('a closed port, a name nobody has and an address that is none are told apart', async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  const closed = await tested(`http://127.0.0.1:${port}`);
  expect(stepsOf(closed)).toEqual(['address', 'name', 'connect failed']);
  expect(closed.text).toBe(`Nothing listens at port ${port} of that computer. Start the relay, or check the port.`);

  const unknown = await tested('https://relay.invalid');
  expect(stepsOf(unknown)).toEqual(['address', 'name failed']);
  expect(unknown.text).toMatch(/relay\.invalid|cannot be looked up/);

  const nonsense = await tested('not an address');
  expect(nonsense).toMatchObject({ isOk: false, origin: null, text: expect.stringContaining('https://relay.example') });
  expect((await tested('http://relay.example')).text).toContain('Plain http works on this computer only');
});
