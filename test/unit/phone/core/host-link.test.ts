import { beforeAll, describe, expect, test } from 'vitest';
import { HostLink } from '../../../../phone/core/host-link.ts';
import {
  HEALTHY_AFTER_MS,
  HOST_OFFLINE_REDIAL_MS,
  PING_INTERVAL_MS,
  PROBE_INTERVAL_MS,
  PROOF_STALE_AFTER_MS,
} from '../../../../phone/core/limits.ts';
import { CHANNEL_LIFETIME_MS, HANDSHAKE_TIMEOUT_MS } from '../../../../protocol/limits.ts';
import type { FromHost } from '../../../../protocol/messages.ts';
import { ManualEnvironment, until } from './manual-environment.ts';
import { type Behaviour, createManualPair, type ManualPair } from './manual-host.ts';

let pair: ManualPair;
beforeAll(async () => {
  pair = await createManualPair();
});

function start(behaviour?: Partial<Behaviour>) {
  const environment = new ManualEnvironment();
  const host = pair.serve(environment, behaviour);
  const heard: FromHost[] = [];
  let drops = 0;
  const link = new HostLink({
    environment,
    identity: pair.identity,
    build: 'test',
    bye: null,
    isHeldElsewhere: false,
    onOpened: () => {},
    onMessage: (message) => {
      heard.push(message);
      if (message.type === 'bye') link.handleBye({ reason: message.reason, at: message.at });
    },
    onProof: () => {},
    onDropped: () => {
      drops += 1;
    },
  });
  const kind = () => link.status.value.kind;
  return { environment, host, heard, link, kind, drops: () => drops };
}

async function startConnected(behaviour?: Partial<Behaviour>) {
  const started = start(behaviour);
  await until('connected', () => started.kind() === 'connected');
  return started;
}

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

describe('a proven connection', () => {
  test('is shown only after the host itself answered', async () => {
    const { environment, host, link, kind } = start({ answersPings: false });
    await until('the first ping', () => host.received.some((message) => message.type === 'ping'));
    expect(kind()).toBe('connecting');

    environment.advance(40);
    host.say({ type: 'pong', id: 1, now: 1 });
    await until('connected', () => kind() === 'connected');
    expect(link.status.value).toEqual({ kind: 'connected', provenAt: environment.time, roundTripMs: 40 });
  });

  test('is proven again every few seconds while the page is visible, and not while it is hidden', async () => {
    const { environment, host, kind } = await startConnected();
    const pings = () => host.received.filter((message) => message.type === 'ping').length;
    environment.advance(PING_INTERVAL_MS);
    await until('a second ping', () => pings() === 2);
    await until('its answer', () => environment.timers.includes(PING_INTERVAL_MS));

    environment.visible = false;
    environment.advance(PING_INTERVAL_MS * 5);
    host.say({ type: 'bye', reason: 'quit', at: 1 });
    await until('a later message', () => kind() === 'closed');
    expect(pings()).toBe(2);
  });

  test('is not shown any more when the host falls silent, and is dialled anew', async () => {
    const { environment, host, link } = await startConnected();
    host.behaviour.answersPings = false;
    const lastHeardAt = environment.time;
    environment.advance(PING_INTERVAL_MS);
    await until('the unanswered ping', () => host.received.filter((message) => message.type === 'ping').length === 2);
    environment.advance(PROOF_STALE_AFTER_MS);
    expect(link.status.value).toEqual({ kind: 'no-answer', since: lastHeardAt, silent: 'host' });

    environment.advance(500);
    expect(environment.sockets).toHaveLength(2);
    expect(link.status.value.kind).toBe('no-answer');
  });

  test.each([
    ['a relay that says nothing either', 'silent', 'relay'],
    ['a relay that hears the host, and passes nothing on', { hostSilentMs: 1_000 }, 'passage'],
    ['a relay that does not hear the host either', { hostSilentMs: 9_000 }, 'host'],
    ['a relay to which the host is not connected', { hostSilentMs: null }, 'host'],
  ] as const)('falls silent, and it is named who: %s', async (_name, relay, silent) => {
    const { environment, host, link, kind } = await startConnected({ relay });
    host.behaviour.answersPings = false;
    environment.advance(PING_INTERVAL_MS);
    await until('the unanswered ping', () => host.received.filter((message) => message.type === 'ping').length === 2);
    for (let passed = 0; passed < PROOF_STALE_AFTER_MS; passed += PROBE_INTERVAL_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(kind()).toBe('connected');
      environment.advance(PROBE_INTERVAL_MS);
    }
    expect(link.status.value).toMatchObject({ kind: 'no-answer', silent });
  });

  test('is never called connected for 15 s after the host was last heard', () => {
    expect(PING_INTERVAL_MS + PROOF_STALE_AFTER_MS).toBeLessThan(15_000);
  });

  test('is worth nothing after the page was frozen without a word: it is dialled anew at once', async () => {
    const { environment, kind } = await startConnected();
    environment.time += 60_000;
    environment.advance(0);
    expect([environment.sockets.length, kind()]).toEqual([2, 'connecting']);
  });

  test('waits for an answer that queues behind other messages of the host', async () => {
    const { environment, host, kind, heard } = await startConnected();
    host.behaviour.answersPings = false;
    environment.advance(PING_INTERVAL_MS + PROOF_STALE_AFTER_MS - 1);
    await until('a ping', () => host.received.filter((message) => message.type === 'ping').length === 2);
    host.say({ type: 'refused', request: 'x', reason: 'busy' });
    await until('something of the host', () => heard.length === 1);
    environment.advance(PROOF_STALE_AFTER_MS - 1);
    expect(kind()).toBe('connected');
    environment.advance(1);
    expect(kind()).toBe('no-answer');
  });

  test('is renewed by a fresh handshake on the same socket', async () => {
    const { environment, host, kind, drops } = await startConnected();
    environment.visible = false; // No pings, so that time can pass.
    environment.advance(CHANNEL_LIFETIME_MS);
    expect([host.reopens, environment.sockets.length, kind()]).toEqual([1, 1, 'connected']);
    expect(drops()).toBe(1);
    await until(
      'a proof over the new channel',
      () => host.channels === 2 && host.received.filter((message) => message.type === 'ping').length === 2,
    );
  });
});

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

  test('wait longer with each failure, and start anew after a healthy while', async () => {
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
    environment.advance(HEALTHY_AFTER_MS - 1);
    await fail();
    expect(delays.at(-1)).toBe(4000);
    environment.advance(4000);
    await until('connected', () => kind() === 'connected');
    environment.advance(HEALTHY_AFTER_MS);
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

  test('dials anew when the host closed the channel for a passing reason', async () => {
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
