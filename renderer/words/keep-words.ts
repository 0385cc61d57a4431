/** How long agents may work on without Baton, in words. Pure. */

const DAY = 24;
const WEEK = 7 * DAY;
const CHOICES: readonly number[] = [1, 4, 12, DAY, 3 * DAY, WEEK];

/** "30 minutes", "1 hour", "36 hours", "3 days", "1 week". */
export function hoursWords(hours: number): string {
  if (hours < 1) return count(Math.max(1, Math.round(hours * 60)), 'minute');
  if (hours % WEEK === 0) return count(hours / WEEK, 'week');
  if (hours % DAY === 0) return count(hours / DAY, 'day');
  return count(Math.round(hours * 10) / 10, 'hour');
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

/** What can be chosen, shortest first. `present`: what holds now; the settings file may hold any other number. */
export function keepChoices(present: number): readonly { readonly hours: number; readonly name: string }[] {
  return [...new Set([...CHOICES, present])].sort((a, b) => a - b).map((hours) => ({ hours, name: hoursWords(hours) }));
}
