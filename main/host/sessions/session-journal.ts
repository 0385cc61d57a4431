import type { Log } from '#lib/log.ts';
import { textHead } from '#lib/text-head.ts';
import type { Actor, NewEvent, SessionEvent, StopReason } from '#protocol/events.ts';
import type { StoredApproval } from '../history/approval-store.ts';
import type { StoredCommand } from '../history/command-store.ts';
import type { History } from '../history/history.ts';
import type { SessionRecord, TitleFrom } from '../history/session-store.ts';
import { type ApprovalEnd, approvalState, endingOf, isDeliverable } from './approval-state.ts';
import { nextSessionState, type SessionChange } from './session-state.ts';

const TITLE_RANK: Record<TitleFrom, number> = { folder: 0, prompt: 1, agent: 2, person: 3 };
const DETAIL_MAX_CHARS = 300;

/**
 * The stored side of a session: every step that changes several tables at once. Each method is part of the transaction that is open,
 * knows nothing of running agents, and so serves a living session, a refused command and the recovery from a crash alike.
 */
export class SessionJournal {
  readonly #history: History;
  readonly #log: Log;

  constructor(history: History, log: Log) {
    this.#history = history;
    this.#log = log;
  }

  record(session: string): SessionRecord {
    const record = this.#history.sessions.get(session);
    if (!record) throw new Error(`There is no session ${session}.`);
    return record;
  }

  append(session: string, ...events: NewEvent[]): SessionEvent[] {
    return this.#history.events.append(session, events);
  }

  notice(session: string, level: 'info' | 'warning' | 'error', text: string): void {
    this.append(session, { kind: 'notice', body: { level, text } });
  }

  /** False, and a line in the log, if that cannot happen in the session's state: then nothing changes. */
  move(session: string, change: SessionChange, detail = ''): boolean {
    const record = this.record(session);
    const state = nextSessionState(record.state, change);
    if (state === null) {
      this.#log.debug('A change does not apply in this state', { session, state: record.state, change: change.kind });
      return false;
    }
    this.#history.sessions.setState(session, state, shorten(detail));
    return true;
  }

  /** Nothing, if the session has a title from a better source. */
  retitle(session: string, title: string, from: TitleFrom, by: Actor | null): void {
    const record = this.record(session);
    if (TITLE_RANK[from] < TITLE_RANK[record.titleFrom]) return;
    this.#history.sessions.setTitle(session, title, from);
    if (title !== record.title) this.append(session, { kind: 'session.renamed', body: { title, by } });
  }

  startTurn(session: string, command: string): void {
    this.#history.commands.setState(command, 'dispatched');
    this.#history.sessions.setTurn(session, command);
    this.append(session, { kind: 'turn.started', body: { command } });
    const { state, detail } = this.record(session);
    this.move(session, { kind: 'turn-started' }, state === 'waiting' ? detail : '');
  }

  acknowledgeTurn(session: string, command: string): void {
    if (this.#history.commands.setState(command, 'applied')) {
      this.append(session, { kind: 'turn.acknowledged', body: { command } });
    }
  }

  /** The running turn is over, and so are its questions and the wish to cancel it. Nothing if no turn runs. */
  endTurn(session: string, stop: StopReason, error?: string): void {
    const { turn } = this.record(session);
    if (turn === null) return;
    this.#history.sessions.setTurn(session, null);
    this.append(session, { kind: 'turn.ended', body: { command: turn, stop, ...(error !== undefined && { error }) } });
    for (const command of this.#history.commands.open(session)) {
      if (command.kind === 'cancel') this.#history.commands.setState(command.id, 'applied');
    }
    this.move(session, { kind: 'turn-ended' }, stop === 'error' ? (error ?? 'The agent answered with an error.') : '');
  }

  /** It cannot be known whether the agent got this command, and nobody will find out. */
  makeUncertain(session: string, command: string, kind: string, text: string): void {
    if (this.#history.commands.setState(command, 'uncertain', text)) {
      this.append(session, { kind: 'command.uncertain', body: { command, kind, text } });
    }
  }

  /** Notes that the answer to a question begins to be handed over. False if the question has ended: then it must not be. */
  beginDelivery(id: string): boolean {
    const approval = this.#history.approvals.get(id);
    const answer = approval && this.#answerOf(approval);
    if (!approval || !answer || !isDeliverable(approvalState(approval, answer.state))) return false;
    this.#history.commands.setState(answer.id, 'dispatched');
    return true;
  }

