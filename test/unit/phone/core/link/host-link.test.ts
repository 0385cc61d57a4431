import { beforeAll, describe, expect, test } from 'vitest';
import { BACK_OFF_RESET_AFTER_MS } from '#lib/back-off.ts';
import {
  HOST_OFFLINE_REDIAL_MS,
  PING_INTERVAL_MS,
  PROOF_STALE_AFTER_MS,
  STORAGE_RETRY_MS,
} from '#phone/core/limits.ts';
import { HostLink } from '#phone/core/link/host-link.ts';
import { HANDSHAKE_TIMEOUT_MS } from '#protocol/limits.ts';
import { ManualEnvironment, until } from '../manual-environment.ts';
import { type Behaviour, createManualPair, type ManualPair } from '../manual-host.ts';
import { startConnectedLink, startLink } from '../manual-link.ts';

let pair: ManualPair;
beforeAll(async () => {
  pair = await createManualPair();
});
const start = (behaviour?: Partial<Behaviour>) => startLink(pair, behaviour);
const startConnected = (behaviour?: Partial<Behaviour>) => startConnectedLink(pair, behaviour);

/** A relay that cannot be reached. */
function startUnreachable() {
  const environment = new ManualEnvironment();
  const link = new HostLink({
    environment,
    identity: pair.identity,
    build: 'test',
    bye: null,
    isHeldElsewhere: false,
    onOpened: () => {},
    onMessage: () => {},
    onProof: () => {},
    onDropped: () => {},
  });
  return { environment, link };
}

describe('retries', () => {
  test('keep the time since which the relay has been unreachable', async () => {
    const { environment, link } = startUnreachable();
    environment.advance(100);
    await environment.lastSocket.closeByRelay(1006);
    const since = environment.time;
    expect(link.status.value).toEqual({ kind: 'relay-unreachable', since });
    for (let attempt = 2; attempt < 12; attempt += 1) {
      environment.advance(environment.timers.at(-1) ?? 0);
      expect(environment.sockets).toHaveLength(attempt);
      await environment.lastSocket.closeByRelay(1006);
      expect(link.status.value).toEqual({ kind: 'relay-unreachable', since });
    }
  });

  test('wait longer with each failure, and start again after a healthy while', async () => {
    const { environment, host, kind } = await startConnected();
    environment.visible = false;
    const delays: number[] = [];
    const fail = async () => {
      await environment.lastSocket.closeByRelay(1006);
      delays.push(environment.timers.at(-1) ?? -1);
    };
    await fail();
    environment.onSocket = () => {};
    for (let failures = 1; failures < 4; failures += 1) {
      environment.advance(delays.at(-1) ?? 0);
      await fail();
    }
    expect(delays).toEqual([250, 500, 1000, 2000]);

    environment.onSocket = (socket) => host.accept(socket);
    environment.advance(2000);
    await until('connected', () => kind() === 'connected');
    environment.advance(BACK_OFF_RESET_AFTER_MS - 1);
    await fail();
    expect(delays.at(-1)).toBe(4000);
    environment.advance(4000);
    await until('connected', () => kind() === 'connected');
    environment.advance(BACK_OFF_RESET_AFTER_MS);
    await fail();
    expect(delays.at(-1)).toBe(250);
  });

  test('heed how long a restarting relay asks to be left alone', async () => {
    const { environment, kind } = await startConnected();
    environment.visible = false;
    environment.lastSocket.say({ type: 'restarting', retryAfterMs: 4_000 });
    await environment.lastSocket.closeByRelay(1012);
    expect(kind()).toBe('connecting');
    environment.advance(3_999);
    expect(environment.sockets).toHaveLength(1);
    environment.advance(1);
    expect(environment.sockets).toHaveLength(2);
  });

  test('say that this device is offline when it is', async () => {
    const { environment, link } = startUnreachable();
    environment.online = false;
    await environment.lastSocket.closeByRelay(1006);
    expect(link.status.value).toEqual({ kind: 'offline', since: environment.time });
  });

  test('give up a relay that accepts and then says nothing', () => {
    const { environment, link } = startUnreachable();
    environment.advance(15_000);
    expect(link.status.value.kind).toBe('relay-unreachable');
  });

  test('dial at once when the page wakes, whatever the old socket believes, and the old one is not heard any more', async () => {
    const { environment, host, kind } = await startConnected();
    const old = environment.lastSocket;
    environment.advance(1000);
    environment.wake();
    environment.wake();
    expect(environment.sockets).toHaveLength(2);
    expect(old.readyState).toBe(WebSocket.CLOSED);
    expect(kind()).toBe('connecting');
    await old.closeByRelay(4410);
    expect(kind()).toBe('connecting');
    await until('connected', () => kind() === 'connected');
    expect(host.authentications).toBe(2);
  });

  test('go on after a while when the storage had failed: there may be room again', async () => {
    const { environment, link, kind } = await startConnected();
    link.stop({ kind: 'stopped', reason: 'storage', text: 'The storage is full.' });
    environment.advance(STORAGE_RETRY_MS - 1);
    expect([environment.sockets.length, kind()]).toEqual([1, 'stopped']);
    environment.advance(1);
    await until('connected', () => kind() === 'connected');
    expect(environment.sockets).toHaveLength(2);
  });

  test('stop while the page is away', async () => {
    const { environment } = await startConnected();
    environment.leave();
    environment.advance(60_000);
    expect(environment.sockets).toHaveLength(1);
  });

  test('never end when something malformed comes, which is counted', async () => {
    const { environment, host, link } = await startConnected();
    host.channel?.send({ type: 'events', session: 'no uuid' });
    await until('the drop', () => link.malformedCount === 1);
    environment.advance(250);
    await until('connected again', () => link.status.value.kind === 'connected');
    environment.lastSocket.say({ type: 'nonsense' });
    await until('the drop', () => link.malformedCount === 2);
  });
});

