/** Questions that were on the window and are pending no more: how they ended stays readable, and so does an answer that is on its way. */

import type { History } from '#main/host/history/history.ts';
import type { PendingApproval, SettledApproval } from '#preload/contract.ts';
import { isFinalReceipt, type ReceiptState } from '#protocol/commands.ts';
import { APPROVAL_OUTCOME_WORDS, type SessionEvent } from '#protocol/events.ts';

/** How long the end of a question stays readable. */
export const SETTLED_SHOWN_MS = 10_000;
/** The same for an answer of which somebody should know that it did not count, or may not have. */
export const TROUBLE_SHOWN_MS = 10 * 60_000;
export const SETTLED_MAX = 20;
/** Newest events of a session in which the answer is looked for. */
const LOOK_BACK_EVENTS = 200;

type Reading = Pick<History, 'approvals' | 'commands' | 'events'>;

interface Gone {
  readonly approval: PendingApproval;
  readonly at: number;
  /** When it was over; null while the answer is on its way. */
  overAt: number | null;
}

export class SettledApprovals {
  readonly #now: () => number;
  #seen = new Map<string, PendingApproval>();
  #gone: Gone[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Another host, or none: what the previous one asked is of no concern. */
  reset(): void {
    this.#seen = new Map();
    this.#gone = [];
  }

  /** To be asked after every change. Oldest question first. */
  look(pending: readonly PendingApproval[], history: Reading): SettledApproval[] {
    const now = this.#now();
    const current = new Map(pending.map((approval) => [approval.approval, approval]));
    for (const [id, approval] of this.#seen) {
      if (!current.has(id)) this.#gone.push({ approval, at: now, overAt: null });
    }
    this.#seen = current;
    const shown = this.#gone
      .filter(({ approval }) => !current.has(approval.approval))
      .map((gone) => ({ gone, view: this.#describe(gone, history, now) }))
      .filter(({ view }) => view !== null && (view.until === null || view.until > now))
      .slice(-SETTLED_MAX);
    this.#gone = shown.map(({ gone }) => gone);
    return shown.flatMap(({ view }) => (view === null ? [] : [view])).sort((a, b) => a.askedAt - b.askedAt);
  }

  #describe(gone: Gone, history: Reading, now: number): SettledApproval | null {
    const { approval, session, title, askedAt } = gone.approval;
    const stored = history.approvals.get(approval);
    // Its session was deleted.
    if (!stored) return null;
    const receipt = stored.command === null ? null : history.commands.get(stored.command);
    const answer = receipt ? `${describeAnswer(approval, session, history)} — ` : '';
    const state = receipt?.state ?? null;
    if (stored.state === 'resolved' || (state !== null && isFinalReceipt(state))) gone.overAt ??= now;
    const isTrouble = state === 'expired' || state === 'uncertain' || state === 'rejected';
    const until = gone.overAt === null ? null : gone.overAt + (isTrouble ? TROUBLE_SHOWN_MS : SETTLED_SHOWN_MS);
    return {
      ...{ approval, session, title, askedAt, until },
      text:
        state === null
          ? APPROVAL_OUTCOME_WORDS[stored.outcome ?? 'selected']
          : `${answer}${describeReceipt(state, receipt?.reason ?? null)}`,
      tone: isTrouble ? 'bad' : state === 'applied' ? 'good' : 'quiet',
    };
  }
}

function describeAnswer(approval: string, session: string, { events }: Reading): string {
  // Written by this host, of the kinds that it knows.
  const newest = events.before(session, events.last(session) + 1, LOOK_BACK_EVENTS) as readonly SessionEvent[];
  const answered = newest.findLast((event) => event.kind === 'approval.answered' && event.body.approval === approval);
  if (answered?.kind !== 'approval.answered') return 'Answered';
  const { by, option } = answered.body;
  return `“${option.name}” ${by.device === null ? 'from this computer' : `from ${by.name}`}`;
}

/** The same steps as on a phone; the first one, on the way to the computer, cannot be seen from here. */
function describeReceipt(state: ReceiptState, reason: string | null): string {
  switch (state) {
    case 'accepted':
      return 'on your computer, not yet with the agent.';
    case 'dispatched':
      return 'being handed to the agent.';
    case 'applied':
      return 'the agent has it.';
    case 'answered-elsewhere':
      return reason ?? 'answered elsewhere.';
    case 'uncertain':
      return `uncertain: ${reason ?? 'It is not known whether the agent got the answer.'} Look at what it did.`;
    case 'expired':
    case 'rejected':
      return `it did not count: ${reason ?? APPROVAL_OUTCOME_WORDS.expired}`;
  }
}
