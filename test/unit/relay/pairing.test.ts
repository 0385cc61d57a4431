import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { generateAuthKeys } from '#protocol/keys.ts';
import { PAIRING_CODE_LIFETIME_MS } from '#protocol/limits.ts';
import { DEFAULT_RELAY_LIMITS } from '#relay/limits.ts';
import { PairingRendezvous } from '#relay/pairing-rendezvous.ts';
import {
  answer,
  connectHost,
  connectPairing,
  createPairId,
  dial,
  type HostClient,
  type RelaySocket,
} from '#test/support/relay-clients.ts';
import { bridge, type RelayFixture, startRelay } from './relay-fixture.ts';

async function tryPairing(fixture: RelayFixture, hostId: string, pairId: string): Promise<RelaySocket> {
  return dial(fixture.origin, { role: 'pairing', hostId, id: pairId, keys: await generateAuthKeys(false) });
}

async function refusedPairing(fixture: RelayFixture, hostId: string, pairId: string): Promise<number> {
  return (await (await tryPairing(fixture, hostId, pairId)).closed).code;
}

async function say(host: HostClient, pairId: string) {
  host.socket.say({ type: 'pair.open', pairId });
  return host.socket.next();
}

test('somebody with a pairing code gets a channel to the host', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = createPairId();
  expect(await say(host, pairId)).toEqual({ type: 'pair.opened', pairId, lifetimeMs: PAIRING_CODE_LIFETIME_MS });
  const phone = await connectPairing(fixture.origin, host.hostId, pairId);
  await phone.expect('open');
  const { channel, role, id } = await host.socket.expect('channel.open');
  expect({ role, id }).toEqual({ role: 'pairing', id: pairId });
  phone.sendFrame(Buffer.from('hello'));
  expect(await host.nextFrame()).toEqual({ channel, frame: Buffer.from('hello') });
});

test('a code that no host announced, or another host did, is unknown', async () => {
  const fixture = await startRelay();
  const [host, other] = [await connectHost(fixture.origin), await connectHost(fixture.origin)];
  const pairId = await other.openPairing();
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.pairingUnknown);
  expect(await refusedPairing(fixture, host.hostId, createPairId())).toBe(CloseCode.pairingUnknown);
});

test('a code works once, also if the first user has gone, and cannot be announced again', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  const phone = await connectPairing(fixture.origin, host.hostId, pairId);
  await phone.expect('open');
  await host.nextChannel();
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.pairingUnknown);
  await phone.close();
  await host.socket.expect('channel.closed');
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.pairingUnknown);
  expect(await say(host, pairId)).toMatchObject({ type: 'pair.refused', pairId });
});

test('a code is too old after 120 seconds, however often it is announced', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin, undefined, { autoPong: true });
  const pairId = await host.openPairing();
  await passWithHost(fixture, host, 119);
  expect(await say(host, pairId)).toEqual({ type: 'pair.opened', pairId, lifetimeMs: 1000 });
  await passWithHost(fixture, host, 1);
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.pairingUnknown);
});

test('a code that the host takes back is unknown', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  host.socket.say({ type: 'pair.close', pairId });
  await host.openPairing();
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.pairingUnknown);
});

test('anyone who comes while the host is away waits for it, alone, and meets it when it returns', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  await host.socket.close();
  const phone = await tryPairing(fixture, host.hostId, pairId);
  expect(await phone.expect('ready')).toMatchObject({ host: 'offline' });
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.pairingUnknown);
  const again = await connectHost(fixture.origin, host.identity);
  await phone.expect('open');
  expect(await again.socket.expect('channel.open')).toMatchObject({ role: 'pairing', id: pairId });
});

test('anyone who gives up waiting leaves the code to the next', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  await host.socket.close();
  const first = await connectPairing(fixture.origin, host.hostId, pairId);
  await first.close();
  await connectPairing(fixture.origin, host.hostId, pairId);
});

test('a code that found no place at its host is still good when there is one', async () => {
  const fixture = await startRelay({ limits: { channelsPerHostMax: 1 } });
  const { host, device } = await bridge(fixture);
  const pairId = await host.openPairing();
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.full);
  await device.close();
  await host.socket.expect('channel.closed');
  await connectPairing(fixture.origin, host.hostId, pairId);
});

test('anyone who waits with a code is told when it becomes too old', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  await host.socket.close();
  fixture.clock.advance(100_000);
  const phone = await connectPairing(fixture.origin, host.hostId, pairId);
  fixture.clock.advance(20_000);
  expect((await phone.closed).code).toBe(CloseCode.pairingUnknown);
});

