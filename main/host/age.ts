/** Pure: how long ago, in as few words as a status line has room for. */

/** "12 s", "3 min", "2 h", "4 days": reads well after "for" and "in". What is not a second yet counts as one. */
export function describeAge(ms: number): string {
  const seconds = Math.max(1, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** "just now", "12 s ago". */
export function describeAgo(ms: number): string {
  return ms < 1000 ? 'just now' : `${describeAge(ms)} ago`;
}
