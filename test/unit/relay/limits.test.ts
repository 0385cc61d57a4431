import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { DEFAULT_RELAY_LIMITS } from '#relay/limits.ts';
import {
  connectDevice,
  connectHost,
  createIdentity,
  createPairId,
  dial,
  RelaySocket,
  type SocketOptions,
} from '#test/support/relay-clients.ts';
import { bridge, startRelay, untilMetrics } from './relay-fixture.ts';

const MINUTE_MS = 60_000;

/** How the relay greets a fresh socket: with a challenge, or a close code. */
async function greet(origin: string, options?: SocketOptions): Promise<'challenge' | number> {
  const socket = new RelaySocket(origin, options);
  const challenge = socket.expect('challenge').then(() => 'challenge' as const);
  return Promise.race([challenge.catch(() => new Promise<never>(() => {})), socket.closed.then(({ code }) => code)]);
}

async function fail(origin: string, hostId = createPairId()): Promise<number> {
  const { keys } = await createIdentity();
  return (await (await dial(origin, { role: 'device', hostId, id: createPairId(), keys })).closed).code;
}

test('unauthenticated sockets of one address are few, and make room when they go', async () => {
  const { origin, relay } = await startRelay({ limits: { unauthenticatedPerAddressMax: 2 } });
  const [first] = [new RelaySocket(origin), new RelaySocket(origin)];
  await untilMetrics(relay, ({ now }) => now.sockets.unauthenticated === 2);
  expect(await greet(origin)).toBe(CloseCode.full);
  await first.close();
  await untilMetrics(relay, ({ now }) => now.sockets.unauthenticated === 1);
  expect(await greet(origin)).toBe('challenge');
});

test('an authenticated socket does not count as an unauthenticated one, nor when it has gone', async () => {
  const { origin, relay } = await startRelay({ limits: { unauthenticatedPerAddressMax: 1 } });
  const host = await connectHost(origin);
  await connectHost(origin);
  await host.socket.close();
  await untilMetrics(relay, ({ now }) => now.sockets.host === 1);
  await connectHost(origin);
  expect(await greet(origin)).toBe('challenge');
  expect(await greet(origin)).toBe(CloseCode.full);
});

test('sockets of one address, and of all, are so many and no more', async () => {
  const perAddress = await startRelay({ limits: { socketsPerAddressMax: 2 }, trustProxy: true });
  const headers = { 'X-Forwarded-For': '203.0.113.1' };
  await connectHost(perAddress.origin, undefined, { headers });
  await connectHost(perAddress.origin, undefined, { headers });
  expect(await greet(perAddress.origin, { headers })).toBe(CloseCode.full);
  expect(await greet(perAddress.origin, { headers: { 'X-Forwarded-For': '203.0.113.2' } })).toBe('challenge');

  const inAll = await startRelay({ limits: { socketsMax: 1 } });
  await connectHost(inAll.origin);
  expect(await greet(inAll.origin)).toBe(CloseCode.full);
  expect(inAll.relay.metrics().refusals.full).toBe(1);
});

test('behind a trusted proxy the address is the one that the proxy added, not what the client claims', async () => {
  const fixture = await startRelay({
    limits: { attemptsPerAddress: { max: 1, windowMs: MINUTE_MS } },
    trustProxy: true,
  });
  const from = (list: string) => greet(fixture.origin, { headers: { 'X-Forwarded-For': list } });
  expect([await from('10.0.0.1, 203.0.113.1'), await from('10.0.0.2, 203.0.113.1')]).toEqual([
    'challenge',
    CloseCode.tooManyAttempts,
  ]);
});

test('without a trusted proxy the header means nothing, and the log says what to do', async () => {
  const fixture = await startRelay({ limits: { attemptsPerAddress: { max: 1, windowMs: MINUTE_MS } } });
  const from = (list: string) => greet(fixture.origin, { headers: { 'X-Forwarded-For': list } });
  expect([await from('203.0.113.1'), await from('203.0.113.2')]).toEqual(['challenge', CloseCode.tooManyAttempts]);
  expect(fixture.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    expect.stringContaining('--trust-proxy'),
  ]);
});

test('new sockets of one address are so many in a minute', async () => {
  const { origin, clock, relay } = await startRelay({
    limits: { attemptsPerAddress: { max: 3, windowMs: MINUTE_MS } },
  });
  const greetings = [];
  for (let at = 0; at < 5; at += 1) greetings.push(await greet(origin));
  expect(greetings).toEqual([...Array(3).fill('challenge'), ...Array(2).fill(CloseCode.tooManyAttempts)]);
  expect(relay.metrics().refusals.address).toBe(2);
  clock.advance(MINUTE_MS / 3);
  expect([await greet(origin), await greet(origin)]).toEqual(['challenge', CloseCode.tooManyAttempts]);
});

