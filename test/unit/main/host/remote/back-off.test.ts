import { expect, test } from 'vitest';
import { BACK_OFF_MAX_MS, nextDelay } from '#main/host/remote/back-off.ts';

test('the ceiling doubles from half a second to half a minute and stays there', () => {
  const ceilings = Array.from({ length: 10 }, (_, failures) => nextDelay(failures, () => 1));
  expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  expect(nextDelay(10_000, () => 1)).toBe(BACK_OFF_MAX_MS);
});

test('the delay is spread over everything below the ceiling', () => {
  expect([nextDelay(3, () => 0), nextDelay(3, () => 0.5)]).toEqual([0, 2000]);
});
