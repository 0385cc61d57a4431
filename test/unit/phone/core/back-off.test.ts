import { expect, test } from 'vitest';
import { nextRetryDelay } from '#phone/core/back-off.ts';

test('the ceiling of the wait doubles with each failure, up to half a minute', () => {
  const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => nextRetryDelay(failures, 1));
  expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('the wait is anything below the ceiling', () => {
  expect([0, 0.25, 0.5].map((random) => nextRetryDelay(3, random))).toEqual([0, 1000, 2000]);
});
