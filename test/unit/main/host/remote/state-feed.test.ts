import { expect, test } from 'vitest';
import type { Clock } from '#lib/clock.ts';
import { LOG_GROWTH_EVERY_MS, StateFeed } from '#main/host/remote/state-feed.ts';
import { LINK_BUFFER_MAX_BYTES } from '#protocol/limits.ts';
import type { FromHost, HostState, SessionSummary } from '#protocol/messages.ts';

const SESSION: SessionSummary = {
  id: '01890000-0000-7000-8000-000000000001',
  title: 'A session',
  agent: 'demo',
  agentName: 'Demo agent',
  folder: '/work',
  state: 'idle',
  since: 0,
  detail: '',
  seq: 1,
  queued: 0,
  mode: null,
  modes: [],
  createdAt: 0,
  updatedAt: 0,
};

function connect() {
  const sent: (FromHost & { type: 'state' })[] = [];
  const buffer = { bytes: 0 };
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => 0,
    after: (ms, callback) => {
      timers.set(callback, ms);
      return () => void timers.delete(callback);
    },
  };
  let version = 0;
  let session = SESSION;
  const feed = new StateFeed(
    { state: () => ({ version, value: stateOf(session) }) },
    { send: (message) => sent.push(message as FromHost & { type: 'state' }), bufferedBytes: () => buffer.bytes },
    clock,
  );
  const change = (fields: Partial<SessionSummary>) => {
    version += 1;
    session = { ...session, ...fields };
    feed.update();
  };
  const tick = () => {
    for (const callback of [...timers.keys()]) {
      timers.delete(callback);
      callback();
    }
  };
  return { feed, sent, buffer, change, tick, waits: () => [...timers.values()] };
}

function stateOf(session: SessionSummary): HostState {
  return { sessions: [session], approvals: [], agents: [], folders: [], isRemoteControlEnabled: true };
}

test('a change that people see is sent at once, and the same version never twice', () => {
  const { feed, sent, change } = connect();
  change({});
  change({ state: 'working' });
  feed.update();
  expect(sent.map(({ version, value }) => [version, value.sessions[0]?.state])).toEqual([
    [1, 'idle'],
    [2, 'working'],
  ]);
});

test('while only logs grow, one state is sent after a while, with the last lengths', () => {
  const { sent, change, tick, waits } = connect();
  change({});
  for (let seq = 2; seq <= 50; seq += 1) change({ seq, updatedAt: seq });
  expect([sent.length, waits()]).toEqual([1, [LOG_GROWTH_EVERY_MS]]);
  tick();
  expect(sent.map(({ version, value }) => [version, value.sessions[0]?.seq])).toEqual([
    [1, 1],
    [50, 50],
  ]);
  expect(waits()).toEqual([]);
});

test('a change that people see does not wait for the growth of logs, and carries it', () => {
  const { sent, change, waits } = connect();
  change({});
  change({ seq: 2 });
  change({ seq: 3, state: 'waiting' });
  expect([sent.at(-1)?.value.sessions[0], waits()]).toEqual([{ ...SESSION, seq: 3, state: 'waiting' }, []]);
});

test('while the link is full no state is queued, and the latest goes out when it has drained', () => {
  const { sent, buffer, change, tick } = connect();
  buffer.bytes = LINK_BUFFER_MAX_BYTES + 1;
  change({});
  change({ title: 'Renamed' });
  tick();
  change({ title: 'Renamed again' });
  expect(sent).toEqual([]);
  buffer.bytes = 0;
  tick();
  expect(sent.map(({ value }) => value.sessions[0]?.title)).toEqual(['Renamed again']);
});

test('a full link is looked at again soon, even if the growth of logs was waited for', () => {
  const { buffer, change, waits } = connect();
  change({});
  change({ seq: 2 });
  buffer.bytes = LINK_BUFFER_MAX_BYTES + 1;
  change({ state: 'working' });
  expect(waits()).toHaveLength(1);
  expect(waits()[0]).toBeLessThan(LOG_GROWTH_EVERY_MS);
});

test('after it was disposed nothing is sent and nothing waits', () => {
  const { feed, sent, change, waits } = connect();
  change({});
  change({ seq: 2 });
  feed.dispose();
  change({ state: 'ended' });
  expect([sent.length, waits()]).toEqual([1, []]);
});
