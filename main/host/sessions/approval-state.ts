/**
 * What an agent's question is, how it can end, and what everyone is told of its end. Pure.
 *
 * A question is asked, perhaps answered, perhaps on its way to the agent, and ends once. Who asked too much, or asked what nobody
 * could answer, is refused before there is a question.
 */
import type { ReceiptState } from '#protocol/commands.ts';
import { APPROVAL_OUTCOME_WORDS, type ApprovalOutcome } from '#protocol/events.ts';

export type ApprovalState =
  /** Nobody has answered. */
  | { readonly kind: 'asked' }
  /** A person chose; the choice is stored and waits to be handed over. */
  | { readonly kind: 'answered' }
  /** The answer is on its way to the agent's stdin: whether it arrived is known only when that is told. */
  | { readonly kind: 'in-delivery' }
  | { readonly kind: 'ended'; readonly outcome: ApprovalOutcome };

/** How a question can end. `text`: why, as a sentence. */
export type ApprovalEnd =
  /** The agent has the answer. */
  | { readonly kind: 'delivered' }
  /** The answer found no agent that could take it. */
  | { readonly kind: 'undelivered' }
  /** What hands answers over died with the answer in hand. */
  | { readonly kind: 'delivery-unknown' }
  /** The agent took the question back. */
  | { readonly kind: 'withdrawn' }
  /** The agent died, and only the question is known to be gone with it. */
  | { readonly kind: 'agent-gone' }
  | { readonly kind: 'turn-ended' }
  | { readonly kind: 'turn-cancelled' }
  /** The agent died, Baton did, or Baton was closed. */
  | { readonly kind: 'interrupted'; readonly text: string }
  | { readonly kind: 'session-ended'; readonly text: string };

/** The one end of a question: all three places where it is written. */
export interface EndedApproval {
  /** For its row and its event. */
  readonly outcome: ApprovalOutcome;
  /** For its event, and as the reason of the answer's receipt; null if the agent has the answer, which says all. */
  readonly text: string | null;
  /** What becomes of the answer's receipt; null if nobody answered. */
  readonly receipt: 'applied' | 'expired' | 'uncertain' | null;
}

const NOT_DELIVERED = 'The answer did not reach the agent.';
const DELIVERY_UNKNOWN = 'It is not known whether the agent got the answer.';

/**
 * The state that the history holds. `row` is the question's own; `answer` is the receipt of the command that answered, null if
 * nobody did.
 */
export function approvalState(
  row: { readonly state: 'pending' | 'answered' | 'resolved'; readonly outcome: ApprovalOutcome | null },
  answer: ReceiptState | null,
): ApprovalState {
  if (row.state === 'resolved') return { kind: 'ended', outcome: row.outcome ?? 'expired' };
  if (row.state === 'pending') return { kind: 'asked' };
  return { kind: answer === 'dispatched' ? 'in-delivery' : 'answered' };
}

/** Whether the answer may be handed to the agent: once more, if a previous host died in the middle of that and the agent lacks it. */
export function isDeliverable({ kind }: ApprovalState): boolean {
  return kind === 'answered' || kind === 'in-delivery';
}

/** How the question ends by this, or null if this does not end it: it has ended before, or it waits for something else. */
export function endingOf(state: ApprovalState, end: ApprovalEnd): EndedApproval | null {
  switch (end.kind) {
    case 'delivered':
      return isDeliverable(state) ? { outcome: 'selected', text: null, receipt: 'applied' } : null;
    case 'undelivered':
      return isDeliverable(state) ? over('expired', 'The agent was gone before it got the answer.', 'expired') : null;
    case 'delivery-unknown': {
      const text = `What hands answers to the agent was killed in that moment. ${DELIVERY_UNKNOWN}`;
      return isDeliverable(state) ? over('expired', text, 'uncertain') : null;
    }
    case 'withdrawn':
      return endUndelivered(state, 'withdrawn', APPROVAL_OUTCOME_WORDS.withdrawn);
    case 'agent-gone':
      return endUndelivered(state, 'expired', APPROVAL_OUTCOME_WORDS.expired);
    case 'turn-ended':
      return state.kind === 'asked'
        ? over('withdrawn', 'The turn ended before the question was answered.', null)
        : null;
    case 'turn-cancelled':
      return state.kind === 'asked' ? over('cancelled', APPROVAL_OUTCOME_WORDS.cancelled, null) : null;
    case 'interrupted':
    case 'session-ended':
      return state.kind === 'in-delivery'
        ? over('expired', `${end.text} ${DELIVERY_UNKNOWN}`, 'uncertain')
        : endUndelivered(state, 'expired', end.text);
  }
}

/** An answer in delivery is left to anyone who delivers it: only that side knows whether it arrived. */
function endUndelivered(state: ApprovalState, outcome: ApprovalOutcome, text: string): EndedApproval | null {
  if (state.kind === 'asked') return over(outcome, text, null);
  return state.kind === 'answered' ? over(outcome, `${text} ${NOT_DELIVERED}`, 'expired') : null;
}

function over(outcome: ApprovalOutcome, text: string, receipt: EndedApproval['receipt']): EndedApproval {
  return { outcome, text, receipt };
}
