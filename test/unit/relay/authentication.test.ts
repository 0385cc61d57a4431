import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { answerChallenge } from '#protocol/relay-auth.ts';
import {
  answer,
  connectDevice,
  connectHost,
  createIdentity,
  createPairId,
  dial,
  RelaySocket,
} from '#test/support/relay-clients.ts';
import { bridge, occupyCrypto, startRelay, untilMetrics } from './relay-fixture.ts';

test('every socket is challenged at once with a nonce of its own', async () => {
  const { origin } = await startRelay();
  const nonces = await Promise.all([1, 2].map(async () => (await new RelaySocket(origin).expect('challenge')).nonce));
  expect(nonces.map((nonce) => Buffer.from(nonce, 'base64url').length)).toEqual([32, 32]);
  expect(nonces[0]).not.toBe(nonces[1]);
});

test('a host proves itself by its key alone', async () => {
  const fixture = await startRelay();
  await connectHost(fixture.origin);
  expect(fixture.relay.metrics().now.sockets).toEqual({ host: 1, device: 0, pairing: 0, unauthenticated: 0 });
});

test('a client may sign for the loopback address by number, by name, and for the public address', async () => {
  const fixture = await startRelay({ publicOrigins: ['https://relay.example'] });
  const host = await createIdentity();
  const ports = ['https://relay.example', fixture.origin, `http://localhost:${fixture.relay.port}`];
  for (const signFor of ports) {
    const socket = await dial(fixture.origin, { role: 'host', hostId: host.id, id: host.id, keys: host.keys, signFor });
    await socket.expect('ready');
  }
  expect(fixture.relay.origins).toEqual(ports);
});

test('a signature for another relay is refused', async () => {
  const { origin } = await startRelay();
  const host = await createIdentity();
  const signFor = 'https://elsewhere.example';
  const socket = await dial(origin, { role: 'host', hostId: host.id, id: host.id, keys: host.keys, signFor });
  expect((await socket.closed).code).toBe(CloseCode.notAuthentic);
});

test('a signature of another nonce is refused', async () => {
  const { origin } = await startRelay();
  const host = await createIdentity();
  const old = await new RelaySocket(origin).expect('challenge');
  const socket = new RelaySocket(origin);
  await socket.expect('challenge');
  const { id, keys } = host;
  socket.say(await answerChallenge({ role: 'host', hostId: id, id, keys, relayOrigin: origin, nonce: old.nonce }));
  expect((await socket.closed).code).toBe(CloseCode.notAuthentic);
});

test('nobody can name a host or a device whose key is not theirs', async () => {
  const { origin } = await startRelay();
  const [victim, thief] = [await createIdentity(), await createIdentity()];
  const host = await connectHost(origin, victim);
  const device = await createIdentity();
  await host.admit(device);
  const asHost = await dial(origin, { role: 'host', hostId: victim.id, id: victim.id, keys: thief.keys });
  const asDevice = await dial(origin, { role: 'device', hostId: victim.id, id: device.id, keys: thief.keys });
  expect([(await asHost.closed).code, (await asDevice.closed).code]).toEqual([
    CloseCode.notAuthentic,
    CloseCode.notAuthentic,
  ]);
});

test('the answer of a device is no answer of a host', async () => {
  const { origin } = await startRelay();
  const { id, keys } = await createIdentity();
  const socket = new RelaySocket(origin);
  const { nonce } = await socket.expect('challenge');
  const auth = await answerChallenge({ role: 'device', hostId: id, id, keys, relayOrigin: origin, nonce });
  socket.say({ ...auth, role: 'host' });
  expect((await socket.closed).code).toBe(CloseCode.notAuthentic);
});

test('a client of another protocol version is refused', async () => {
  const { origin } = await startRelay();
  const { id, keys } = await createIdentity();
  const socket = new RelaySocket(origin);
  const { nonce } = await socket.expect('challenge');
  const auth = await answerChallenge({ role: 'host', hostId: id, id, keys, relayOrigin: origin, nonce });
  socket.say({ ...auth, version: 2 });
  expect((await socket.closed).code).toBe(CloseCode.notAuthentic);
});

