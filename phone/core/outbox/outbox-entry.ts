/** What only a device knows of a command: its letter at the relay. Where that has come, and what the host's word makes of it. Pure. */
import type { Receipt } from '#protocol/commands.ts';
import { LETTER_LIFETIME_MS } from '#protocol/limits.ts';
import type { MailRefusal } from '#protocol/relay-messages.ts';
import { takeReceipt } from '#ui/client/outbox-rules.ts';
import type { OutboxEntry } from '#ui/host-client.ts';
import type { OutboxRecord, StoredLetter } from '../store/database.ts';
import { refusalWords } from './mail-refusals.ts';

/** Why the relay does not keep the letter with a command. */
export type LetterRefusal = MailRefusal | 'behind';

/** The record after the host's word, which proves that it left and ends its letter; null if that changes nothing. */
export function recordAfterReceipt(record: OutboxRecord, receipt: Receipt, now: number): OutboxRecord | null {
  const change = takeReceipt(record, receipt, now);
  return change && { ...record, ...change, hasLeft: true, letter: null };
}

/** The command as a screen shows it. `isSent`: the open channel has it. `refusal`: why the relay does not keep its letter. */
export function entryOf(
  record: OutboxRecord,
  { isSent, refusal, now }: { isSent: boolean; refusal: LetterRefusal | undefined; now: number },
): OutboxEntry {
  const { id, session, kind, body, at, receipt, reason, letter = null } = record;
  const state = receipt ?? (isSent ? 'sending' : whereLetterIs(letter, now));
  const isRefused = state === 'waiting' && refusal !== undefined;
  return { id, session, kind, body, state, reason: isRefused ? refusalWords(refusal) : reason, at };
}

/** A letter that is older than the relay keeps it is not there any more. */
function whereLetterIs(letter: StoredLetter | null, now: number): 'waiting' | 'left' | 'collected' {
  if (letter?.state === 'handed' || letter?.state === 'taken') return 'collected';
  return letter?.state === 'kept' && now - letter.at < LETTER_LIFETIME_MS ? 'left' : 'waiting';
}
