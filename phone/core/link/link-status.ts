/** What the screen may say of a link after each thing that happens to it. Pure. */

import { CloseCode } from '#protocol/close-codes.ts';
import type { ByeReason } from '#protocol/messages.ts';
import type { HostStatus, Silent } from '#ui/host-client.ts';
import { BYE_EXPLAINS_WITHIN_MS } from '../limits.ts';
import type { RelayEnd } from './relay-socket.ts';

export type Stop = Extract<HostStatus, { kind: 'stopped' }>;
/** The host's last goodbye; `at` by this device's clock. */
export interface Bye {
  readonly reason: ByeReason;
  readonly at: number;
}

const STOP_TEXTS: Record<Exclude<Stop['reason'], 'storage'>, string> = {
  revoked: 'This device was removed on the computer. To use it again, show a pairing code there and scan it.',
  'not-admitted':
    'The computer does not know this device. Show a pairing code on the computer and scan it to pair again.',
  'other-tab': 'This page is open in another tab or window, which holds the connection now.',
  'update-needed':
    'This page and Baton on the computer do not fit together. Reload this page; if that does not help, update Baton.',
};

const REVOKED_BY_RELAY_TEXT =
  'The relay says that this device was removed on the computer. To use it again, show a pairing code there and scan it.';

/** Limits of the relay that pass by themselves, in words: what it says itself is for its log. */
const FULL_TEXTS: Record<number, string> = {
  [CloseCode.full]: 'The relay, or your computer there, has as many connections as it can.',
  [CloseCode.tooManyAttempts]: 'The relay asks to come less often.',
};

export function stopped(reason: keyof typeof STOP_TEXTS): Stop {
  return { kind: 'stopped', reason, text: STOP_TEXTS[reason] };
}

/** What a close code of the relay or the host stops for good; null if trying again may help. */
export function stopForCode(code: number): Stop | null {
  switch (code) {
    case CloseCode.revoked:
      // Said by the relay in the clear; the computer's own word comes through the channel, as a goodbye.
      return { kind: 'stopped', reason: 'revoked', text: REVOKED_BY_RELAY_TEXT };
    case CloseCode.notAdmitted:
    case CloseCode.pairingUnknown:
    case CloseCode.pairingDenied:
      return stopped('not-admitted');
    case CloseCode.replaced:
      return stopped('other-tab');
    case CloseCode.versionMismatch:
      return stopped('update-needed');
    default:
      return null;
  }
}

/** Whether a page that wakes, or comes online, may leave this stop by itself: what caused it may have changed meanwhile. */
export function isLeftByWaking(stop: Stop): boolean {
  return stop.reason !== 'revoked' && stop.reason !== 'other-tab';
}

/** Dialling: a trouble that was shown stays on the screen until it is known to be over. */
export function statusAfterDial(before: HostStatus, now: number): HostStatus {
  return before.kind === 'connected' || before.kind === 'stopped' ? { kind: 'connecting', since: now } : before;
}

/** The relay let this device in. `since` is by the relay's clock, which is not measured, so it is never in the future. */
export function statusAfterReady(
  before: HostStatus,
  ready: { host: 'online' | 'offline'; since: number | null },
  bye: Bye | null,
  now: number,
): HostStatus {
  if (ready.host === 'online') {
    const isKept = before.kind === 'connecting' || before.kind === 'connected' || before.kind === 'no-answer';
    return isKept ? before : { kind: 'connecting', since: now };
  }
  const since = ready.since === null ? null : Math.min(ready.since, now);
  const isExplained = bye !== null && since !== null && Math.abs(since - bye.at) <= BYE_EXPLAINS_WITHIN_MS;
  return (isExplained && statusAfterBye(bye)) || { kind: 'host-offline', since };
}

/** Null for a goodbye that is no state of the host. */
export function statusAfterBye(bye: Bye): HostStatus | null {
  switch (bye.reason) {
    case 'asleep':
      return { kind: 'asleep', since: bye.at };
    case 'quit':
      return { kind: 'closed', since: bye.at };
    case 'revoked':
      return stopped('revoked');
    case 'replaced':
      return stopped('other-tab');
  }
}

/** The relay says that the host closed the channel, or is gone. */
export function statusAfterHostGone(before: HostStatus, now: number): HostStatus {
  return before.kind === 'asleep' || before.kind === 'closed' ? before : { kind: 'host-offline', since: now };
}

/** The socket ended, and not for good. */
export function statusAfterEnd(before: HostStatus, end: RelayEnd, isOnline: boolean, now: number): HostStatus {
  if (!isOnline) return before.kind === 'offline' ? before : { kind: 'offline', since: now };
  if (end.kind === 'unreachable') {
    // The host's last word still holds, and explains a relay that ran on the same computer.
    if (before.kind === 'asleep' || before.kind === 'closed') return before;
    return before.kind === 'relay-unreachable' ? before : { kind: 'relay-unreachable', since: now };
  }
  const full = end.kind === 'closed' ? FULL_TEXTS[end.code] : undefined;
  if (full !== undefined) return { kind: 'full', since: before.kind === 'full' ? before.since : now, text: full };
  const isPast: readonly HostStatus['kind'][] = ['connected', 'offline', 'relay-unreachable', 'full'];
  return isPast.includes(before.kind) ? { kind: 'connecting', since: now } : before;
}

/** Something that was asked for did not come in time; `since`: when anyone who owed it was last heard. */
export function statusAfterSilence(before: HostStatus, silence: { since: number; silent: Silent }): HostStatus {
  const { silent } = silence;
  // The host's last word still holds, and explains a relay that sleeps with it.
  if (silent === 'relay' && (before.kind === 'asleep' || before.kind === 'closed')) return before;
  return before.kind === 'no-answer' ? { ...before, silent } : { kind: 'no-answer', since: silence.since, silent };
}