  /** The only way in which a question ends: its row, its event and the receipt of its answer. False if this does not end it. */
  endApproval(id: string, end: ApprovalEnd): boolean {
    const approval = this.#history.approvals.get(id);
    if (!approval || !this.#end(approval, end)) return false;
    this.settleApprovals(approval.session);
    return true;
  }

  /** Ends all questions of a session that end by this. */
  endApprovals(session: string, end: ApprovalEnd): void {
    for (const approval of this.#history.approvals.open(session)) this.#end(approval, end);
    this.settleApprovals(session);
  }

  #end(approval: StoredApproval, end: ApprovalEnd): boolean {
    const { approval: id, session } = approval;
    const answer = this.#answerOf(approval);
    const ended = endingOf(approvalState(approval, answer?.state ?? null), end);
    if (!ended) return false;
    const { outcome, text, receipt } = ended;
    this.#history.approvals.resolve(id, outcome);
    this.append(session, {
      kind: 'approval.resolved',
      body: { approval: id, outcome, ...(text !== null && { text }) },
    });
    if (answer && receipt === 'uncertain') this.makeUncertain(session, answer.id, 'answer', text ?? '');
    else if (answer && receipt !== null) this.#history.commands.setState(answer.id, receipt, text ?? undefined);
    return true;
  }

  #answerOf({ command }: StoredApproval): StoredCommand | null {
    return command === null ? null : this.#history.commands.get(command);
  }

  /** Moves the session on if it waited for answers only. */
  settleApprovals(session: string): void {
    const { turn, state } = this.record(session);
    if (state !== 'waiting') return;
    const pending = this.#history.approvals.open(session).filter((approval) => approval.state === 'pending');
    const detail = pending[0] ? pending[0].title : '';
    this.move(session, { kind: 'approval-settled', pending: pending.length, isTurnRunning: turn !== null }, detail);
  }

  /** The agent is gone, or Baton was: what ran is over, what waits stays, and nothing is run again by itself. */
  interrupt(session: string, text: string): void {
    const { turn } = this.record(session);
    this.endApprovals(session, { kind: 'interrupted', text });
    if (turn !== null) {
      const prompt = this.#history.commands.get(turn);
      this.endTurn(session, 'interrupted');
      if (prompt?.state === 'dispatched') {
        this.makeUncertain(session, turn, 'prompt', `${text} It is not known whether the agent got this prompt.`);
      }
    }
    this.expireUnderWay(session, text);
    this.append(session, { kind: 'session.interrupted', body: { text: text } });
    this.move(session, { kind: 'agent-gone' }, text);
  }

  /** Over for good: nothing waits any more. */
  end(session: string, by: Actor, except: string): void {
    const text = `${by.name} ended the session.`;
    const { turn } = this.record(session);
    this.endApprovals(session, { kind: 'session-ended', text });
    if (turn !== null) {
      this.endTurn(session, 'cancelled');
      this.#history.commands.setState(turn, 'expired', `${text} It is not known whether the agent got this prompt.`);
    }
    for (const { id } of this.#history.commands.queue(session)) {
      this.append(session, { kind: 'prompt.withdrawn', body: { command: id, by, text } });
      this.#history.commands.setState(id, 'expired', text);
    }
    this.expireUnderWay(session, text, except);
    this.append(session, { kind: 'session.ended', body: { by, text } });
    this.move(session, { kind: 'ended' });
  }

  /** Starts, resumes and changes of mode that were under way; prompts that wait stay. */
  expireUnderWay(session: string, text: string, except?: string): void {
    const waiting = new Set(this.#history.commands.queue(session).map(({ id }) => id));
    for (const { id, kind } of this.#history.commands.open(session)) {
      if (id === except || waiting.has(id)) continue;
      if (kind === 'cancel' || kind === 'session.end') this.#history.commands.setState(id, 'applied');
      else this.#history.commands.setState(id, 'expired', text);
    }
  }
}

function shorten(text: string): string {
  return text.length <= DETAIL_MAX_CHARS ? text : `${textHead(text, DETAIL_MAX_CHARS - 1)}…`;
}
