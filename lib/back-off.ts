/** Pure: how long to wait before the next attempt. Clock and randomness are the caller's. */

export const BACK_OFF_BASE_MS = 500;
export const BACK_OFF_MAX_MS = 30_000;
/** After this long in health the count of failures starts anew. */
export const BACK_OFF_RESET_AFTER_MS = 30_000;

/**
 * Full jitter: `random() · min(BACK_OFF_MAX_MS, BACK_OFF_BASE_MS · 2^failures)` milliseconds.
 * `failures` counts attempts that failed in a row, from 0. Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function nextDelay(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(BACK_OFF_MAX_MS, BACK_OFF_BASE_MS * 2 ** Math.min(failures, 16)));
}
