import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '#lib/clock.ts';
import { DeviceSync, type SyncSource } from '#main/host/remote/sync.ts';
import type { WireEvent } from '#protocol/events.ts';
import {
  CREDIT_MAX_BYTES,
  CREDIT_MAX_EVENTS,
  LINK_BUFFER_MAX_BYTES,
  REPLAY_MAX_EVENTS,
  SNAPSHOT_EVENTS,
} from '#protocol/limits.ts';
import type { FromHost } from '#protocol/messages.ts';

const SESSION = '01890000-0000-7000-8000-000000000001';

/** A log in memory: sync is pure but for what it is handed. */
function createLog(count = 0, textBytes = 10) {
  const events: WireEvent[] = [];
  const grow = (by: number, bytes = textBytes) => {
    for (let n = 0; n < by; n += 1) {
      events.push({ seq: events.length + 1, at: 0, kind: 'message', body: { id: 'm', text: 'x'.repeat(bytes) } });
    }
  };
  grow(count);
  const [visible, deleted] = [{ value: true }, { value: false }];
  const source: SyncSource = {
    epoch: 'here',
    last: () => events.length,
    after: (_, seq, limit) => events.slice(seq, seq + limit),
    before: (_, seq, limit) => events.slice(Math.max(0, seq - 1 - limit), seq - 1),
    isVisible: () => visible.value,
    isDeleted: () => deleted.value,
  };
  return { source, grow, visible, deleted };
}

function createClock() {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (_, callback) => {
      timers.push(callback);
      return () => void timers.splice(timers.indexOf(callback), 1);
    },
  };
  return {
    clock,
    tick: () => {
      for (const timer of timers.splice(0)) timer();
    },
  };
}

function connect(log: ReturnType<typeof createLog>) {
  const sent: FromHost[] = [];
  const buffer = { bytes: 0 };
  const { clock, tick } = createClock();
  const sync = new DeviceSync(
    log.source,
    { send: (message) => sent.push(message), bufferedBytes: () => buffer.bytes },
    clock,
  );
  const seqs = () =>
    sent.flatMap((message) =>
      message.type === 'events' || message.type === 'snapshot' ? message.events.map(({ seq }) => seq) : [],
    );
  return { sync, sent, buffer, tick, seqs };
}

const from = (seq: number, epoch = 'here') => [{ session: SESSION, epoch, seq }];
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test('a small gap is replayed, in order and without holes', () => {
  const device = connect(createLog(120));
  device.sync.follow(from(100));
  expect(device.seqs()).toEqual(range(101, 120));
});

test('a gap of exactly the limit is replayed, one more is answered by a snapshot of the newest', () => {
  const atLimit = connect(createLog(REPLAY_MAX_EVENTS));
  atLimit.sync.follow(from(0));
  expect(atLimit.sent.map(({ type }) => type)).not.toContain('snapshot');

  const over = connect(createLog(REPLAY_MAX_EVENTS + 1));
  over.sync.follow(from(0));
  expect(over.sent).toMatchObject([{ type: 'snapshot', last: REPLAY_MAX_EVENTS + 1 }]);
  expect(over.seqs()).toEqual(range(REPLAY_MAX_EVENTS + 2 - SNAPSHOT_EVENTS, REPLAY_MAX_EVENTS + 1));
});

test('a gap with too many bytes is answered by a snapshot', () => {
  const device = connect(createLog(20, 40_000));
  device.sync.follow(from(0));
  expect(device.sent[0]?.type).toBe('snapshot');
});

test('a cursor of another epoch, or from the future, is answered by a snapshot', () => {
  for (const cursor of [from(5, 'elsewhere'), from(99)]) {
    const device = connect(createLog(10));
    device.sync.follow(cursor);
    expect(device.sent).toMatchObject([{ type: 'snapshot', epoch: 'here', last: 10 }]);
  }
});

