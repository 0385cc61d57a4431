/** How long, and how long ago, in as few words as a status line has room for. Pure. */

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** "2 s", "5 min", "3 h", "1 day", "2 days": reads well after "for" and "in". What is not a second yet counts as one. */
export function durationWords(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(1, Math.floor(ms / SECOND_MS))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

/** "just now", "2 s ago", "5 min ago". A moment in the future counts as now: two clocks never agree exactly. */
export function agoWords(at: number, now: number): string {
  return now - at < SECOND_MS ? 'just now' : `${durationWords(now - at)} ago`;
}
