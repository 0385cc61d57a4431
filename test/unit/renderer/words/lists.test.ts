import { describe, expect, test } from 'vitest';
import type { ActivityRow, RelayView, SessionView } from '#preload/contract.ts';
import { openGuides } from '#renderer/guides/open-guides.ts';
import { groupByDay, joinRows } from '#renderer/words/activity-days.ts';
import { canResume, namesWords, splitSessions } from '#renderer/words/session-lists.ts';
import { bytesWords, usageSentence, usageWords } from '#renderer/words/usage-words.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const row = (seq: number, at: string): ActivityRow => ({
  seq,
  at: Date.parse(at),
  by: 'This computer',
  isDevice: false,
  text: 'did it',
  session: null,
});

describe('the activity', () => {
  test('is grouped by the calendar day of the reader', () => {
    const rows = [
      row(5, '2026-11-22T08:00:00Z'),
      row(4, '2026-11-22T00:30:00Z'),
      row(3, '2026-11-21T23:30:00Z'),
      row(2, '2026-11-16T12:00:00Z'),
      row(1, '2025-12-31T12:00:00Z'),
    ];
    const names = (timeZone: string) =>
      groupByDay(rows, NOW, { locale: 'en-GB', timeZone }).map((day) => [day.name, day.rows.map(({ seq }) => seq)]);
    expect(names('UTC')).toEqual([
      ['Today', [5, 4]],
      ['Yesterday', [3]],
      ['Monday 16 November', [2]],
      ['Wednesday, 31 December 2025', [1]],
    ]);
    expect(names('America/New_York').slice(0, 2)).toEqual([
      ['Today', [5]],
      ['Yesterday', [4, 3]],
    ]);
  });

  test('holds each row once, newest first, however pages and pushes overlap', () => {
    const [a, b, c] = [row(3, '2026-11-22T08:00:00Z'), row(2, '2026-11-22T07:00:00Z'), row(1, '2026-11-22T06:00:00Z')];
    expect(joinRows([a, b], [b, c]).map(({ seq }) => seq)).toEqual([3, 2, 1]);
  });
});

describe('sessions', () => {
  const session = (id: string, state: SessionView['state']) => ({ id, state, since: 0 }) as SessionView;
  test('that wait stand first, and ended ones apart', () => {
    const lists = splitSessions([session('1', 'ended'), session('2', 'idle'), session('3', 'waiting')]);
    expect([lists.open.map(({ id }) => id), lists.ended.map(({ id }) => id)]).toEqual([['3', '2'], ['1']]);
  });

  test('can be resumed exactly when no agent runs for them', () => {
    const states = ['starting', 'idle', 'working', 'waiting', 'interrupted', 'failed', 'ended'] as const;
    expect(states.filter((state) => canResume(session('1', state)))).toEqual(['interrupted', 'failed']);
  });

  test('name up to two devices that watch them', () => {
    expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(namesWords)).toEqual(['', 'A', 'A and B', 'A and 2 more']);
  });
});

test('what a session uses is said in units of a person', () => {
  expect([512, 98_304, 312_400_000, 4_200_000_000].map(bytesWords)).toEqual(['512 bytes', '98 KB', '312 MB', '4.2 GB']);
  expect(usageWords(undefined)).toBeNull();
  expect(usageWords({ processes: 0, memoryBytes: 0, cpuPercent: 0 })).toBeNull();
  expect(usageWords({ processes: 2, memoryBytes: 2.1e8, cpuPercent: null })).toBe('210 MB');
  expect(usageWords({ processes: 2, memoryBytes: 2.1e8, cpuPercent: 117.6 })).toBe('210 MB · 118 % CPU');
  expect(usageSentence({ processes: 1, memoryBytes: 2.1e8, cpuPercent: 3 })).toBe('1 process, 210 MB, 3 % of one core');
});

describe('first steps', () => {
  const relay = (isReachableByPhones: boolean): RelayView => ({
    origin: 'x',
    isOwn: true,
    phoneOrigin: 'x',
    isReachableByPhones,
  });
  const agents = [
    { id: 'demo', name: 'Demo', isInstalled: true },
    { id: 'claude', name: 'Claude', isInstalled: false },
  ];
  const found = [{ id: 'claude', name: 'Claude', isInstalled: true }];

  test('are an agent, then a relay, then a phone; the demo agent is none', () => {
    expect(openGuides({ agents, relay: relay(false), deviceCount: 0, dismissed: [] })).toEqual(['agents', 'relay']);
    expect(openGuides({ agents: found, relay: relay(true), deviceCount: 0, dismissed: [] })).toEqual(['pair']);
    expect(openGuides({ agents: found, relay: relay(true), deviceCount: 1, dismissed: [] })).toEqual([]);
  });

  test('say of nothing that it is missing before it was looked for', () => {
    const demo = { id: 'demo', name: 'Demo agent', isInstalled: true };
    const state = { relay: relay(true), deviceCount: 1, dismissed: [] };
    expect(openGuides({ ...state, agents: [demo] })).toEqual([]);
    expect(openGuides({ ...state, agents: [demo, { ...demo, id: 'claude', isInstalled: false }] })).toEqual(['agents']);
    const starting = { ...relay(false), origin: '' };
    expect(openGuides({ agents: [], relay: starting, deviceCount: 0, dismissed: [] })).toEqual([]);
  });

  test('stay away once dismissed; who dismisses the relay may still pair', () => {
    const state = { agents: found, relay: relay(false), deviceCount: 0 };
    expect(openGuides({ ...state, dismissed: ['relay'] })).toEqual(['pair']);
    expect(openGuides({ ...state, dismissed: ['relay', 'pair'] })).toEqual([]);
  });
});