describe('credit', () => {
  test('without acknowledgement no more than the credit is sent, and each acknowledgement lets more through', () => {
    const log = createLog(0);
    const device = connect(log);
    device.sync.follow(from(0));
    log.grow(CREDIT_MAX_EVENTS * 2);
    device.sync.pump(SESSION);
    expect(device.seqs()).toEqual(range(1, CREDIT_MAX_EVENTS));
    device.sync.acknowledge(SESSION, 100);
    expect(device.seqs()).toEqual(range(1, CREDIT_MAX_EVENTS + 100));
  });

  test('large events are held back by their bytes', () => {
    const log = createLog(0);
    const device = connect(log);
    device.sync.follow(from(0));
    log.grow(100, CREDIT_MAX_BYTES / 10);
    device.sync.pump(SESSION);
    expect(device.seqs().length).toBeLessThan(16);
    for (let seen = 0; seen < 100; seen = device.seqs().length) device.sync.acknowledge(SESSION, device.seqs().length);
    expect(device.seqs()).toEqual(range(1, 100));
  });

  test('credit that comes back in crumbs is spent in batches, except on the last events', () => {
    const log = createLog(0);
    const device = connect(log);
    device.sync.follow(from(0));
    log.grow(CREDIT_MAX_EVENTS + 200);
    device.sync.pump(SESSION);
    const before = device.sent.length;
    for (let seq = 1; seq <= CREDIT_MAX_EVENTS + 200; seq += 1) {
      if (seq <= device.seqs().length) device.sync.acknowledge(SESSION, seq);
    }
    expect(device.seqs()).toEqual(range(1, CREDIT_MAX_EVENTS + 200));
    expect(device.sent.length - before).toBeLessThan(10);
  });

  test('while the link is full nothing is sent, and it goes on by itself when it has drained', () => {
    const log = createLog(10);
    const device = connect(log);
    device.buffer.bytes = LINK_BUFFER_MAX_BYTES + 1;
    device.sync.follow(from(0));
    device.tick();
    expect(device.seqs()).toEqual([]);
    device.buffer.bytes = 0;
    device.tick();
    expect(device.seqs()).toEqual(range(1, 10));
  });
});

test('a step in one session does not look at all the others', () => {
  const looked: string[] = [];
  const sessions = range(1, 50).map((number) => `01890000-0000-7000-8000-0000000000${String(number).padStart(2, '0')}`);
  const log = createLog(5);
  const source: SyncSource = {
    ...log.source,
    last: (session) => {
      looked.push(session);
      return log.source.last(session);
    },
  };
  const sync = new DeviceSync(source, { send: () => {}, bufferedBytes: () => 0 }, createClock().clock);
  sync.follow(sessions.map((session) => ({ session, epoch: 'here', seq: 5 })));
  looked.length = 0;
  sync.pump(sessions[3] as string);
  sync.acknowledge(sessions[7] as string, 5);
  expect(looked).toEqual([sessions[3]]);
});

test('snapshots of many sessions are sent under credit, the one on the screen first', () => {
  const log = createLog(REPLAY_MAX_EVENTS + 1);
  const device = connect(log);
  const sessions = range(10, 30).map((number) => `01890000-0000-7000-8000-0000000000${number}`);
  const last = sessions.at(-1) as string;
  const sent = () => device.sent.flatMap((message) => (message.type === 'snapshot' ? [message.session] : []));
  device.sync.follow(sessions.map((session) => ({ session, epoch: 'here', seq: 0 })));
  expect(sent()).toHaveLength(Math.ceil(CREDIT_MAX_EVENTS / SNAPSHOT_EVENTS));
  device.sync.watch(last, []);
  device.sync.acknowledge(sessions[0] as string, REPLAY_MAX_EVENTS + 1);
  expect(sent().at(-1)).toBe(last);
  for (const session of sessions) device.sync.acknowledge(session, REPLAY_MAX_EVENTS + 1);
  expect(sent().toSorted()).toEqual(sessions);
});

test('what was appended while a session was switched off is sent once it is on again', () => {
  const log = createLog(3);
  const device = connect(log);
  device.sync.follow(from(0));
  log.visible.value = false;
  log.grow(2);
  device.sync.pump(SESSION);
  expect(device.seqs()).toEqual(range(1, 3));
  log.visible.value = true;
  device.sync.resume();
  expect(device.seqs()).toEqual(range(1, 5));
});