test('a device that its host has not admitted is refused', async () => {
  const { origin } = await startRelay();
  const host = await connectHost(origin);
  await host.admit(await createIdentity());
  const stranger = await createIdentity();
  const socket = await dial(origin, { role: 'device', hostId: host.hostId, id: stranger.id, keys: stranger.keys });
  expect((await socket.closed).code).toBe(CloseCode.notAdmitted);
});

test('a device admitted by one host is a stranger to another', async () => {
  const { origin } = await startRelay();
  const [one, other] = [await connectHost(origin), await connectHost(origin)];
  const device = await createIdentity();
  await one.admit(device);
  await other.admit();
  const socket = await dial(origin, { role: 'device', hostId: other.hostId, id: device.id, keys: device.keys });
  expect((await socket.closed).code).toBe(CloseCode.notAdmitted);
});

test('a device of a host that this relay has never seen is sent away to come again, not for good', async () => {
  const { origin } = await startRelay();
  const device = await createIdentity();
  const hostId = createPairId();
  const socket = await dial(origin, { role: 'device', hostId, id: device.id, keys: device.keys });
  expect((await socket.closed).code).toBe(CloseCode.hostGone);
});

test('a socket that does not authenticate within 5 seconds is closed', async () => {
  const { origin, clock } = await startRelay();
  const socket = new RelaySocket(origin);
  await socket.expect('challenge');
  clock.advance(4000);
  expect(socket.webSocket.readyState).toBe(socket.webSocket.OPEN);
  clock.advance(1000);
  expect((await socket.closed).code).toBe(CloseCode.authTimeout);
});

test('nothing but an answer is read before the authentication', async () => {
  const { origin, relay } = await startRelay();
  const closes = [];
  for (const send of [
    (socket: RelaySocket) => socket.say({ type: 'admit', devices: [] }),
    (socket: RelaySocket) => socket.say({ type: 'reopen' }),
    (socket: RelaySocket) => socket.sendFrame(Buffer.from([0, 0, 0, 1, 1])),
    (socket: RelaySocket) => socket.webSocket.send('no JSON'),
  ]) {
    const socket = new RelaySocket(origin);
    await socket.expect('challenge');
    send(socket);
    closes.push((await socket.closed).code);
  }
  expect(closes).toEqual(Array(4).fill(CloseCode.malformed));
  await untilMetrics(relay, ({ closes }) => closes[CloseCode.malformed] === 4);
  expect(relay.metrics().authFailures).toBe(3);
});

test('a challenge can be answered once', async () => {
  const { origin } = await startRelay();
  const { id, keys } = await createIdentity();
  const socket = new RelaySocket(origin);
  const { nonce } = await socket.expect('challenge');
  const auth = await answerChallenge({ role: 'host', hostId: id, id, keys, relayOrigin: origin, nonce });
  socket.say(auth);
  socket.say(auth);
  expect((await socket.closed).code).toBe(CloseCode.malformed);
});

test('after 15 minutes the relay asks again, and a good answer keeps the channel as it is', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  await stayAwake(fixture, host.socket, device, 15 * 60);
  const { hostId } = host;
  await answer(host.socket, fixture.origin, { role: 'host', hostId, id: hostId, keys: host.identity.keys });
  await answer(device, fixture.origin, { role: 'device', hostId, id: identity.id, keys: identity.keys });
  await untilMetrics(fixture.relay, ({ authentications }) => authentications === 4);
  device.sendFrame(Buffer.from('still here'));
  expect(await host.nextFrame()).toEqual({ channel, frame: Buffer.from('still here') });
  await stayAwake(fixture, host.socket, device, 60);
  expect([host.socket.waiting, device.waiting]).toEqual([[], []]);
});

