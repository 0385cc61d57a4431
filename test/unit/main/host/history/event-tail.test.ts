import { expect, test } from 'vitest';
import { EventTail, TAIL_MAX_CHARS, TAIL_MAX_EVENTS, TAILS_MAX } from '#main/host/history/event-tail.ts';
import type { NewEvent } from '#protocol/events.ts';
import { addSession, openTestHistory, temporaryFolder } from './support.ts';

const message = (text: string): NewEvent => ({ kind: 'message', body: { id: 'm', text } });
const events = (first: number, last: number, json = '{}') =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ seq: first + at, json }));

test('an event is sent as the same bytes whether it was just appended or is read from the disk', () => {
  const folder = temporaryFolder();
  const history = openTestHistory(folder);
  const session = addSession(history);
  history.events.append(session, [message('“quoted” \u2028 \ud83d\ude00'), { kind: 'plan', body: { entries: [] } }]);
  const parsed = history.events.after(session, 0, 10).map((event) => JSON.stringify(event));
  const fresh = history.events.storedAfter(session, 0, 10).map(({ json }) => json);
  history.close();
  const again = openTestHistory(folder).events;
  expect([fresh, again.storedAfter(session, 0, 10).map(({ json }) => json)]).toEqual([parsed, parsed]);
  expect(again.storedBefore(session, 3, 1).map(({ json }) => json)).toEqual(parsed.slice(1));
});

test('what was just appended is not read from the disk again, for however many clients', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.events.append(session, [message('a'), message('b')]);
  history.database.connection.exec('UPDATE session SET is_deleted = 1; DELETE FROM event');
  expect(history.events.storedAfter(session, 1, 10).map(({ seq }) => seq)).toEqual([2]);
  history.events.drop(session);
  expect(history.events.storedAfter(session, 1, 10)).toEqual([]);
});

test('what was rolled back is not at hand', () => {
  const history = openTestHistory();
  const session = addSession(history);
  expect(() =>
    history.database.transaction(() => {
      history.events.append(session, [message('a')]);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(history.events.storedAfter(session, 0, 10)).toEqual([]);
});

test('a tail holds the newest events of a session, without gaps, in bounds', () => {
  const tail = new EventTail();
  tail.append('a', events(1, TAIL_MAX_EVENTS + 10));
  expect(tail.after('a', 9, 1)).toBe(null);
  expect(tail.after('a', 10, 2)).toEqual(events(11, 12));
  expect(tail.after('a', TAIL_MAX_EVENTS + 10, 1)).toBe(null);
  tail.append('a', events(500, 501));
  expect([tail.after('a', 100, 1), tail.after('a', 499, 9)]).toEqual([null, events(500, 501)]);
  tail.append('a', events(502, 502, 'x'.repeat(TAIL_MAX_CHARS + 1)));
  expect(tail.after('a', 501, 1)).toBe(null);
  for (let number = 0; number <= TAILS_MAX; number += 1) tail.append(`s${number}`, events(1, 1));
  expect([tail.after('s0', 0, 1), tail.after('s1', 0, 1)]).toEqual([null, events(1, 1)]);
});