test('whatever is appended and acknowledged in whatever order, the device gets every event once and in order', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('grow' as const), by: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ kind: fc.constant('ack' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant('full' as const), is: fc.boolean() }),
    fc.record({ kind: fc.constant('tick' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const log = createLog(0);
      const device = connect(log);
      device.sync.follow(from(0));
      for (const one of steps) {
        if (one.kind === 'grow') {
          log.grow(one.by);
          device.sync.pump(SESSION);
        } else if (one.kind === 'ack') device.sync.acknowledge(SESSION, Math.floor(device.seqs().length * one.part));
        else if (one.kind === 'full') device.buffer.bytes = one.is ? LINK_BUFFER_MAX_BYTES + 1 : 0;
        else device.tick();
      }
      device.buffer.bytes = 0;
      for (let before = -1; before !== device.seqs().length; ) {
        before = device.seqs().length;
        device.sync.acknowledge(SESSION, before);
        device.tick();
      }
      expect(device.seqs()).toEqual(range(1, log.source.last(SESSION)));
    }),
    { numRuns: 60 },
  );
});

test('a session that is switched off is neither followed, nor paged, nor streamed', () => {
  const log = createLog(10);
  const device = connect(log);
  device.sync.follow(from(0));
  device.sync.watch(SESSION, []);
  log.visible.value = false;
  log.grow(5);
  device.sync.pump(SESSION);
  device.sync.stream({ session: SESSION, id: 'm', role: 'message', text: 'secret' });
  expect([device.seqs(), device.sync.page(SESSION, 11, 10), device.sent.length]).toEqual([range(1, 10), [], 1]);
});

test('streamed text is sent as what is new, whole after the watched session changes, and not while the link is full', () => {
  const device = connect(createLog());
  const stream = (text: string) => device.sync.stream({ session: SESSION, id: 'm', role: 'message', text });
  stream('unwatched');
  device.sync.watch(SESSION, [{ id: 'm', role: 'message', text: 'ab' }]);
  stream('abc');
  device.buffer.bytes = LINK_BUFFER_MAX_BYTES + 1;
  stream('abcd');
  device.buffer.bytes = 0;
  stream('abcdef');
  device.sync.watch(SESSION, [{ id: 'm', role: 'message', text: 'abcdef' }]);
  expect(device.sent.map((message) => (message.type === 'transient' ? [message.from, message.text] : null))).toEqual([
    [0, 'ab'],
    [2, 'c'],
    [3, 'def'],
    [0, 'abcdef'],
  ]);
});

test('a page holds the newest events before the given one, and never more bytes than a replay', () => {
  const device = connect(createLog(50, 40_000));
  device.sync.follow(from(50));
  const page = device.sync.page(SESSION, 41, 30).map(({ seq }) => seq);
  expect(page.at(-1)).toBe(40);
  expect(page.length).toBeLessThan(15);
  expect(page).toEqual(range(page[0] as number, 40));
});

test('of a deleted session the device is told to drop what it has: at once, or when it says that it has some', () => {
  const emptied = { type: 'snapshot', session: SESSION, epoch: 'here', last: 0, events: [] };
  const log = createLog(CREDIT_MAX_EVENTS + 10);
  const device = connect(log);
  device.sync.follow(from(0));
  const before = device.sent.length;
  [log.visible.value, log.deleted.value] = [false, true];
  device.sync.forget(SESSION);
  expect(device.sent.slice(before)).toEqual([emptied]);
  device.sync.acknowledge(SESSION, 0);
  device.sync.pump(SESSION);
  expect(device.sent).toHaveLength(before + 1);

  const later = connect(log);
  later.sync.follow(from(7));
  expect(later.sent).toEqual([emptied]);
  const fresh = connect(log);
  fresh.sync.follow(from(0));
  expect(fresh.sent).toEqual([]);
});
