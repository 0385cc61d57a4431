import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { answerChallenge } from '#protocol/relay-auth.ts';
import { connectDevice, connectHost, connectPairing, RelaySocket } from '#test/support/relay-clients.ts';
import { bridge, occupyCrypto, startRelay } from './relay-fixture.ts';

test('a graceful stop tells everybody to come back, each at a time of its own, and closes with 1012', async () => {
  const fixture = await startRelay();
  const { host, device } = await bridge(fixture);
  const pairing = await connectPairing(fixture.origin, host.hostId, await host.openPairing());
  await pairing.expect('open');
  await host.nextChannel();
  const fresh = new RelaySocket(fixture.origin);
  await fresh.expect('challenge');
  const all = [host.socket, device, pairing, fresh];
  await fixture.relay.stop({ graceful: true });
  const waits = [];
  for (const socket of all) {
    waits.push((await socket.expect('restarting')).retryAfterMs);
    expect((await socket.closed).code).toBe(CloseCode.restarting);
  }
  // Four are soon let in again; thousands would be spread over five seconds.
  expect(waits.every((ms) => ms > 0 && ms <= 1100)).toBe(true);
  expect(new Set(waits).size).toBeGreaterThan(1);
  // No device was told that its host has gone.
  expect(device.waiting).toEqual([]);
});

test('the more there are to come back, the longer they are spread, up to a limit', async () => {
  const limits = { restartSpreadMinMs: 0, restartSpreadPerSocketMs: 1_000_000, restartSpreadMs: 1_000_000 };
  const fixture = await startRelay({ limits });
  const { host, device } = await bridge(fixture);
  await fixture.relay.stop({ graceful: true });
  const waits = [];
  for (const socket of [host.socket, device]) waits.push((await socket.expect('restarting')).retryAfterMs);
  expect(waits.every((ms) => ms <= 1_000_000)).toBe(true);
  // By chance alone, once in a million.
  expect(Math.max(...waits)).toBeGreaterThan(1000);
});

test('a stop does not wait for ever for somebody who does not read', async () => {
  const fixture = await startRelay({ limits: { stopDeadlineMs: 50 } });
  const { device } = await bridge(fixture);
  device.webSocket.pause();
  await fixture.relay.stop({ graceful: true });
  await expect(fetch(fixture.origin)).rejects.toThrow();
  device.webSocket.resume();
  await device.closed;
});

test('a stop that is not graceful cuts everybody', async () => {
  const fixture = await startRelay();
  const { host, device } = await bridge(fixture);
  await fixture.relay.stop({ graceful: false });
  expect([(await host.socket.closed).code, (await device.closed).code]).toEqual([1006, 1006]);
});

test('a stop in the middle of an authentication is no fault', async () => {
  const fixture = await startRelay();
  const { host, device, identity } = await bridge(fixture);
  const { id, keys } = identity;
  const { hostId } = host;
  const socket = new RelaySocket(fixture.origin);
  const { nonce } = await socket.expect('challenge');
  const auth = await answerChallenge({ role: 'device', hostId, id, keys, relayOrigin: fixture.origin, nonce });
  const verifying = occupyCrypto();
  socket.say(auth);
  device.sendFrame(Buffer.from('after it'));
  await host.nextFrame();
  await fixture.relay.stop({ graceful: false });
  await verifying;
  await occupyCrypto();
  expect(fixture.log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a second stop is the first', async () => {
  const { relay } = await startRelay();
  const first = relay.stop({ graceful: true });
  expect(relay.stop({ graceful: false })).toBe(first);
  await first;
});

test('after a restart the same host and device meet again, without a person', async () => {
  const fixture = await startRelay();
  const { host, identity } = await bridge(fixture);
  const { origin } = await fixture.restart();
  const again = await connectHost(origin, host.identity);
  const device = await connectDevice(origin, host.hostId, identity);
  await device.expect('open');
  const channel = await again.nextChannel();
  again.send(channel, Buffer.from('back'));
  expect(await device.nextFrame()).toEqual(Buffer.from('back'));
});
