/** Clients that do not read, do not answer, or send too fast. */
import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { connectDevice, connectHost, createIdentity, type RelaySocket } from '#test/support/relay-clients.ts';
import { bridge, type RelayFixture, startRelay, untilMetrics } from './relay-fixture.ts';

const FRAME = Buffer.alloc(64 * 1024, 7);

test('a device that does not read is closed, while the host and its other devices go on', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  const other = await createIdentity();
  await host.admit(identity, other);
  const reader = await connectDevice(fixture.origin, host.hostId, other);
  const readerChannel = await host.nextChannel();
  device.webSocket.pause();
  let sent = 0;
  while (fixture.relay.metrics().slowDevices === 0) {
    host.send(channel, FRAME);
    host.send(readerChannel, Buffer.from([sent % 256]));
    expect(await reader.nextFrame()).toEqual(Buffer.from([sent % 256]));
    sent += 1;
  }
  expect(sent * FRAME.length).toBeGreaterThan(4 * 1024 * 1024);
  expect(await host.socket.expect('channel.closed')).toEqual({ type: 'channel.closed', channel });
  device.webSocket.resume();
  expect((await device.closed).code).toBe(CloseCode.tooSlow);
  expect(host.socket.webSocket.readyState).toBe(host.socket.webSocket.OPEN);
});

test('many small messages that wait are too much as well, though their bytes are few', async () => {
  const fixture = await startRelay({
    limits: { queuedMessagesMax: 100, deviceBufferMaxBytes: Number.POSITIVE_INFINITY },
  });
  const { host, device, channel } = await bridge(fixture);
  device.webSocket.pause();
  while (fixture.relay.metrics().slowDevices === 0) {
    for (let at = 0; at < 8; at += 1) host.send(channel, FRAME);
    for (let at = 0; at < 200; at += 1) host.send(channel, Buffer.from([1]));
    await sent(host.socket);
  }
  device.webSocket.resume();
  expect((await device.closed).code).toBe(CloseCode.tooSlow);
});

test('devices that send faster than their host reads are held back, and nothing is lost or reordered', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  host.socket.webSocket.pause();
  let count = 0;
  while (fixture.relay.metrics().devicePauses === 0) {
    device.sendFrame(numbered(count));
    count += 1;
    await turn();
  }
  for (const end = count + 64; count < end; count += 1) device.sendFrame(numbered(count));
  host.socket.webSocket.resume();
  const order: number[] = [];
  while (order.length < count) {
    const { channel: number, frame } = await host.nextFrame();
    // Compared as bytes: a deep comparison of so many takes seconds.
    if (number === channel && numbered(order.length).equals(frame)) order.push(order.length);
    else break;
  }
  expect(order.length).toBe(count);
  expect(fixture.relay.metrics()).toMatchObject({ frozenHosts: 0, slowDevices: 0 });
});

test('a device that is held back is not taken for dead, and its frozen host is', async () => {
  const fixture = await startRelay();
  const { host, device } = await bridge(fixture);
  host.socket.webSocket.pause();
  await floodUntilHeldBack(fixture, device);
  for (let round = 0; round < 3; round += 1) {
    // The host does not read, but it is heard of.
    const { framesDropped } = fixture.relay.metrics();
    host.send(0xffff_ffff, Buffer.from([1]));
    await untilMetrics(fixture.relay, (now) => now.framesDropped > framesDropped);
    fixture.clock.advance(20_000);
  }
  expect(fixture.relay.metrics()).toMatchObject({ silentSockets: 0, now: { channels: 1 } });
  fixture.clock.advance(46_000);
  expect(fixture.relay.metrics().silentSockets).toBe(1);
  expect(await device.expect('closed')).toMatchObject({ code: CloseCode.hostGone });
  device.say({ type: 'reopen' });
  expect(await device.expect('closed')).toMatchObject({ code: CloseCode.hostGone });
  const again = await connectHost(fixture.origin, host.identity);
  await device.expect('open');
  device.sendFrame(Buffer.from('on we go'));
  for (;;) if (Buffer.from('on we go').equals((await again.nextFrame()).frame)) break;
});

test('a device that is held back hears at once that it was revoked', async () => {
  const fixture = await startRelay({ limits: { closeTimeoutMs: 3_600_000 } });
  const { host, device } = await bridge(fixture);
  host.socket.webSocket.pause();
  await floodUntilHeldBack(fixture, device);
  host.socket.say({ type: 'admit', devices: [] });
  expect((await device.closed).code).toBe(CloseCode.revoked);
});

test('a host that asks and asks and does not read the answers is cut', async () => {
  const limits = { queuedMessagesMax: 100, controlMessages: { max: 1e9, windowMs: 1 } };
  const fixture = await startRelay({ limits });
  const { host, device } = await bridge(fixture);
  host.socket.webSocket.pause();
  await floodUntilHeldBack(fixture, device);
  for (let at = 0; at < 101; at += 1) host.socket.say({ type: 'pair.open', pairId: host.hostId });
  expect(await device.expect('closed')).toMatchObject({ code: CloseCode.hostGone });
});

test('a host for which too much waits is cut', async () => {
  const fixture = await startRelay({
    limits: { hostBufferPauseBytes: Number.POSITIVE_INFINITY, hostBufferMaxBytes: 1024 * 1024 },
  });
  const { host, device } = await bridge(fixture);
  host.socket.webSocket.pause();
  while (fixture.relay.metrics().frozenHosts === 0) {
    device.sendFrame(FRAME);
    await turn();
  }
  expect(await device.expect('closed')).toMatchObject({ code: CloseCode.hostGone });
  expect(fixture.relay.metrics().now.sockets.host).toBe(0);
});

test('a socket of which nothing is heard for 45 seconds is cut', async () => {
  const { origin, clock, relay } = await startRelay();
  const host = await connectHost(origin, undefined, { autoPong: false });
  clock.advance(44_000);
  await turn();
  expect(host.socket.webSocket.readyState).toBe(host.socket.webSocket.OPEN);
  clock.advance(2000);
  expect((await host.socket.closed).code).toBe(1006);
  expect(relay.metrics().silentSockets).toBe(1);
});

test('a socket that only answers the pings, one in 20 seconds, lives', async () => {
  const { origin, clock, relay } = await startRelay();
  const host = await connectHost(origin);
  for (let round = 0; round < 6; round += 1) {
    const pinged = new Promise((resolve) => host.socket.webSocket.once('ping', resolve));
    clock.advance(20_000);
    await pinged;
    for (let at = 0; at < 10; at += 1) await turn();
  }
  expect(relay.metrics()).toMatchObject({ silentSockets: 0, now: { sockets: { host: 1 } } });
});

/** Sends until the relay has stopped reading from the device for good, because nothing more fits on the way to the host. */
async function floodUntilHeldBack(fixture: RelayFixture, device: RelaySocket): Promise<void> {
  for (let stalledTurns = 0; stalledTurns < 100; stalledTurns += 1) {
    const { bytesToHost } = fixture.relay.metrics();
    if (device.webSocket.bufferedAmount < FRAME.length) device.sendFrame(FRAME);
    await turn();
    if (fixture.relay.metrics().bytesToHost > bytesToHost) stalledTurns = 0;
  }
  expect(fixture.relay.metrics().devicePauses).toBeGreaterThan(0);
}

function numbered(count: number): Buffer {
  const frame = Buffer.from(FRAME);
  frame.writeUInt32BE(count);
  return frame;
}

function sent(socket: RelaySocket): Promise<void> {
  return new Promise((resolve) => socket.webSocket.ping('', true, () => resolve()));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