test('a renewal that does not come within 30 seconds closes the socket', async () => {
  const fixture = await startRelay();
  const { host, device } = await bridge(fixture);
  await stayAwake(fixture, host.socket, device, 15 * 60);
  await device.expect('challenge');
  await stayAwake(fixture, host.socket, device, 29);
  expect(device.webSocket.readyState).toBe(device.webSocket.OPEN);
  fixture.clock.advance(1000);
  expect((await device.closed).code).toBe(CloseCode.notAuthentic);
});

test('a renewal by another identity closes the socket', async () => {
  const fixture = await startRelay();
  const { host, device } = await bridge(fixture);
  const other = await createIdentity();
  await host.admit(other);
  await device.closed;
  const second = await connectDevice(fixture.origin, host.hostId, other);
  await second.expect('open');
  await stayAwake(fixture, host.socket, second, 15 * 60);
  const thief = await createIdentity();
  await answer(second, fixture.origin, { role: 'host', hostId: thief.id, id: thief.id, keys: thief.keys });
  expect((await second.closed).code).toBe(CloseCode.notAuthentic);
});

test('a device whose host was forgotten meanwhile is sent away at its renewal, not for good', async () => {
  const never = Number.POSITIVE_INFINITY;
  const fixture = await startRelay({
    limits: { hostForgottenAfterMs: 60_000, silentMaxMs: never, pingEveryMs: never, authRenewTimeoutMs: never },
  });
  const { host, device, identity } = await bridge(fixture);
  await host.socket.close();
  await device.expect('closed');
  fixture.clock.advance(60 * 60_000);
  const { id, keys } = identity;
  await answer(device, fixture.origin, { role: 'device', hostId: host.hostId, id, keys });
  expect((await device.closed).code).toBe(CloseCode.hostGone);
});

test('a renewal with a bad signature closes the socket', async () => {
  const fixture = await startRelay({ limits: { authLifetimeMs: 10_000 } });
  const host = await connectHost(fixture.origin);
  fixture.clock.advance(10_000);
  const { id, keys } = host.identity;
  const signFor = 'https://elsewhere.example';
  await answer(host.socket, fixture.origin, { role: 'host', hostId: id, id, keys, signFor });
  expect((await host.socket.closed).code).toBe(CloseCode.notAuthentic);
});

test('a host that left while its signature was being verified is not there', async () => {
  const fixture = await startRelay();
  const { host, device, identity } = await bridge(fixture);
  const { hostId } = host;
  await Promise.all([host.socket.close(), device.close()]);
  const hasty = new RelaySocket(fixture.origin);
  const { nonce } = await hasty.expect('challenge');
  const keys = host.identity.keys;
  const auth = await answerChallenge({ role: 'host', hostId, id: hostId, keys, relayOrigin: fixture.origin, nonce });
  const verifying = occupyCrypto();
  hasty.say(auth);
  await hasty.close();
  await untilMetrics(fixture.relay, ({ now }) => now.sockets.unauthenticated === 0);
  await verifying;
  const again = await dial(fixture.origin, { role: 'device', hostId, id: identity.id, keys: identity.keys });
  expect(await again.expect('ready')).toMatchObject({ host: 'offline' });
});

test('an answer without a challenge is malformed', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const { id, keys } = host.identity;
  const nonce = createPairId();
  host.socket.say(await answerChallenge({ role: 'host', hostId: id, id, keys, relayOrigin: fixture.origin, nonce }));
  expect((await host.socket.closed).code).toBe(CloseCode.malformed);
});

/** Lets time pass while both keep answering the relay's pings. */
async function stayAwake(
  fixture: Awaited<ReturnType<typeof startRelay>>,
  host: RelaySocket,
  device: RelaySocket,
  seconds: number,
): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 20) {
    const before = fixture.relay.metrics();
    // A pong cannot be seen from outside; a frame that comes after it on the same socket can.
    device.sendFrame(Buffer.from('.'));
    host.sendFrame(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]));
    await untilMetrics(fixture.relay, (now) => {
      return now.framesToHost > before.framesToHost && now.framesDropped > before.framesDropped;
    });
    await host.nextFrame();
    fixture.clock.advance(Math.min(20, seconds - passed) * 1000);
  }
}
