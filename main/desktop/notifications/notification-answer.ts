/** An answer that is given in a notification, while the window may be closed: main gives it for the person at the computer. */
import { uuidv7 } from 'uuidv7';
import { THIS_COMPUTER } from '#main/host/access.ts';
import type { Host } from '#main/host/host.ts';
import { isFinalReceipt } from '#protocol/commands.ts';

/** What a person chose of a question, and what of it they were shown. */
export interface NotificationAnswer {
  readonly session: string;
  readonly approval: string;
  readonly option: string;
  readonly digest: string;
}

/** Answers by one of the question's options. False: it does not count, as the question was answered elsewhere, or is gone. */
export function answerQuestion(
  host: Host,
  { session, approval, option, digest }: NotificationAnswer,
  now: number,
): boolean {
  const body = { approval, option, digest };
  const { state } = host.supervisor.handleCommand(THIS_COMPUTER, {
    ...{ id: uuidv7(), session, kind: 'answer', body, at: now },
  });
  return state === 'applied' || !isFinalReceipt(state);
}