test('after too many failures an address is refused until time has passed', async () => {
  const { origin, clock, relay } = await startRelay({
    limits: { failuresPerAddress: { max: 2, windowMs: MINUTE_MS } },
  });
  expect([await fail(origin), await fail(origin)]).toEqual([CloseCode.notAuthentic, CloseCode.notAuthentic]);
  expect(await greet(origin)).toBe(CloseCode.tooManyAttempts);
  expect(relay.metrics()).toMatchObject({ authFailures: 2, refusals: { failures: 1 } });
  clock.advance(MINUTE_MS);
  expect(await greet(origin)).toBe('challenge');
});

test('100 wrong authentications are stopped by the limits as they are', async () => {
  const { origin } = await startRelay();
  const codes: number[] = [];
  for (let at = 0; at < 100; at += 1) {
    const socket = new RelaySocket(origin);
    const id = createPairId();
    const greeting = await Promise.race([socket.next().catch(() => null), socket.closed]);
    if (greeting && 'type' in greeting && greeting.type === 'challenge') {
      socket.say({ type: 'auth', version: 1, role: 'host', hostId: id, id, key: 'AAAA', signature: 'AAAA' });
    }
    codes.push((await socket.closed).code);
  }
  const { max } = DEFAULT_RELAY_LIMITS.failuresPerAddress;
  expect(codes).toEqual([
    ...Array(max).fill(CloseCode.notAuthentic),
    ...Array(100 - max).fill(CloseCode.tooManyAttempts),
  ]);
});

test('failing in the name of a host does not lock out its admitted devices', async () => {
  const { origin } = await startRelay({ limits: { failuresPerHost: { max: 2, windowMs: MINUTE_MS } } });
  const host = await connectHost(origin);
  const friend = await createIdentity();
  await host.admit(friend);
  expect([await fail(origin, host.hostId), await fail(origin, host.hostId), await fail(origin, host.hostId)]).toEqual([
    CloseCode.notAuthentic,
    CloseCode.notAuthentic,
    CloseCode.tooManyAttempts,
  ]);
  await connectDevice(origin, host.hostId, friend);
  await connectHost(origin, host.identity);
});

test('one host or device may authenticate so often in a minute', async () => {
  const { origin, relay } = await startRelay({ limits: { connectionsPerIdentity: { max: 2, windowMs: MINUTE_MS } } });
  const identity = await createIdentity();
  await connectHost(origin, identity);
  const last = await connectHost(origin, identity);
  const third = await dial(origin, { role: 'host', hostId: identity.id, id: identity.id, keys: identity.keys });
  expect((await third.closed).code).toBe(CloseCode.tooManyAttempts);
  expect([relay.metrics().refusals.identity, last.socket.webSocket.readyState]).toEqual([1, 1]);
  await connectHost(origin);
});

test('a device may ask for so many new channels in a minute, also over several sockets', async () => {
  const fixture = await startRelay({ limits: { reopensPerDevice: { max: 2, windowMs: MINUTE_MS } } });
  const { host, device, identity } = await bridge(fixture);
  device.say({ type: 'reopen' });
  await device.expect('open');
  const second = await connectDevice(fixture.origin, host.hostId, identity);
  await second.expect('open');
  second.say({ type: 'reopen' });
  await second.expect('open');
  second.say({ type: 'reopen' });
  expect((await second.closed).code).toBe(CloseCode.tooManyAttempts);
  expect(fixture.relay.metrics().refusals.reopen).toBe(1);
});

test('a text message above 32 KiB is too large', async () => {
  const { origin } = await startRelay();
  const host = await connectHost(origin);
  const limit = DEFAULT_RELAY_LIMITS.controlMessageMaxBytes;
  host.socket.webSocket.send(JSON.stringify({ type: 'pair.close', pairId: createPairId() }).padEnd(limit));
  await host.openPairing();
  host.socket.webSocket.send(' '.repeat(limit + 1));
  expect((await host.socket.closed).code).toBe(CloseCode.tooLarge);
});

test('a flood of text messages closes the socket', async () => {
  const { origin, relay } = await startRelay();
  const host = await connectHost(origin);
  const pairId = createPairId();
  const { max } = DEFAULT_RELAY_LIMITS.controlMessages;
  for (let at = 0; at < max; at += 1) host.socket.say({ type: 'pair.close', pairId });
  expect((await host.socket.closed).code).toBe(CloseCode.tooManyAttempts);
  expect(relay.metrics().refusals.control).toBe(1);
});

test('bare connections of one address are so many and no more', async () => {
  const { relay } = await startRelay({ limits: { socketsPerAddressMax: 1, pageConnectionsMax: 1 } });
  const sockets = [1, 2].map(() => connect(relay.port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  const third = connect(relay.port, '127.0.0.1');
  third.on('error', () => {});
  await new Promise((resolve) => third.once('close', resolve));
  for (const socket of sockets) socket.destroy();
});
