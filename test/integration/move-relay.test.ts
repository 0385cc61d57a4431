import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Relay } from '#relay/relay.ts';
import { Device } from '../support/device/device.ts';
import { PairingFailed, pair } from '../support/device/pair.ts';
import { makeFolder, startHost, startRelay, type TestHost } from '../support/test-host.ts';

let baton: TestHost;
let other: Relay;
beforeEach(async () => {
  baton = await startHost();
  other = await startRelay(makeFolder());
});
afterEach(async () => {
  await baton.stop();
  await other.stop({ graceful: false });
});

const both = (relay: Relay) => ({ relayOrigin: relay.origin, appOrigin: relay.origin });

test('a device that was admitted at one relay is admitted at the next, and hears that the first was left', async () => {
  const byes: string[] = [];
  const device = await baton.pairDevice('Phone', 'full', {
    onMessage: (message) => message.type === 'bye' && byes.push(message.reason),
  });
  const session = await baton.startSession();
  await baton.host.remote.useRelay(both(other));
  await baton.until('connected', () => baton.host.remote.status.kind === 'connected');
  expect(byes).toEqual(['quit']);
  expect(baton.relay.metrics().now.sockets.host).toBe(0);
  expect(baton.host.remote.link.origin).toBe(other.origin);

  const identity = { ...device.identity, relayOrigin: other.origin };
  const moved = Device.open({ file: `${baton.folder}/moved.db`, identity });
  onTestFinished(() => moved.dispose());
  await moved.until('the session', () => moved.state?.sessions.some(({ id }) => id === session) === true);
  const prompt = moved.send('prompt', session, { text: 'echo: over there' });
  await moved.untilReceipt(prompt, 'applied');
});

test('codes made for one relay are void at both once the host has moved, and the one on show is made again', async () => {
  await baton.until('connected', () => baton.host.remote.status.kind === 'connected');
  const old = await baton.host.remote.pairing.show();
  const moving = baton.host.remote.useRelay(both(other));
  expect(baton.host.remote.pairing.offer).toBeNull();
  await moving;
  await expect(pair(old.link, 'Late')).rejects.toBeInstanceOf(PairingFailed);
  const elsewhere = old.link.replace(/[^.]*$/, Buffer.from(other.origin).toString('base64url'));
  await expect(pair(elsewhere, 'Late')).rejects.toBeInstanceOf(PairingFailed);

  const { promise: renewed, resolve } = Promise.withResolvers<void>();
  const stop = baton.host.remote.pairing.onDidChangeOffer((offer) => offer && resolve());
  if (baton.host.remote.pairing.offer) resolve();
  await renewed.finally(stop);
  const { link } = baton.host.remote.pairing.offer ?? { link: '' };
  expect(new URL(link).origin).toBe(other.origin);
  const paired = await baton.pairDevice('New phone');
  expect(paired.identity.relayOrigin).toBe(other.origin);
});

test('behind an address of its own the host dials one origin and sends phones to the other', async () => {
  const fronted = await startRelay(makeFolder(), { publicOrigins: ['http://localhost:1'] });
  onTestFinished(() => fronted.stop({ graceful: false }));
  const loopback = `http://127.0.0.1:${fronted.port}`;
  await baton.host.remote.useRelay({ relayOrigin: loopback, appOrigin: `http://localhost:${fronted.port}` });
  const device = await baton.pairDevice('Phone');
  expect(device.identity.relayOrigin).toBe(`http://localhost:${fronted.port}`);
  expect(baton.host.remote.link.origin).toBe(loopback);
});

test('of two moves at once the last one counts, and a host that is off stays off', async () => {
  await baton.until('connected', () => baton.host.remote.status.kind === 'connected');
  await Promise.all([
    baton.host.remote.useRelay(both(other)),
    baton.host.remote.useRelay(both(baton.relay)),
    baton.host.remote.useRelay(both(other)),
  ]);
  await baton.until('connected', () => baton.host.remote.status.kind === 'connected');
  expect(other.metrics().now.sockets.host).toBe(1);
  expect(baton.relay.metrics().now.sockets.host).toBe(0);
  await baton.host.remote.stop('quit');
  await baton.host.remote.useRelay(both(baton.relay));
  expect(baton.host.remote.status.kind).toBe('off');
});
