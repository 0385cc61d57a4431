import { textHead } from './text-head.ts';

/**
 * A stranger's words as one harmless line, for a terminal as for a window: without control characters, which could move the cursor and
 * rewrite what stands there, and without those that turn the direction of writing. At most `maxChars` UTF-16 units. Pure.
 */
export function toPlainLine(text: string, maxChars = Number.POSITIVE_INFINITY): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return textHead(line, maxChars).toWellFormed();
}
