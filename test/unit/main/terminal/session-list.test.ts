import { describe, expect, test } from 'vitest';
import { fitText, measureText } from '#main/terminal/fit-text.ts';
import { describeBytes, describeEnding, listOpenSessions, renderSessionList } from '#main/terminal/session-list.ts';
import type { SessionSummary } from '#protocol/messages.ts';

const MINUTE = 60_000;
const NOW = 1_700_000_000_000;

function session(id: string, change: Partial<SessionSummary> = {}): SessionSummary {
  const known = { id, title: id, agent: 'demo', agentName: 'Demo agent', folder: '/', state: 'idle' as const };
  const rest = {
    since: NOW - MINUTE,
    detail: '',
    seq: 0,
    queued: 0,
    mode: null,
    modes: [],
    createdAt: 0,
    updatedAt: 0,
  };
  return { ...known, ...rest, ...change };
}

const list = (sessions: readonly SessionSummary[], change: Partial<Parameters<typeof renderSessionList>[0]> = {}) =>
  renderSessionList({ sessions, usage: {}, own: null, from: 0, now: NOW, columns: 80, ...change });

describe('the list of sessions', () => {
  const sessions = [
    session('a', { title: 'At work', agentName: 'Claude Code', state: 'working', since: NOW - 3 * MINUTE }),
    session('b', { title: 'Rewrite the whole of the history so that nothing of it is ever lost', state: 'waiting' }),
    session('c', {
      title: '漢字の題名はとても長いものになることがあります',
      state: 'interrupted',
      since: NOW - 300_000 * MINUTE,
    }),
    session('d', { agentName: 'An agent with quite a name', state: 'idle', since: NOW }),
  ];
  const usage = {
    a: { processes: 5, memoryBytes: 1_412_000_000, cpuPercent: 117.6 },
    b: { processes: 1, memoryBytes: 48_200_000, cpuPercent: 0.2 },
    d: { processes: 1, memoryBytes: 999_600, cpuPercent: 0 },
  };

  test('is a table that fits into 80 columns, in which only titles and long names of agents give way', () => {
    const lines = list(sessions, { usage, own: { host: 96_000_000, keeper: 41_000_000 } });
    expect(lines).toEqual([
      '     Session             Agent           State          For       Memory    CPU',
      '  1  At work             Claude Code     works          3 min     1.4 GB  118 %',
      '  2  Rewrite the whole…  Demo agent      waits for you  1 min      48 MB    0 %',
      '  3  漢字の題名はとて…   Demo agent      interrupted    208 days       –      –',
      '  4  d                   An agent with…  idle           1 s         1 MB    0 %',
      '     All 4 sessions: 7 processes, 1.5 GB, 118 % of one core',
      '     Baton itself: 96 MB, the keeper of its agents 41 MB',
    ]);
    expect(Math.max(...lines.map(measureText))).toBe(79);
  });

  test('is no wider than its words where there is room, and keeps its figures where there is none', () => {
    expect(list([sessions[0] as SessionSummary], { usage, columns: 200 })[1]).toBe(
      '  1  At work  Claude Code  works  3 min  1.4 GB  118 %',
    );
    expect(list([sessions[1] as SessionSummary], { usage, columns: 20 })[1]).toBe(
      '  1  Rewrite t…  Demo agent  waits for you  1 min   48 MB  0 %',
    );
  });

  test('says of what it does not know that it does not', () => {
    const first = { a: { processes: 1, memoryBytes: 5_000_000, cpuPercent: null } };
    expect(list([session('a')], { usage: first, own: { host: 1e8, keeper: null } })).toEqual([
      '     Session  Agent       State  For    Memory  CPU',
      '  1  a        Demo agent  idle   1 min    5 MB    –',
      '     In all: 1 process, 5 MB',
      '     Baton itself: 100 MB',
    ]);
    expect(list([session('a')]).at(-1)).toBe(
      '     No process of theirs runs, or the system does not say what it uses.',
    );
  });

  test('goes on at the tenth, numbered again, and the total stays that of all', () => {
    const many = Array.from({ length: 11 }, (_, index) => session(`s${index + 1}`));
    const used = Object.fromEntries(many.map(({ id }) => [id, { processes: 2, memoryBytes: 1e7, cpuPercent: 1 }]));
    expect(list(many, { usage: used, from: 9 }).map((line) => line.trimEnd())).toEqual([
      '     Session  Agent       State  For    Memory  CPU',
      '  1  s10      Demo agent  idle   1 min   10 MB  1 %',
      '  2  s11      Demo agent  idle   1 min   10 MB  1 %',
      '     All 11 sessions: 22 processes, 110 MB, 11 % of one core',
    ]);
    expect(list(many)).toHaveLength(1 + 9 + 1);
  });

  test('holds what needs a person first, and nothing that has ended', () => {
    const all = [...sessions, session('e', { state: 'ended' }), session('f', { since: NOW })];
    expect(listOpenSessions(all).map(({ id }) => id)).toEqual(['b', 'a', 'd', 'f', 'c']);
  });

  test('shows a stranger’s words as one harmless line', () => {
    const rude = session('a', { title: 'One\n\u001b[2JTwo', agentName: 'A\tgent' });
    expect([list([rude])[1], describeEnding(rude)[0]]).toEqual([
      '  1  One [2JTwo  A gent  idle   1 min       –    –',
      'End “One [2JTwo”?',
    ]);
  });
});

test('before a session is ended, it is said what stops and what stays', () => {
  const rest = [
    '  The conversation is kept and can still be read, but it cannot go on.',
    '  y  end it   any other key  keep it',
  ];
  expect(describeEnding(session('At work', { state: 'working' }))).toEqual([
    'End “At work”?',
    '  Demo agent is in the middle of a turn, which is stopped. What it has done so far stays.',
    ...rest,
  ]);
  expect(describeEnding(session('At rest'))).toEqual(['End “At rest”?', '  Demo agent is stopped.', ...rest]);
});

test('memory is said in at most four digits', () => {
  expect([0, 640_000, 999_499, 999_500, 3.12e8, 9.996e8, 1.44e9, 2.5e10].map(describeBytes)).toEqual([
    '0 KB',
    '640 KB',
    '999 KB',
    '1 MB',
    '312 MB',
    '1.0 GB',
    '1.4 GB',
    '25.0 GB',
  ]);
});

test('a text is cut between characters, by the cells they take', () => {
  expect([fitText('abc', 5), fitText('abc', 5, 'right'), fitText('abcdef', 5)]).toEqual(['abc  ', '  abc', 'abcd…']);
  // Four cells hold one wide character and the ellipsis, and one cell is left over.
  expect([fitText('漢字漢', 4), fitText('👩‍👩‍👧x', 2), fitText('👩‍👩‍👧', 2), measureText('e\u0301')]).toEqual([
    '漢… ',
    '… ',
    '👩‍👩‍👧',
    1,
  ]);
});
