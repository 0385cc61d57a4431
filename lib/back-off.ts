/** How long to wait before dialling again, for everyone who dials. Pure: randomness is the caller's. */

export const BACK_OFF_BASE_MS = 500;
export const BACK_OFF_MAX_MS = 30_000;
/** After a connection that held this long the count of failures starts again. */
export const BACK_OFF_RESET_AFTER_MS = 30_000;

/**
 * Full jitter, in whole milliseconds: anything up to a ceiling that doubles with each failure,
 * `min(BACK_OFF_MAX_MS, BACK_OFF_BASE_MS · 2^failures)`. `failures` counts attempts that failed in a row, from 0; `random` is in [0, 1).
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function nextDelay(failures: number, random: number): number {
  return Math.round(random * Math.min(BACK_OFF_MAX_MS, BACK_OFF_BASE_MS * 2 ** failures));
}