describe('a host that is away', () => {
  test('is waited for on the same socket', async () => {
    const { environment, host, kind } = start({ isOnline: false });
    await until('the news', () => kind() === 'host-offline');
    host.open();
    expect(kind()).toBe('connecting');
    await until('connected', () => kind() === 'connected');
    expect(environment.sockets).toHaveLength(1);
  });

  test('is looked for on a fresh socket now and then, because the old one may be dead', async () => {
    const { environment, kind } = start({ isOnline: false });
    await until('the news', () => kind() === 'host-offline');
    environment.advance(HOST_OFFLINE_REDIAL_MS);
    expect(environment.sockets).toHaveLength(2);
    expect(kind()).toBe('host-offline');
  });

  test('is not waited for on a socket that died without a sign: the relay is asked, its silence has a name, and it is dialled again', async () => {
    const relay = { hostSilentMs: null };
    const { environment, host, kind, link } = start({ isOnline: false, relay });
    await until('the news', () => kind() === 'host-offline');
    for (let rounds = 0; rounds < 4; rounds += 1) environment.advance(PING_INTERVAL_MS);
    expect([kind(), environment.sockets.length]).toEqual(['host-offline', 1]);

    host.behaviour.relay = 'silent';
    const silentAt = environment.time;
    environment.advance(PING_INTERVAL_MS + PROOF_STALE_AFTER_MS);
    expect(link.status.value).toMatchObject({ kind: 'no-answer', silent: 'relay' });
    expect(environment.time - silentAt).toBeLessThan(15_000);
    host.behaviour.isOnline = true;
    host.behaviour.relay = relay;
    environment.advance(500);
    await until('connected', () => kind() === 'connected');
  });

  test('that sleeps is still asleep when the relay that sleeps with it says nothing', async () => {
    const { environment, host, kind } = await startConnected({ relay: { hostSilentMs: null } });
    host.behaviour.isOnline = false;
    host.say({ type: 'bye', reason: 'asleep', at: environment.time });
    await until('the goodbye', () => kind() === 'asleep');
    host.socket?.say({ type: 'closed', code: 4440, reason: '', at: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    host.behaviour.relay = 'silent';
    environment.advance(PING_INTERVAL_MS + PROOF_STALE_AFTER_MS + 500);
    expect([kind(), environment.sockets.length]).toEqual(['asleep', 2]);
  });

  test('is asleep if it said so, even when the relay closes the channel while that is still being decrypted', async () => {
    const { environment, host, link } = await startConnected();
    const at = environment.time - 5;
    host.say({ type: 'bye', reason: 'asleep', at });
    await host.channel?.flushed();
    host.socket?.say({ type: 'closed', code: 4440, reason: '', at });
    await until('the goodbye', () => link.status.value.kind !== 'connected');
    await until('the end of the channel', () => !link.isOpen);
    expect(link.status.value).toEqual({ kind: 'asleep', since: at });
  });

  test('has quit if it said so, even when the relay that ran beside it goes in the same moment', async () => {
    const { environment, host, link } = await startConnected();
    host.say({ type: 'bye', reason: 'quit', at: 5 });
    await host.channel?.flushed();
    await environment.lastSocket.closeByRelay(1006);
    await until('the end', () => !link.isOpen);
    expect(link.status.value).toEqual({ kind: 'closed', since: 5 });
  });

  test('is not said to be offline by a socket that was given up meanwhile', async () => {
    const { environment, host, link } = await startConnected();
    const kinds: string[] = [];
    link.status.subscribe((status) => kinds.push(status.kind));
    environment.advance(1000);
    host.socket?.say({ type: 'closed', code: 4440, reason: '', at: 1 });
    environment.wake();
    await until('connected again', () => kinds.at(-1) === 'connected' && kinds.length > 1);
    expect(kinds).toEqual(['connected', 'connecting', 'connected']);
  });

  test('is asked for another channel when it ends one, before it is said to be offline', async () => {
    const { environment, host, kind } = await startConnected();
    host.socket?.say({ type: 'closed', code: 4440, reason: '', at: 1 });
    await until('another channel', () => host.channels === 2 && kind() === 'connected');
    await until('its proof', () => host.received.filter((message) => message.type === 'ping').length === 2);
    expect([host.reopens, environment.sockets.length]).toEqual([1, 1]);

    host.behaviour.isOnline = false;
    host.socket?.say({ type: 'closed', code: 4440, reason: '', at: 1 });
    await until('the news', () => kind() === 'host-offline');
    expect(host.reopens).toBe(2);
  });

  test('does not answer, if it never finishes the handshake', async () => {
    const { environment, host, kind } = start({ isOnline: false });
    await until('the news', () => kind() === 'host-offline');
    host.socket?.say({ type: 'open' });
    environment.advance(HANDSHAKE_TIMEOUT_MS);
    expect(kind()).toBe('no-answer');
  });

  test('dials again when the host closed the channel for a passing reason', async () => {
    const { environment, host, kind } = await startConnected();
    host.socket?.say({ type: 'closed', code: 4443, reason: '', at: 1 });
    await until('the drop', () => kind() === 'connecting');
    environment.advance(250);
    await until('connected', () => kind() === 'connected');
    expect(environment.sockets).toHaveLength(2);
  });
});

describe('what only a person can change', () => {
  test.each([
    [4409, 'other-tab'],
    [4410, 'revoked'],
    [4403, 'not-admitted'],
    [4426, 'update-needed'],
  ])('close code %i stops, with words', async (code, reason) => {
    const { environment, link } = await startConnected();
    await environment.lastSocket.closeByRelay(code);
    expect(link.status.value).toMatchObject({ kind: 'stopped', reason, text: expect.stringMatching(/\w+ \w+/) });
    environment.advance(120_000);
    expect(environment.sockets).toHaveLength(1);
  });

  test('another tab keeps the connection until a person wants it here', async () => {
    const { environment, link, kind } = await startConnected();
    await environment.lastSocket.closeByRelay(4409);
    environment.advance(1000);
    environment.wake();
    expect(environment.sockets).toHaveLength(1);
    link.retryNow();
    expect(kind()).toBe('connecting');
    await until('connected', () => kind() === 'connected');
  });

  test('a device that was not admitted looks again when the page wakes', async () => {
    const { environment, kind } = await startConnected();
    await environment.lastSocket.closeByRelay(4403);
    environment.advance(1000);
    environment.wake();
    await until('connected', () => kind() === 'connected');
  });

  test('a goodbye of the host that revokes stops, and the relay has no say in it', async () => {
    const { host, link } = await startConnected();
    host.say({ type: 'bye', reason: 'revoked', at: 1 });
    await until('stopped', () => link.status.value.kind === 'stopped');
    expect(link.status.value).toMatchObject({ reason: 'revoked' });
  });
});
