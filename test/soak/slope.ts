/** Pure: whether something grows. */

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

export interface Fit {
  /** By which the line through the points rises in a minute. */
  readonly perMinute: number;
  /** By which it rose from the first point to the last. */
  readonly growth: number;
  readonly mean: number;
}

/** The straight line with the least squares through the points; flat for less than two moments. */
export function fitLine(points: readonly Point[]): Fit {
  const count = points.length;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / Math.max(1, count);
  const meanAt = points.reduce((sum, { atMs }) => sum + atMs, 0) / Math.max(1, count);
  const spread = points.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
  if (spread === 0) return { perMinute: 0, growth: 0, mean };
  const perMs = points.reduce((sum, { atMs, value }) => sum + (atMs - meanAt) * (value - mean), 0) / spread;
  const times = points.map(({ atMs }) => atMs);
  return { perMinute: perMs * 60_000, growth: perMs * (Math.max(...times) - Math.min(...times)), mean };
}

/** What may not be exceeded: by the slope, once the growth is more than what comes and goes by itself. */
export interface Bound {
  readonly perMinuteMax: number;
  readonly noise: number;
}

export function isFlat(fit: Fit, { perMinuteMax, noise }: Bound): boolean {
  return fit.perMinute <= perMinuteMax || fit.growth <= noise;
}
