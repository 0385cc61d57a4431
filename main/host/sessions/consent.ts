/** Whether an answer may count: it has to be about exactly what is asked now, and by someone who was shown all of it. */
import { createHash } from 'node:crypto';
import { consentText, isShownWithoutProof, type Question } from '#protocol/consent.ts';
import type { ApprovalOption } from '#protocol/events.ts';

/** As `consentDigest`, at once. */
export function digestOf(question: Question): string {
  return createHash('sha256').update(consentText(question)).digest('base64url');
}

/** Why the answer does not count; null if it does. `digest`: of what was shown, as the client says; null if it says nothing. */
export function consentRefusal(question: Question, option: ApprovalOption, digest: string | null): string | null {
  if (digest !== null) {
    return digest === digestOf(question)
      ? null
      : 'The question is not the one that was shown. Look at it again, then answer.';
  }
  // What denies needs no proof.
  if (option.kind.startsWith('reject') || isShownWithoutProof(question)) return null;
  return 'This page is too old to show all of what is asked. Load its newer version, or answer on another device; Deny works.';
}
