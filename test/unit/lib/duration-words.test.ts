import { expect, test } from 'vitest';
import { agoWords, DAY_MS, durationWords, HOUR_MS, MINUTE_MS, SECOND_MS } from '#lib/duration-words.ts';

test('durations are told in the largest whole unit, the same wherever they are told', () => {
  const told: readonly [number, string][] = [
    [0, '1 s'],
    [1999, '1 s'],
    [59 * SECOND_MS, '59 s'],
    [MINUTE_MS, '1 min'],
    [59 * MINUTE_MS, '59 min'],
    [HOUR_MS, '1 h'],
    [23 * HOUR_MS, '23 h'],
    [DAY_MS, '1 day'],
    [30 * HOUR_MS, '1 day'],
    [50 * HOUR_MS, '2 days'],
  ];
  expect(told.map(([ms]) => durationWords(ms))).toEqual(told.map(([, words]) => words));
});

test('a moment slightly in the future is now', () => {
  expect([agoWords(1500, 1000), agoWords(500, 1000)]).toEqual(['just now', 'just now']);
  expect(agoWords(0, 2500)).toBe('2 s ago');
});
