import { beforeAll, describe, expect, test } from 'vitest';
import {
  PING_INTERVAL_MS,
  PONG_GIVEN_UP_AFTER_MS,
  PROBE_INTERVAL_MS,
  PROOF_HOLDS_MS,
  PROOF_STALE_AFTER_MS,
} from '#phone/core/limits.ts';
import { CHANNEL_LIFETIME_MS } from '#protocol/limits.ts';
import { until } from '../manual-environment.ts';
import { type Behaviour, createManualPair, type ManualPair } from '../manual-host.ts';
import { startConnectedLink, startLink } from '../manual-link.ts';

let pair: ManualPair;
beforeAll(async () => {
  pair = await createManualPair();
});
const start = (behaviour?: Partial<Behaviour>) => startLink(pair, behaviour);
const startConnected = (behaviour?: Partial<Behaviour>) => startConnectedLink(pair, behaviour);

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

  test('is not shown any more when the host falls silent, and is dialled again', async () => {
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
    expect(PROOF_HOLDS_MS).toBeLessThan(15_000);
  });

  test('is not shown for long because text streams in: nothing may get through in the other direction', async () => {
    const { environment, host, link, kind, heard } = await startConnected();
    const provenAt = environment.time;
    const old = environment.lastSocket;
    host.behaviour.answersPings = false;
    environment.advance(PING_INTERVAL_MS);
    await until('the unanswered ping', () => host.received.filter((message) => message.type === 'ping').length === 2);
    for (let passed = 0; passed < PONG_GIVEN_UP_AFTER_MS; passed += 1_000) {
      expect(environment.lastSocket).toBe(old);
      const before = heard.length;
      host.say({ type: 'refused', request: 'x', reason: 'something that streams' });
      await until('something of the host', () => heard.length > before);
      if (environment.time - provenAt >= 15_000)
        expect(link.status.value).toEqual({ kind: 'no-answer', since: provenAt, silent: 'host' });
      environment.advance(1_000);
    }
    environment.advance(500);
    expect([environment.sockets.length, kind()]).toEqual([2, 'no-answer']);
  });

  test('is shown again when the answer that had queued behind much else is there', async () => {
    const { environment, host, kind, heard } = await startConnected();
    host.behaviour.answersPings = false;
    environment.advance(PING_INTERVAL_MS);
    await until('a ping', () => host.received.filter((message) => message.type === 'ping').length === 2);
    for (let second = 0; second < 12; second += 1) {
      const before = heard.length;
      host.say({ type: 'refused', request: 'x', reason: 'much' });
      await until('something of the host', () => heard.length > before);
      environment.advance(1_000);
    }
    expect(kind()).toBe('no-answer');
    host.say({ type: 'pong', id: 2, now: 1 });
    await until('the proof', () => kind() === 'connected');
    expect(environment.sockets).toHaveLength(1);
  });

  test('is not shown for long while a fresh handshake is waited for', async () => {
    const { environment, host, kind } = await startConnected();
    const provenAt = environment.time;
    host.behaviour.isOnline = false;
    host.socket?.say({ type: 'open' });
    environment.advance(PROOF_HOLDS_MS);
    expect([environment.time - provenAt < 15_000, kind()]).toEqual([true, 'no-answer']);
  });

  test('is worth nothing after the clock was set back: it is dialled again, and the clocks are compared again', async () => {
    const { environment, kind } = await startConnected();
    const [soonest = 0] = environment.timers;
    environment.shiftClock(-24 * 60 * 60_000);
    environment.advance(soonest);
    expect([environment.sockets.length, kind()]).toEqual([2, 'connecting']);
  });

  test('is worth nothing after the page was frozen without a word: it is dialled again at once', async () => {
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
    expect(environment.lastSocket.readyState).toBe(WebSocket.OPEN);
    environment.advance(1);
    expect([environment.lastSocket.readyState, kind()]).toEqual([WebSocket.CLOSED, 'no-answer']);
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