test('a pairing socket ends with its one channel: by the host, by a lost host, by asking for another', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const meet = async () => {
    const phone = await connectPairing(fixture.origin, host.hostId, await host.openPairing());
    await phone.expect('open');
    return { phone, channel: await host.nextChannel() };
  };
  const denied = await meet();
  const code = CloseCode.pairingDenied;
  host.socket.say({ type: 'channel.close', channel: denied.channel, code, reason: 'Denied.' });
  expect(await denied.phone.expect('closed')).toMatchObject({ code, reason: 'Denied.' });
  expect(await denied.phone.closed).toEqual({ code, reason: 'Denied.' });

  const greedy = await meet();
  greedy.phone.say({ type: 'reopen' });
  expect((await greedy.phone.closed).code).toBe(CloseCode.pairingUnknown);
  await host.socket.expect('channel.closed');

  const lost = await meet();
  await host.socket.cut();
  expect(await lost.phone.expect('closed')).toMatchObject({ code: CloseCode.hostGone });
  expect((await lost.phone.closed).code).toBe(CloseCode.hostGone);
});

test('a host has so many open codes and no more, and announces only so many in a minute', async () => {
  const fixture = await startRelay({
    limits: { pairingCodesPerHostMax: 2, pairingOpensPerHost: { max: 3, windowMs: 60_000 } },
  });
  const host = await connectHost(fixture.origin);
  const [one] = [await host.openPairing(), await host.openPairing()];
  expect(await say(host, createPairId())).toMatchObject({
    type: 'pair.refused',
    reason: 'Too many open pairing codes.',
  });
  host.socket.say({ type: 'pair.close', pairId: one });
  expect(await say(host, createPairId())).toMatchObject({
    type: 'pair.refused',
    reason: 'Too many pairing codes in a short time.',
  });
  fixture.clock.advance(20_000);
  expect(await say(host, createPairId())).toMatchObject({ type: 'pair.opened' });
  expect(fixture.relay.metrics().refusals.pairing).toBe(2);
});

test('of 100 wrong pairing attempts most are not even looked at, and the host hears of none', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  const codes: number[] = [];
  for (let at = 0; at < 100; at += 1) codes.push(await refusedPairing(fixture, host.hostId, createPairId()));
  const looked = codes.filter((code) => code === CloseCode.pairingUnknown).length;
  expect(looked).toBe(30);
  expect(codes.slice(looked)).toEqual(Array(100 - looked).fill(CloseCode.tooManyAttempts));
  expect(host.socket.waiting).toEqual([]);
  // The real phone has to wait as well, but not for long.
  expect(await refusedPairing(fixture, host.hostId, pairId)).toBe(CloseCode.tooManyAttempts);
  await passWithHost(fixture, host, 10);
  await connectPairing(fixture.origin, host.hostId, pairId);
});

test('attempts on the codes of one host are no attempts on those of another', async () => {
  const fixture = await startRelay({ limits: { pairingAttemptsPerHost: { max: 1, windowMs: 60_000 } } });
  const [host, other] = [await connectHost(fixture.origin), await connectHost(fixture.origin)];
  const pairId = await other.openPairing();
  await refusedPairing(fixture, host.hostId, createPairId());
  expect(await refusedPairing(fixture, host.hostId, createPairId())).toBe(CloseCode.tooManyAttempts);
  await connectPairing(fixture.origin, other.hostId, pairId);
});

test('a pairing socket renews with the key it came with and no other', async () => {
  const fixture = await startRelay({ limits: { authLifetimeMs: 10_000 } });
  const host = await connectHost(fixture.origin);
  const pairId = await host.openPairing();
  const phone = await connectPairing(fixture.origin, host.hostId, pairId);
  await phone.expect('open');
  fixture.clock.advance(10_000);
  const keys = await generateAuthKeys(false);
  await answer(phone, fixture.origin, { role: 'pairing', hostId: host.hostId, id: pairId, keys });
  expect((await phone.closed).code).toBe(CloseCode.notAuthentic);
});

test('a code is too old to the millisecond, and the rendezvous holds so many codes and no more', () => {
  const rendezvous = new PairingRendezvous({ ...DEFAULT_RELAY_LIMITS, pairingLifetimeMs: 100, pairingCodesMax: 2 });
  expect(rendezvous.open('host', 'one', 0)).toEqual({ ok: true, lifetimeMs: 100 });
  expect(rendezvous.claim('host', 'one', 100, () => {})).toBe(false);
  expect(rendezvous.claim('host', 'one', 99, () => {})).toBe(true);
  expect(rendezvous.open('other', 'two', 99)).toMatchObject({ ok: true });
  expect(rendezvous.open('third', 'three', 99)).toEqual({ ok: false, reason: 'The relay is full.' });
  rendezvous.sweep(100);
  expect(rendezvous.open('third', 'three', 100)).toMatchObject({ ok: true });
});

/** Lets time pass while the host keeps answering the relay's pings. */
async function passWithHost(fixture: RelayFixture, host: HostClient, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 20) {
    const { framesDropped } = fixture.relay.metrics();
    host.send(0xffff_ffff, Buffer.from([1]));
    while (fixture.relay.metrics().framesDropped === framesDropped) await new Promise(setImmediate);
    fixture.clock.advance(Math.min(20, seconds - passed) * 1000);
  }
}
