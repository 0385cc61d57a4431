import { expect, test } from 'vitest';
import { formatMs, formatNumber, percentile, summarize } from '../../bench/statistics.ts';

test('a percentile is a measured value that so many do not exceed, in whatever order they came', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
  expect([1, 50, 95, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([1, 50, 95, 99, 100]);
  expect(percentile([7, 3], 50)).toBe(3);
  expect(percentile([7, 3], 51)).toBe(7);
  expect(summarize([4])).toEqual({ count: 1, p50: 4, p95: 4, p99: 4, max: 4 });
  expect(() => percentile([], 50)).toThrow();
});

test('numbers are written with the digits that matter', () => {
  expect([0.123, 1.005, 12.34, 123.4, 1234.5].map(formatNumber)).toEqual(['0.12', '1.00', '12.3', '123', '1,235']);
  expect([9_999, 12_345].map(formatMs)).toEqual(['9,999 ms', '12.3 s']);
});
