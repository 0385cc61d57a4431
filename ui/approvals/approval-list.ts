/** Which approvals a screen shows and in what state: open, being answered from here, or answered somewhere else a moment ago. */
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { CommandBody } from '#protocol/commands.ts';
import { APPROVAL_OUTCOME_WORDS, type SessionEvent } from '#protocol/events.ts';
import type { PendingApproval } from '#protocol/messages.ts';
import type { HostClient, OutboxEntry, OutboxState } from '../host-client.ts';
import { isOnItsWay } from '../words/receipt-words.ts';

/** How long a question that was settled stays readable before it leaves the list. */
export const SETTLED_SHOWN_MS = 8000;
/** The same if the answer from here did not count, or may not have: anyone who gave it may not be looking. */
export const TROUBLE_SHOWN_MS = 10 * 60_000;

export type ApprovalItemState =
  /** Waits for an answer. `problem`: an earlier answer from here did not count, and why. */
  | { readonly kind: 'open'; readonly problem: string | null }
  /** Answered from here; `receipt` says how far the answer has come. */
  | {
      readonly kind: 'answered';
      readonly optionName: string;
      readonly isAllowed: boolean;
      readonly receipt: OutboxState;
    }
  /** Settled without this device. */
  | { readonly kind: 'settled'; readonly text: string };

export interface ApprovalItem {
  readonly approval: PendingApproval;
  readonly state: ApprovalItemState;
}

interface Gone {
  readonly approval: PendingApproval;
  readonly at: number;
}

/** The items to show, oldest question first. Pure. */
export function deskItems(
  pending: readonly PendingApproval[],
  gone: ReadonlyMap<string, Gone>,
  outbox: readonly OutboxEntry[],
  now: number,
  /** How a question that this device did not settle ended. */
  wordsFor: (approval: PendingApproval) => string,
): readonly ApprovalItem[] {
  const open = pending.map((approval): ApprovalItem => ({ approval, state: pendingState(approval, outbox) }));
  const isPending = new Set(pending.map(({ approval }) => approval));
  const past = [...gone.values()]
    .filter(({ approval }) => !isPending.has(approval.approval))
    .flatMap(({ approval, at }): ApprovalItem[] => {
      const answer = ownAnswer(approval, outbox);
      const isOpen = answer !== null && isOnItsWay(answer.state);
      const isTrouble = answer?.state === 'uncertain' || answer?.state === 'expired';
      if (!isOpen && now - at > (isTrouble ? TROUBLE_SHOWN_MS : SETTLED_SHOWN_MS)) return [];
      const counts = answer !== null && (isOpen || answer.state === 'applied');
      return [
        {
          approval,
          state: counts
            ? answeredState(approval, answer)
            : { kind: 'settled', text: answer?.reason ?? wordsFor(approval) },
        },
      ];
    });
  return [...open, ...past].sort((a, b) => a.approval.askedAt - b.approval.askedAt);
}

function pendingState(approval: PendingApproval, outbox: readonly OutboxEntry[]): ApprovalItemState {
  const answer = ownAnswer(approval, outbox);
  if (!answer) return { kind: 'open', problem: null };
  if (isOnItsWay(answer.state) || answer.state === 'applied') return answeredState(approval, answer);
  if (answer.state === 'answered-elsewhere') return { kind: 'settled', text: answer.reason ?? 'Answered elsewhere' };
  return { kind: 'open', problem: answer.reason ?? 'Your answer did not reach the agent. Answer again.' };
}

function ownAnswer(approval: PendingApproval, outbox: readonly OutboxEntry[]): OutboxEntry | null {
  return (
    outbox.findLast(
      (entry) =>
        entry.kind === 'answer' &&
        entry.session === approval.session &&
        answerBody(entry).approval === approval.approval,
    ) ?? null
  );
}

function answerBody(entry: OutboxEntry): CommandBody<'answer'> {
  return entry.body as CommandBody<'answer'>;
}

function answeredState(approval: PendingApproval, entry: OutboxEntry): ApprovalItemState {
  const option = approval.options.find(({ id }) => id === answerBody(entry).option);
  return {
    kind: 'answered',
    optionName: option?.name ?? 'Answered',
    isAllowed: option?.kind.startsWith('allow') ?? false,
    receipt: entry.state,
  };
}

/** How a question ended, as the log tells it. Pure. */
export function settledWords(approval: string, events: readonly SessionEvent[]): string {
  const resolved = events.findLast((event) => event.kind === 'approval.resolved' && event.body.approval === approval);
  const answered = events.findLast((event) => event.kind === 'approval.answered' && event.body.approval === approval);
  if (answered?.kind === 'approval.answered') {
    const { by, option } = answered.body;
    return `Answered ${by.device === null ? 'at the computer' : `on ${by.name}`}: ${option.name}`;
  }
  if (resolved?.kind === 'approval.resolved')
    return resolved.body.text ?? APPROVAL_OUTCOME_WORDS[resolved.body.outcome];
  return 'Answered elsewhere';
}

/** Follows one host's questions and remembers those that have just been settled. */
export class ApprovalList {
  #gone = signal<ReadonlyMap<string, Gone>>(new Map());
  #host: HostClient;
  #seen = new Map<string, PendingApproval>();
  #isFirst = true;
  #stop: () => void;

  constructor(host: HostClient, announce: (text: string) => void) {
    this.#host = host;
    this.#stop = effect(() => {
      const state = host.state.value;
      if (state) this.#follow(state.approvals, announce);
    });
  }

  /** To be read inside a component or a computed value: depends on the host's state, its outbox, logs, and `now`. */
  items(now: ReadonlySignal<number>): readonly ApprovalItem[] {
    const gone = this.#gone.value;
    const pending = this.#host.state.value?.approvals ?? [];
    return deskItems(pending, gone, this.#host.outbox.value, gone.size > 0 ? now.value : 0, ({ approval, session }) =>
      settledWords(approval, this.#host.log(session).events.value),
    );
  }

  dispose(): void {
    this.#stop();
  }

  #follow(approvals: readonly PendingApproval[], announce: (text: string) => void): void {
    const current = new Map(approvals.map((approval) => [approval.approval, approval]));
    const fresh = approvals.filter(({ approval }) => !this.#seen.has(approval));
    const vanished = [...this.#seen.values()].filter(({ approval }) => !current.has(approval));
    this.#seen = current;
    if (fresh.length > 0 && !this.#isFirst) announce(newQuestionWords(fresh));
    this.#isFirst = false;
    if (vanished.length === 0) return;
    const at = Date.now();
    const recent = [...this.#gone.peek()].filter(([, gone]) => at - gone.at < TROUBLE_SHOWN_MS);
    this.#gone.value = new Map([
      ...recent,
      ...vanished.map((approval) => [approval.approval, { approval, at }] as const),
    ]);
  }
}

function newQuestionWords(fresh: readonly PendingApproval[]): string {
  const [first] = fresh;
  return fresh.length === 1 && first
    ? `Needs your answer: ${first.title}`
    : `${fresh.length} questions need your answer`;
}
