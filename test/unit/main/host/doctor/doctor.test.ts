import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type Check, type Diagnosis, ok } from '#main/host/doctor/check.ts';
import { type DoctorOptions, runDoctor } from '#main/host/doctor/doctor.ts';
import { checkSignIn } from '#main/host/doctor/sign-in-check.ts';
import { loadHostKeys, readHostKeys } from '#main/host/host-keys.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import type { Diagnosis as DiagnosisOfWindow } from '#preload/contract.ts';
import { startHost, startRelay, type TestHost } from '#test/support/test-host.ts';

let baton: TestHost;
beforeEach(async () => {
  baton = await startHost();
  await baton.until('link', () => baton.host.remote.status.kind === 'connected');
});
afterEach(() => baton.stop());

const AGENT = { id: 'claude', name: 'Claude Code', isInstalled: true };

function examine(origin: string, more: Partial<DoctorOptions> = {}): Promise<DiagnosisOfWindow> {
  return runDoctor({
    dataFolder: baton.folder,
    settings: ok('They can be read.'),
    running: baton.host,
    readKeys: () => readHostKeys(createSecretFile(join(baton.folder, 'keys.json'))),
    openRelay: async () => ({ kind: 'ready', origin, phoneOrigin: origin, isOwn: false, stop: async () => {} }),
    listAgents: async () => [AGENT],
    notifications: () => ok('They are shown.'),
    now: Date.now,
    log: silentLog,
    timeoutMs: 5_000,
    freeBytes: () => 1e10,
    ...more,
  });
}

const find = ({ checks }: Diagnosis, name: Check['name']) => checks.find((check) => check.name === name);
const wrongOnes = ({ checks }: Diagnosis) => checks.filter(({ state }) => state === 'wrong').map(({ name }) => name);

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a host that is well is proven to be, without losing the connection it has, and each check is told as it is made', async () => {
  await baton.pairDevice('Phone');
  const { status } = baton.host.remote;
  const told: string[] = [];
  const diagnosis = await examine(baton.relay.origin, { onCheck: ({ name }) => told.push(name) });
  expect(wrongOnes(diagnosis)).toEqual([]);
  expect(diagnosis).toMatchObject({ isOk: true, text: 'Everything works.' });
  expect(told).toEqual(diagnosis.checks.map(({ name }) => name));
  expect(told).toEqual([
    ...['folder', 'settings', 'history', 'keys', 'relay', 'clock', 'name', 'connect', 'secure', 'upgrade', 'sign-in'],
    ...['link', 'admission', 'round-trip', 'devices', 'agents', 'notifications'],
  ]);
  expect(find(diagnosis, 'sign-in')?.text).toBe('The relay accepts this computer’s signature and knows it.');
  expect(find(diagnosis, 'admission')?.text).toBe('The relay admits the one paired device.');
  expect(find(diagnosis, 'devices')?.text).toMatch(/^“Phone” is connected, last proof /);
  expect(find(diagnosis, 'round-trip')?.text).toMatch(/^There and back in \d+ ms\.$/);
  expect(baton.host.remote.status).toEqual(status);
});

test('a signature that the relay does not accept is told from one that it does not know yet', async () => {
  const keys = await loadHostKeys(createSecretFile(join(baton.folder, 'others.json')));
  const fresh = await checkSignIn({ origin: baton.relay.origin, keys, timeoutMs: 5_000 });
  expect(fresh).toEqual({ finding: ok('The relay accepts this computer’s signature.'), isKnown: false });
  const relay = await startRelay(join(baton.folder, 'other'), { publicOrigins: ['https://relay.example'] });
  onTestFinished(() => relay.stop({ graceful: false }));
  const proxy = await listen(createServer((socket) => socket.pipe(connect(relay.port, '127.0.0.1')).pipe(socket)));
  const other = await checkSignIn({ origin: proxy, keys, timeoutMs: 5_000 });
  expect(other.finding).toMatchObject({ state: 'wrong', text: expect.stringContaining('--public-url') });
});

