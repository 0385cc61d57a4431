import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { LIVE_CHANNELS_MAX, RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { connectDevice, connectHost, createIdentity, dial } from '#test/support/relay-clients.ts';
import { bridge, startRelay, untilMetrics } from './relay-fixture.ts';

test('frames of any content and size cross in both directions as they are', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  const sizes = [1, 125, 126, 65_535, 65_536, RELAY_FRAME_MAX_BYTES - 4];
  const frames = sizes.map((size) => Buffer.from(crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)))));
  frames[5] = Buffer.concat([frames[4] as Buffer, frames[3] as Buffer]).subarray(0, RELAY_FRAME_MAX_BYTES - 4);
  for (const frame of frames) {
    device.sendFrame(frame);
    host.send(channel, frame);
  }
  for (const frame of frames) {
    const atHost = await host.nextFrame();
    const atDevice = await device.nextFrame();
    expect([atHost.channel, frame.equals(atHost.frame), frame.equals(atDevice)]).toEqual([channel, true, true]);
  }
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  expect(fixture.relay.metrics()).toMatchObject({
    framesToHost: frames.length,
    framesToDevice: frames.length,
    bytesToHost: bytes,
    bytesToDevice: bytes,
    framesDropped: 0,
    now: { channels: 1 },
  });
});

test('each device has a channel of its own, and gets nothing of another', async () => {
  const { origin } = await startRelay();
  const host = await connectHost(origin);
  const identities = [await createIdentity(), await createIdentity()] as const;
  await host.admit(...identities);
  const devices = [];
  for (const identity of identities) {
    const socket = await connectDevice(origin, host.hostId, identity);
    await socket.expect('open');
    const { channel, role, id } = await host.socket.expect('channel.open');
    expect({ role, id }).toEqual({ role: 'device', id: identity.id });
    devices.push({ socket, channel });
  }
  const [one, two] = devices as [(typeof devices)[0], (typeof devices)[0]];
  expect(one.channel).not.toBe(two.channel);
  host.send(one.channel, Buffer.from('for one'));
  host.send(two.channel, Buffer.from('for two'));
  expect([await one.socket.nextFrame(), await two.socket.nextFrame()]).toEqual([
    Buffer.from('for one'),
    Buffer.from('for two'),
  ]);
  expect([one.socket.waitingFrames, two.socket.waitingFrames]).toEqual([[], []]);
});

test('a frame for a channel that is not open is dropped and counted', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  host.send(channel + 1, Buffer.from('nobody'));
  host.send(channel, Buffer.from('somebody'));
  expect(await device.nextFrame()).toEqual(Buffer.from('somebody'));
  expect(fixture.relay.metrics().framesDropped).toBe(1);
});

test('a host cannot reach the device of another host by its channel number', async () => {
  const fixture = await startRelay();
  const { device, channel } = await bridge(fixture);
  const other = await connectHost(fixture.origin);
  other.send(channel, Buffer.from('not yours'));
  await untilMetrics(fixture.relay, ({ framesDropped }) => framesDropped === 1);
  expect(device.waitingFrames).toEqual([]);
});

test('a frame that a host could not take is refused at the device: too large or empty', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  device.sendFrame(Buffer.alloc(RELAY_FRAME_MAX_BYTES - 3));
  expect((await device.closed).code).toBe(CloseCode.tooLarge);
  expect(await host.socket.expect('channel.closed')).toEqual({ type: 'channel.closed', channel });
  const second = await bridge(fixture);
  second.device.sendFrame(Buffer.alloc(0));
  expect((await second.device.closed).code).toBe(CloseCode.malformed);
});

test('a message above the limit of the protocol closes its socket with 1009 and no other', async () => {
  const fixture = await startRelay();
  const { host, device } = await bridge(fixture);
  device.sendFrame(Buffer.alloc(RELAY_FRAME_MAX_BYTES + 1));
  expect((await device.closed).code).toBe(1009);
  await host.socket.expect('channel.closed');
  await untilMetrics(fixture.relay, ({ closes }) => closes[1009] === 1);
  expect(host.socket.webSocket.readyState).toBe(host.socket.webSocket.OPEN);
});

test('a host that sends a frame without a channel number is closed', async () => {
  const { origin } = await startRelay();
  const host = await connectHost(origin);
  host.socket.sendFrame(Buffer.from([0, 0, 0, 1]));
  expect((await host.socket.closed).code).toBe(CloseCode.malformed);
});

test('when a device leaves, the host is told which channel is gone', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  await device.cut();
  expect(await host.socket.expect('channel.closed')).toEqual({ type: 'channel.closed', channel });
  expect(fixture.relay.metrics().now.channels).toBe(0);
});

test('a device that asks for it gets a new channel instead of the old one', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  device.say({ type: 'reopen' });
  await device.expect('open');
  expect(await host.socket.expect('channel.closed')).toEqual({ type: 'channel.closed', channel });
  const next = await host.nextChannel();
  expect(next).toBeGreaterThan(channel);
  device.sendFrame(Buffer.from('new'));
  expect(await host.nextFrame()).toEqual({ channel: next, frame: Buffer.from('new') });
});

