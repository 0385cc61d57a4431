/** Adds to an answer the proof of what was asked, as a client does that has shown all of it. */
import { digestOf } from '#main/host/sessions/consent.ts';
import type { CommandBody, CommandKind } from '#protocol/commands.ts';
import type { PendingApproval } from '#protocol/messages.ts';

/** The body of a command; one that answers none of these questions, or says itself what was shown, stays as it is. */
export function withProof<K extends CommandKind>(
  kind: K,
  body: CommandBody<K>,
  asked: readonly PendingApproval[],
): CommandBody<K> {
  if (kind !== 'answer') return body;
  const answer = body as CommandBody<'answer'>;
  const question = asked.find(({ approval }) => approval === answer.approval);
  return question ? ({ digest: digestOf(question), ...answer } as CommandBody<K>) : body;
}
