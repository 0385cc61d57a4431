/** The instruments of the fault matrix and of the soak: a test that cannot fail proves nothing. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ClaimWatch } from '../faults/claim-watch.ts';
import { ROWS } from '../faults/rows.ts';
import type { Stage } from '../faults/stage.ts';
import { fitLine, isFlat } from '../soak/slope.ts';
import { UnrulyWire } from '../support/chaos/unruly-wire.ts';

describe('a fitted line', () => {
  const minutes = (values: readonly number[]) => values.map((value, at) => ({ atMs: at * 60_000, value }));

  test('tells a leak from what comes and goes', () => {
    const [leak, wobble] = [fitLine(minutes([10, 12, 14, 16])), fitLine(minutes([10, 13, 9, 12, 10]))];
    expect(leak).toEqual({ perMinute: 2, growth: 6, mean: 13 });
    const bound = { perMinuteMax: 1, noise: 3 };
    expect([isFlat(leak, bound), isFlat(wobble, bound)]).toEqual([false, true]);
  });

  test('is flat for one point, and for a growth that is no more than noise', () => {
    expect(fitLine(minutes([7]))).toEqual({ perMinute: 0, growth: 0, mean: 7 });
    expect(isFlat(fitLine(minutes([10, 12])), { perMinuteMax: 1, noise: 3 })).toBe(true);
  });
});

describe('the watch over claims', () => {
  const lineOf = { page: 'Connected · proven just now · 3 ms', terminal: '● relay connected for 2 s, heard just now' };
  const stage = { pageLine: async () => lineOf.page, terminalLine: lineOf.terminal } as unknown as Stage;

  test('measures how long a claim stood that could not be true, and none that could', async () => {
    const watch = new ClaimWatch(stage);
    watch.breaks({ page: true });
    await expect.poll(() => watch.longest.get('page')?.forMs ?? 0).toBeGreaterThan(200);
    watch.heals();
    await watch.stop();
    expect([...watch.longest.keys()]).toEqual(['page']);
  });
});

test('every row has a name of its own, and says what the page has to say', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  expect(ROWS.filter(({ isShort }) => isShort).length).toBeGreaterThanOrEqual(6);
});

describe('a wire', () => {
  const open: { close(): unknown }[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  /** To a server that says everything back. */
  async function start() {
    const server = createServer((socket) => void socket.on('error', () => {}).pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = await UnrulyWire.start(() => (server.address() as AddressInfo).port);
    open.push({ close: () => void wire.stop() }, server);
    return wire;
  }

  function dial(wire: UnrulyWire): Socket & { heard: string; isClosed: boolean } {
    const socket = connect(Number(new URL(wire.origin).port), '127.0.0.1');
    const talk = Object.assign(socket, { heard: '', isClosed: false });
    socket.on('error', () => {});
    socket.on('close', () => {
      talk.isClosed = true;
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      talk.heard += text;
    });
    open.push({ close: () => socket.destroy() });
    return talk;
  }

  test('holds back what it is given, one way or both, and brings it when it passes again', async () => {
    const wire = await start();
    const one = dial(wire);
    one.write('a');
    await expect.poll(() => one.heard).toBe('a');
    for (const direction of ['up', 'down', 'both'] as const) {
      one.heard = '';
      wire.mood = { kind: 'hold', direction };
      one.write('b');
      const other = dial(wire);
      other.write('c');
      await once(other, 'ready');
      expect([one.heard, other.heard]).toEqual(['', '']);
      wire.mood = { kind: 'pass' };
      await expect.poll(() => [one.heard, other.heard]).toEqual(['b', 'c']);
    }
  });

  test('strands what is open, and serves what is new', async () => {
    const wire = await start();
    const old = dial(wire);
    old.write('a');
    await expect.poll(() => old.heard).toBe('a');
    wire.strand();
    old.write('b');
    const fresh = dial(wire);
    fresh.write('c');
    await expect.poll(() => fresh.heard).toBe('c');
    expect([old.heard, old.isClosed]).toEqual(['a', false]);
  });

  test('is a portal, or gone, for who dials; what was open is cut', async () => {
    const wire = await start();
    for (const [mood, answer] of [
      [{ kind: 'portal', status: 302 }, /^HTTP\/1.1 302 Found\r\nLocation/],
      [{ kind: 'portal', status: 403 }, /^HTTP\/1.1 403/],
      [{ kind: 'gone' }, /^$/],
    ] as const) {
      wire.mood = { kind: 'pass' };
      const old = dial(wire);
      await once(old, 'ready');
      wire.mood = mood;
      await expect.poll(() => old.isClosed).toBe(true);
      const fresh = dial(wire);
      fresh.write('GET / HTTP/1.1\r\n\r\n');
      await expect.poll(() => fresh.isClosed).toBe(true);
      expect(fresh.heard).toMatch(answer);
    }
  });

  test('answers the pings of WebSockets, and swallows the rest', async () => {
    const wire = await start();
    wire.mood = { kind: 'answers-pings' };
    const one = dial(wire);
    await once(one, 'ready');
    one.write(Buffer.of(0x89, 0x80, 1, 2, 3, 4));
    await expect.poll(() => Buffer.from(one.heard, 'latin1')).toEqual(Buffer.of(0x8a, 0));
    one.write('lost');
    wire.mood = { kind: 'pass' };
    await expect.poll(() => one.isClosed).toBe(true);
    expect(one.heard).toHaveLength(2);
  });
});
