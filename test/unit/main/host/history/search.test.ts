import { expect, test } from 'vitest';
import type { NewEvent } from '#protocol/events.ts';
import { addSession, openTestHistory, testId } from './support.ts';

const by = { device: null, name: 'Ada' };
const prompt = (text: string): NewEvent => ({ kind: 'prompt', body: { command: testId(1), text, by } });
const message = (text: string): NewEvent => ({ kind: 'message', body: { id: 'm', text } });

test('prompts and messages of all sessions are found, newest first, and nothing else', () => {
  const history = openTestHistory();
  const [a, b] = [addSession(history, testId(1)), addSession(history, testId(2))];
  history.events.append(a, [prompt('Fix the parser'), message('The parser is fixed')]);
  history.events.append(b, [
    message('no match'),
    { kind: 'thought', body: { id: 't', text: 'parser' } },
    message('PARSER'),
  ]);
  expect(history.search.newest('parser', { limit: 10 })).toEqual([
    { session: b, seq: 3, at: expect.any(Number), kind: 'message', excerpt: 'PARSER' },
    { session: a, seq: 2, at: expect.any(Number), kind: 'message', excerpt: 'The parser is fixed' },
    { session: a, seq: 1, at: expect.any(Number), kind: 'prompt', excerpt: 'Fix the parser' },
  ]);
  expect(history.search.newest('parser', { limit: 1 }).map(({ seq }) => seq)).toEqual([3]);
  expect(history.search.newest('parser', { limit: 10, session: a }).map(({ seq }) => seq)).toEqual([2, 1]);
});

test('all words must be there, the last one may be unfinished, accents do not matter', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.events.append(session, [message('Das schöne Café am Fluss'), message('cafeteria')]);
  const found = (query: string) => history.search.newest(query, { limit: 10 }).map(({ seq }) => seq);
  expect(found('cafe')).toEqual([2, 1]);
  expect(found('fluss cafe')).toEqual([1]);
  expect(found('cafe flu')).toEqual([1]);
  expect(found('caf fluss')).toEqual([]);
});

test('nothing a person types breaks the query', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.events.append(session, [message('a "quoted" OR word* NEAR(b) col:umn -x')]);
  for (const query of [
    '"',
    '"quoted"',
    'OR',
    'word*',
    'NEAR(b',
    'col:umn',
    '-x',
    ')(',
    '*',
    '^a',
    "'; DROP TABLE event",
    '\0',
  ]) {
    expect(() => history.search.newest(query, { limit: 10 })).not.toThrow();
  }
  expect(history.search.newest('"quoted', { limit: 10 })).toHaveLength(1);
  expect(history.search.newest('* "" -', { limit: 10 })).toEqual([]);
  expect(history.search.newest('quoted', { limit: 10, session: '" OR text : "a' })).toEqual([]);
});

test('a long text is shown around what was found', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.events.append(session, [message(`${'before '.repeat(200)}needle ${'after '.repeat(200)}`)]);
  const [result] = history.search.newest('needle', { limit: 1 });
  expect(result?.excerpt).toMatch(/^….*needle after.*…$/);
  expect(result?.excerpt.length).toBeLessThan(260);
});

test('a long word that enough rows hold as it is finds those, and longer words only to fill up', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.events.append(session, [message('the test'), message('tested'), message('a test'), message('testing')]);
  const found = (query: string, limit: number) => history.search.newest(query, { limit }).map(({ seq }) => seq);
  expect(found('test', 2)).toEqual([3, 1]);
  expect(found('test', 3)).toEqual([4, 3, 2]);
  expect(found('tes', 2)).toEqual([4, 3]);
});

test('short beginnings are looked up, not gathered from all words', () => {
  const { connection } = openTestHistory().database;
  const table = connection.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name = 'event_text'").pluck().get();
  expect(table).toContain("prefix = '1 2 3'");
});
