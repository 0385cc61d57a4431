import { expect, test } from 'vitest';
import { describeMachine } from '#test/bench/machine.ts';
import { findFaults, type Report, renderMarkdown } from '#test/bench/report.ts';
import { BLOCK_LIMIT_MS, checkBlock, formatMs, formatNumber, percentile, summarize } from '#test/bench/statistics.ts';

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

test('a host that holds up its event loop is a fault; a machine that had no core for it is not', () => {
  expect(checkBlock({ longestOwnBlockMs: BLOCK_LIMIT_MS })).toBeNull();
  expect(checkBlock({ longestOwnBlockMs: BLOCK_LIMIT_MS + 1 })).toMatch(/blocked its event loop for 51.0 ms/);
});

test('a run fails for a benchmark that failed, and for a figure that is not as it has to be', () => {
  const figure = { what: 'A thing', result: '60 ms', how: 'once', values: {} };
  const bench = { key: 'x', name: 'Things', seconds: 1, error: null };
  const report = (benches: Report['benches']): Report => ({
    at: '',
    isQuick: false,
    machine: describeMachine(),
    benches,
  });
  expect(findFaults(report([{ ...bench, figures: [figure, { ...figure, fault: null }] }]))).toEqual([]);
  const bad = report([
    { ...bench, figures: [{ ...figure, fault: 'Too slow.' }] },
    { ...bench, key: 'y', error: 'Error: gone\n  at x', figures: [] },
  ]);
  expect(findFaults(bad)).toEqual(['x A thing: Too slow.', 'y Things: Error: gone']);
  expect(renderMarkdown(bad)).toContain('60 ms **Too slow.**');
});
