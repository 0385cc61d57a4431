import { expect, test } from 'vitest';
import { agoWords, durationWords, momentWords } from '#phone/screens/words/age-words.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const BERLIN = { locale: 'en-GB', timeZone: 'Europe/Berlin' };

test('durations are told in the largest whole unit', () => {
  const durations = [0, 1999, 59 * SECOND, MINUTE, 59 * MINUTE, HOUR, 23 * HOUR, 24 * HOUR, 50 * HOUR];
  expect(durations.map(durationWords)).toEqual([
    '0 s',
    '1 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h',
    '23 h',
    '1 day',
    '2 days',
  ]);
});

test('a moment slightly in the future is now', () => {
  expect(agoWords(1500, 1000)).toBe('just now');
});

test('moments are told by the clock today, with the day before that', () => {
  const now = Date.UTC(2026, 10, 11, 9, 0); // Wednesday 11 November, 10:00 in Berlin
  const at = (day: number, hour: number, minute: number) =>
    momentWords(Date.UTC(2026, 10, day, hour, minute), now, BERLIN);
  expect(at(11, 8, 5)).toBe('09:05');
  expect(at(10, 22, 10)).toBe('yesterday 23:10');
  expect(at(9, 22, 10)).toBe('Mon 23:10');
  expect(at(3, 22, 10)).toBe('3 Nov 23:10');
});

test('yesterday is the day before by the wall calendar, not 24 hours', () => {
  const now = Date.UTC(2026, 10, 10, 23, 20); // 00:20 on the 11th in Berlin
  expect(momentWords(Date.UTC(2026, 10, 10, 22, 50), now, BERLIN)).toBe('yesterday 23:50');
});
