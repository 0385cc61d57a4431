import { expect, test } from 'vitest';
import { momentWords } from '#ui/words/age-words.ts';

const BERLIN = { locale: 'en-GB', timeZone: 'Europe/Berlin' };

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
