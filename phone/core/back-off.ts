/** When to dial again. Pure. */
import { RETRY_BASE_MS, RETRY_MAX_MS } from './limits.ts';

/** Full jitter: anything up to a ceiling that doubles with each failure in a row (0 is the first). `random` is in [0, 1). */
export function nextRetryDelay(failures: number, random: number): number {
  return random * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures);
}
