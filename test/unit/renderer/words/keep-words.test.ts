import { expect, test } from 'vitest';
import { hoursWords, keepChoices } from '#renderer/words/keep-words.ts';

test('hours are said as a person would say them', () => {
  expect([0.0001, 1 / 60, 0.5, 1, 1.5, 12, 24, 36, 72, 168, 336, 8760].map(hoursWords)).toEqual([
    ...['1 minute', '1 minute', '30 minutes', '1 hour', '1.5 hours', '12 hours', '1 day', '36 hours', '3 days'],
    ...['1 week', '2 weeks', '365 days'],
  ]);
});

test('what the file holds stands among the choices, in its place and once', () => {
  const known = ['1 hour', '4 hours', '12 hours', '1 day', '3 days', '1 week'];
  expect(keepChoices(24).map(({ name }) => name)).toEqual(known);
  expect(keepChoices(36).map(({ name }) => name)).toEqual(known.toSpliced(4, 0, '36 hours'));
  expect(keepChoices(0.5)[0]).toEqual({ hours: 0.5, name: '30 minutes' });
});
