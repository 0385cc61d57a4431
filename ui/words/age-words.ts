/** Moments in words. Pure: the present is passed in. */

import { DAY_MS } from '#lib/duration-words.ts';

/** How a person wants clock times written; tests fix it. */
export interface ClockStyle {
  readonly locale?: string;
  readonly timeZone?: string;
}

/** "23:10" today, "yesterday 23:10", "Mon 23:10" within a week, else "3 Nov 23:10". */
export function momentWords(at: number, now: number, style: ClockStyle = {}): string {
  const zone = style.timeZone === undefined ? {} : { timeZone: style.timeZone };
  const clock = new Intl.DateTimeFormat(style.locale, { timeStyle: 'short', ...zone }).format(at);
  const days = dayNumber(now, style.timeZone) - dayNumber(at, style.timeZone);
  if (days <= 0) return clock;
  if (days === 1) return `yesterday ${clock}`;
  const isThisWeek = days < 7;
  const day = new Intl.DateTimeFormat(style.locale, {
    ...(isThisWeek ? { weekday: 'short' } : { day: 'numeric', month: 'short' }),
    ...zone,
  }).format(at);
  return `${day} ${clock}`;
}

/** Days since 1970 by the wall calendar of the zone, so that "yesterday" means what a person means by it. */
function dayNumber(at: number, timeZone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
  return Math.round(Date.parse(`${parts}T00:00:00Z`) / DAY_MS);
}
