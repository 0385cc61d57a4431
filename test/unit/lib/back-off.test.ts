import { expect, test } from 'vitest';
import { BACK_OFF_MAX_MS, nextDelay } from '#lib/back-off.ts';

test('the ceiling of the wait doubles with each failure, from half a second to half a minute', () => {
  const ceilings = Array.from({ length: 10 }, (_, failures) => nextDelay(failures, 1));
  expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  expect(nextDelay(10_000, 1)).toBe(BACK_OFF_MAX_MS);
});

test('the wait is spread over everything below the ceiling', () => {
  expect([0, 0.25, 0.5].map((random) => nextDelay(3, random))).toEqual([0, 1000, 2000]);
});
