/** Rows of the activity by day. Pure. */
import type { ClockStyle } from '#phone/screens/words/age-words.ts';
import type { ActivityRow } from '#preload/contract.ts';

export interface ActivityDay {
  /** The calendar day, as YYYY-MM-DD. */
  readonly key: string;
  /** "Today", "Yesterday", "Monday, 16 November". */
  readonly name: string;
  readonly rows: readonly ActivityRow[];
}

const DAY_MS = 86_400_000;

/** Newest day first; within a day the order of the rows is kept. */
export function groupByDay(rows: readonly ActivityRow[], now: number, style: ClockStyle = {}): readonly ActivityDay[] {
  const zone = style.timeZone === undefined ? {} : { timeZone: style.timeZone };
  const keyOf = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', ...zone });
  const today = keyOf.format(now);
  const days = new Map<string, ActivityRow[]>();
  for (const row of rows) {
    const key = keyOf.format(row.at);
    const day = days.get(key);
    if (day) day.push(row);
    else days.set(key, [row]);
  }
  const thisYear = today.slice(0, 4);
  return [...days].map(([key, found]) => ({ key, name: dayName(key), rows: found }));

  function dayName(key: string): string {
    const noon = Date.parse(`${key}T12:00:00Z`);
    const age = Math.round((Date.parse(`${today}T12:00:00Z`) - noon) / DAY_MS);
    if (age === 0) return 'Today';
    if (age === 1) return 'Yesterday';
    return new Intl.DateTimeFormat(style.locale ?? 'en-GB', {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      ...(key.startsWith(thisYear) ? {} : { year: 'numeric' }),
      timeZone: 'UTC',
    }).format(noon);
  }
}

/** Pushed rows first, then those that were fetched, each once. */
export function joinRows(pushed: readonly ActivityRow[], fetched: readonly ActivityRow[]): readonly ActivityRow[] {
  const known = new Set(pushed.map(({ seq }) => seq));
  return [...pushed, ...fetched.filter(({ seq }) => !known.has(seq))].toSorted((a, b) => b.seq - a.seq);
}
