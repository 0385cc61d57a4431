/** Numbers out of many measurements. Pure. */
import type { Cost } from '../support/bench/measured-process.ts';

export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The smallest value that at least `percent` of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('There is no percentile of nothing.');
  return value;
}

export function summarize(values: readonly number[]): Summary {
  return {
    count: values.length,
    p50: percentile(values, 50),
    p95: percentile(values, 95),
    p99: percentile(values, 99),
    max: percentile(values, 100),
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Milliseconds as people read them: three digits that matter. */
export function formatMs(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${formatNumber(ms)} ms`;
}

export function formatNumber(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

export function formatMegabytes(bytes: number): string {
  return `${formatNumber(bytes / 1_000_000)} MB`;
}

/** "p50 3.10 ms · p95 7.25 ms", with p99 when asked for. */
export function formatPercentiles(summary: Summary, options: { p99?: boolean } = {}): string {
  const parts = [`p50 ${formatMs(summary.p50)}`, `p95 ${formatMs(summary.p95)}`];
  if (options.p99) parts.push(`p99 ${formatMs(summary.p99)}`);
  return parts.join(' · ');
}

/** For the JSON file. */
export function percentileValues(summary: Summary, prefix = ''): Record<string, number> {
  const { count, p50, p95, p99, max } = summary;
  return {
    [`${prefix}count`]: count,
    [`${prefix}p50Ms`]: p50,
    [`${prefix}p95Ms`]: p95,
    [`${prefix}p99Ms`]: p99,
    [`${prefix}maxMs`]: max,
  };
}

/** "longest block 32.0 ms (8.10 ms of it computing; 12.0 ms at most without waiting for a core)". */
export function formatBlock({ longestBlockMs, longestBlockBusyMs, longestOwnBlockMs }: Cost): string {
  return `longest block ${formatMs(longestBlockMs)} (${formatMs(longestBlockBusyMs)} of it computing; ${formatMs(longestOwnBlockMs)} at most without waiting for a core)`;
}

/** The host must turn its event loop at least this often, or phones and agents wait for it. */
export const BLOCK_LIMIT_MS = 50;

/** What is wrong with it, or null. Time in which the machine had no core for the host is not the host's doing. */
export function checkBlock({ longestOwnBlockMs }: Pick<Cost, 'longestOwnBlockMs'>): string | null {
  if (longestOwnBlockMs <= BLOCK_LIMIT_MS) return null;
  return `The host blocked its event loop for ${formatMs(longestOwnBlockMs)}; at most ${BLOCK_LIMIT_MS} ms are allowed.`;
}