test.each([
  [302, 'sends on to https://portal.example (HTTP 302), as the sign-in page of a network does'],
  [403, 'forbids the connection (HTTP 403)'],
])('a captive portal that answers HTTP %i is named in the sentence', async (status, words) => {
  const server = createHttpServer((_request, response) =>
    response.writeHead(status, { location: 'https://portal.example/login' }).end(),
  );
  server.on('upgrade', (_request, socket) =>
    socket.end(`HTTP/1.1 ${status} No\r\nLocation: https://portal.example/login\r\nContent-Length: 0\r\n\r\n`),
  );
  const diagnosis = await examine(await listen(server));
  expect(wrongOnes(diagnosis)).toEqual(['upgrade']);
  expect(diagnosis.text).toContain(words);
  expect(diagnosis.text).not.toMatch(/\. /);
  expect(find(diagnosis, 'sign-in')).toMatchObject({ state: 'skipped' });
});

test('nobody who is silent holds it up: a relay, a keychain', async () => {
  const origin = await listen(createServer());
  const diagnosis = await examine(origin, { timeoutMs: 150, readKeys: () => new Promise(() => {}) });
  expect(wrongOnes(diagnosis)).toEqual(['keys', 'upgrade']);
  expect(find(diagnosis, 'upgrade')?.text).toContain('says nothing');
  expect(find(diagnosis, 'keys')?.text).toBe('This took too long and was given up.');
});

test('a clock that is a day ahead is the first thing that is said, though everything else still works', async () => {
  const diagnosis = await examine(baton.relay.origin, { now: () => Date.now() + 24 * 60 * 60_000 });
  // The host in this process goes by the right clock, so for the doctor it was last heard a day ago.
  expect(wrongOnes(diagnosis)).toEqual(['clock', 'link']);
  expect(diagnosis.text).toMatch(/^The clock of this computer is 24 hours ahead of the relay’s; set it/);
});

test('while another Baton has the folder it goes on with what it can: its devices, its relay, not its connection', async () => {
  await baton.pairDevice('Phone');
  const held: boolean[] = [];
  const diagnosis = await examine(baton.relay.origin, {
    running: null,
    openRelay: async ({ isHeld }) => {
      held.push(isHeld);
      const { origin } = baton.relay;
      return { kind: 'ready', origin, phoneOrigin: origin, isOwn: true, stop: async () => {} };
    },
  });
  expect(held).toEqual([true]);
  expect(diagnosis.isOk).toBe(true);
  expect(find(diagnosis, 'history')?.text).toContain('Another Baton has it open');
  expect(find(diagnosis, 'link')).toMatchObject({ state: 'skipped' });
  expect(find(diagnosis, 'admission')?.text).toContain('has this computer’s list of devices');
  expect(find(diagnosis, 'devices')?.text).toMatch(/^“Phone” was last seen /);
  expect(baton.host.remote.status.kind).toBe('connected');
});

test('a second Baton with the same keys stops the first, and the doctor of the first says so', async () => {
  const secrets = createSecretFile(join(baton.folder, 'keys.json'));
  const copy = createSecretFile(join(baton.folder, 'copy-keys.json'));
  await copy.write((await secrets.read()) as string);
  const second = await startSecond(copy);
  await baton.until('stopped', () => baton.host.remote.status.kind === 'stopped');
  const diagnosis = await examine(baton.relay.origin);
  expect(wrongOnes(diagnosis)).toEqual(['link']);
  expect(diagnosis.text).toMatch(/^Another Baton with the same keys is connected to this relay; close it, or give/);
  expect(second.status.kind).toBe('connected');
});

async function startSecond(secrets: ReturnType<typeof createSecretFile>) {
  const { RelayLink } = await import('#main/host/remote/relay-link.ts');
  const { systemClock } = await import('#lib/clock.ts');
  const keys = await loadHostKeys(secrets);
  const link = new RelayLink({
    ...{ origin: baton.relay.origin, keys, clock: systemClock, random: Math.random, log: silentLog },
    greeting: () => [],
  });
  const ready = Promise.withResolvers<void>();
  link.onDidChangeStatus((status) => status.kind === 'connected' && ready.resolve());
  link.start();
  onTestFinished(() => link.stop());
  await ready.promise;
  return link;
}

test('without an agent it says what to install; without a relay it says why there is none', async () => {
  const diagnosis = await examine('', {
    openRelay: async () => ({ kind: 'refused', text: 'Port 8377 on this computer is in use. Close that one.' }),
    listAgents: async () => [{ ...AGENT, isInstalled: false, install: 'npm install -g claude' }],
  });
  expect(wrongOnes(diagnosis)).toEqual(['relay', 'agents']);
  expect(diagnosis.text).toBe('Port 8377 on this computer is in use; close that one.');
  expect(find(diagnosis, 'agents')?.text).toContain('npm install -g claude');
});