test('a channel closed by the host leaves its device connected, with the code and reason of the host', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  host.socket.say({ type: 'channel.close', channel, code: CloseCode.handshakeFailed, reason: 'No.' });
  expect(await device.expect('closed')).toEqual({
    type: 'closed',
    code: CloseCode.handshakeFailed,
    reason: 'No.',
    at: fixture.clock.wallNow(),
  });
  device.sendFrame(Buffer.from('into the void'));
  device.say({ type: 'reopen' });
  await device.expect('open');
  expect(await host.nextChannel()).toBeGreaterThan(channel);
  expect([host.socket.waitingFrames, fixture.relay.metrics().framesDropped]).toEqual([[], 1]);
});

test('a device learns whether its host is there, since when, and that it went', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const identity = await createIdentity();
  const auth = { role: 'device', hostId: host.hostId, id: identity.id, keys: identity.keys } as const;
  await host.admit(identity);
  const cameAt = fixture.clock.wallNow();
  fixture.clock.advance(3000);
  const first = await dial(fixture.origin, auth);
  expect(await first.expect('ready')).toEqual({ type: 'ready', host: 'online', since: cameAt, pings: true });
  await first.expect('open');
  await host.socket.cut();
  const wentAt = fixture.clock.wallNow();
  expect(await first.expect('closed')).toMatchObject({ code: CloseCode.hostGone, at: wentAt });
  await first.close();
  fixture.clock.advance(3000);
  const second = await dial(fixture.origin, auth);
  expect(await second.expect('ready')).toEqual({ type: 'ready', host: 'offline', since: wentAt, pings: true });
});

test('a relay that was just started does not know since when a host is away', async () => {
  const fixture = await startRelay();
  const { host, identity } = await bridge(fixture);
  const { origin } = await fixture.restart();
  const device = await dial(origin, { role: 'device', hostId: host.hostId, id: identity.id, keys: identity.keys });
  expect(await device.expect('ready')).toEqual({ type: 'ready', host: 'offline', since: null, pings: true });
});

test('only so many absences are remembered, the latest', async () => {
  const fixture = await startRelay({ limits: { idleHostsMax: 1 } });
  const since = [];
  const left = [];
  for (let at = 0; at < 2; at += 1) {
    const host = await connectHost(fixture.origin);
    const identity = await createIdentity();
    await host.admit(identity);
    await host.socket.close();
    left.push({ hostId: host.hostId, identity });
  }
  for (const { hostId, identity } of left) {
    const device = await dial(fixture.origin, { role: 'device', hostId, id: identity.id, keys: identity.keys });
    since.push((await device.expect('ready')) as unknown);
  }
  const wentAt = fixture.clock.wallNow();
  expect(since).toEqual([null, wentAt].map((at) => ({ type: 'ready', host: 'offline', since: at, pings: true })));
});

test('when the host returns, its waiting devices get fresh channels without connecting again', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  await host.socket.cut();
  await device.expect('closed');
  device.say({ type: 'reopen' });
  expect(await device.expect('closed')).toMatchObject({ code: CloseCode.hostGone });
  const again = await connectHost(fixture.origin, host.identity);
  const { channel: next, id } = await again.socket.expect('channel.open');
  expect(id).toBe(identity.id);
  expect(next).toBeGreaterThan(channel);
  await device.expect('open');
  again.send(next, Buffer.from('back'));
  expect(await device.nextFrame()).toEqual(Buffer.from('back'));
});

test('a second socket of the same host replaces the first, and its devices move over', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  const second = await connectHost(fixture.origin, host.identity);
  expect((await host.socket.closed).code).toBe(CloseCode.replaced);
  await device.expect('closed');
  await device.expect('open');
  expect(await second.nextChannel()).toBeGreaterThan(channel);
  expect(fixture.relay.metrics().now).toMatchObject({ channels: 1, sockets: { host: 1, device: 1 } });
});

test('a second socket of the same device replaces the first', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  const second = await connectDevice(fixture.origin, host.hostId, identity);
  expect((await device.closed).code).toBe(CloseCode.replaced);
  await second.expect('open');
  expect(await host.socket.expect('channel.closed')).toEqual({ type: 'channel.closed', channel });
  const next = await host.nextChannel();
  second.sendFrame(Buffer.from('me'));
  expect(await host.nextFrame()).toEqual({ channel: next, frame: Buffer.from('me') });
});

test('a device that waits alone for its host can be replaced', async () => {
  const fixture = await startRelay();
  const { host, device, identity } = await bridge(fixture);
  await host.socket.cut();
  const second = await connectDevice(fixture.origin, host.hostId, identity);
  expect((await device.closed).code).toBe(CloseCode.replaced);
  await connectHost(fixture.origin, host.identity);
  await second.expect('open');
});

test('a host has so many devices at once and no more', async () => {
  const { origin, relay } = await startRelay();
  const host = await connectHost(origin);
  const identities = await Promise.all(Array.from({ length: LIVE_CHANNELS_MAX + 1 }, createIdentity));
  await host.admit(...identities);
  const last = identities.pop();
  for (const identity of identities) await (await connectDevice(origin, host.hostId, identity)).expect('open');
  if (!last) throw new Error('There is a last one.');
  const socket = await dial(origin, { role: 'device', hostId: host.hostId, id: last.id, keys: last.keys });
  expect((await socket.closed).code).toBe(CloseCode.full);
  expect(relay.metrics()).toMatchObject({ refusals: { full: 1 }, now: { channels: LIVE_CHANNELS_MAX } });
});
