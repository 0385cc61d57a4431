/** Folds a session's events into rows. Pure: the same events give the same rows, in one go or bit by bit. */

import type { Actor, SessionEvent, ToolCall } from '#protocol/events.ts';
import type { OutboxState, Streaming } from '../host-client.ts';
import type { ApprovalRow, LineRow, Plan, PromptRow, Row, ToolRow, Transcript } from './rows.ts';
import { startedWords, unresolvedModeName } from './session-lines.ts';

/** All rows of a session, streaming text and queued prompts last. For tests and tools; a screen keeps a `TranscriptFold`. */
export function renderRows(events: readonly SessionEvent[], streaming: readonly Streaming[] = []): readonly Row[] {
  const transcript = new TranscriptFold().update(events);
  return [...transcript.rows, ...streamingRows(transcript, streaming), ...transcript.queued];
}

/** Rows of texts that are being written and are not in the log yet. Their text stays with anyone who shows it. */
export function streamingRows(transcript: Transcript, streaming: readonly Streaming[]): readonly Row[] {
  const rows: Row[] = [];
  for (const { id, role } of streaming) {
    const key = `${role}:${id}`;
    // A finished text arrives as an event a moment before its stream is cleared.
    if (isAmongLast(transcript.rows, key)) continue;
    rows.push({ kind: role, key, at: 0, id, text: '', isStreaming: true });
  }
  return rows;
}

const RECENT_ROWS = 50;

function isAmongLast(rows: readonly Row[], key: string): boolean {
  for (let at = rows.length - 1; at >= 0 && at >= rows.length - RECENT_ROWS; at -= 1) {
    if (rows[at]?.key === key) return true;
  }
  return false;
}

/**
 * Folds incrementally: `update` with a list that continues the last one looks only at what is new; any other list
 * (older events loaded in front, a new snapshot) is folded afresh. Unchanged rows keep their identity in the first case.
 */
export class TranscriptFold {
  #folded: readonly SessionEvent[] = [];
  #state = new FoldState();
  #transcript: Transcript | null = null;

  update(events: readonly SessionEvent[]): Transcript {
    const before = this.#folded;
    if (this.#transcript && events === before) return this.#transcript;
    const last = before.length - 1;
    const continues =
      events.length >= before.length && (last < 0 || (events[0] === before[0] && events[last] === before[last]));
    if (!continues) this.#state = new FoldState();
    for (let at = continues ? before.length : 0; at < events.length; at += 1) {
      const event = events[at];
      if (event) this.#state.add(event);
    }
    this.#folded = events;
    this.#transcript = this.#state.snapshot();
    return this.#transcript;
  }
}

class FoldState {
  #rows: Row[] = [];
  #indexOf = new Map<string, number>();
  /** Prompts by command, wherever they are shown. */
  #prompts = new Map<string, PromptRow>();
  #queued: string[] = [];
  #plan: Plan | null = null;
  #runningTurn: string | null = null;
  /** Keys of the rows of tool calls that this turn has. */
  #openTools = new Set<string>();
  /** Of ids that an agent has used for several calls: the row of the latest one. */
  #toolKeys = new Map<string, string>();
  #modes: Transcript['modes'] = null;

  snapshot(): Transcript {
    return {
      rows: this.#rows.slice(),
      queued: this.#queued.flatMap((command) => this.#prompts.get(command) ?? []),
      plan: this.#plan,
      isTurnRunning: this.#runningTurn !== null,
      modes: this.#modes,
      knownCommands: new Set(this.#prompts.keys()),
    };
  }

  add(event: SessionEvent): void {
    switch (event.kind) {
      case 'prompt': {
        const { command, text, by, note } = event.body;
        const known = this.#prompts.get(command);
        const row = promptRow(command, event.at, {
          text,
          by,
          isNote: note === true,
          receipt: known?.receipt ?? 'accepted',
        });
        this.#prompts.set(command, row);
        if (this.#indexOf.has(row.key)) this.#put(row);
        else this.#queued.push(command);
        return;
      }
      case 'prompt.withdrawn':
        this.#settlePrompt(event.body.command, event.at, {
          isWithdrawn: true,
          reason: event.body.text ?? (event.body.by ? `Taken back by ${event.body.by.name}` : 'Taken back'),
        });
        return;
      case 'turn.started':
        this.#runningTurn = event.body.command;
        this.#plan = null;
        this.#settlePrompt(event.body.command, event.at, { receipt: 'dispatched', reason: null });
        return;
      case 'turn.acknowledged':
        this.#settlePrompt(event.body.command, event.at, { receipt: 'applied', reason: null });
        return;
      case 'turn.ended':
        this.#endTurn(event);
        return;
      case 'command.uncertain':
        if (this.#prompts.has(event.body.command) || event.body.kind === 'prompt') {
          this.#settlePrompt(event.body.command, event.at, { receipt: 'uncertain', reason: event.body.text });
        } else {
          this.#line(event, 'warning', event.body.text);
        }
        return;
      case 'command.resolved':
        if (this.#prompts.has(event.body.command)) {
          const { command, decision, by } = event.body;
          this.#settlePrompt(command, event.at, { decision: { kind: decision, by } });
        }
        return;
      case 'message':
      case 'thought':
        this.#put({
          kind: event.kind,
          key: `${event.kind}:${event.body.id}`,
          at: event.at,
          id: event.body.id,
          text: event.body.text,
          isStreaming: false,
        });
        return;
      case 'tool':
        this.#addTool(event);
        return;
      case 'plan':
        this.#plan = { entries: event.body.entries, at: event.at };
        return;
      case 'mode':
        this.#addMode(event);
        return;
      case 'approval.requested':
        this.#put({
          kind: 'approval',
          key: `approval:${event.body.approval}`,
          at: event.at,
          approval: event.body.approval,
          title: event.body.title,
          tool: event.body.tool,
          options: event.body.options,
          answer: null,
          outcome: null,
          text: null,
        });
        return;
      case 'approval.answered': {
        const { approval, option, by, note } = event.body;
        this.#changeApproval(approval, event.at, { answer: { option, by, note: note ?? null, at: event.at } });
        return;
      }
      case 'approval.resolved':
        this.#changeApproval(event.body.approval, event.at, {
          outcome: event.body.outcome,
          text: event.body.text ?? null,
        });
        return;
      default:
        this.#addSessionLine(event);
    }
  }

  #endTurn(event: SessionEvent & { kind: 'turn.ended' }): void {
    const { command, stop, error } = event.body;
    // The agent answered, or was stopped after it had been given the prompt; only a death in between leaves a doubt.
    const receipt = this.#prompts.get(command)?.receipt;
    if (receipt === 'dispatched' && stop !== 'interrupted')
      this.#settlePrompt(command, event.at, { receipt: 'applied', reason: null });
    if (this.#plan)
      this.#put({ kind: 'plan', key: `plan:${event.seq}`, at: this.#plan.at, entries: this.#plan.entries });
    if (stop !== 'end_turn') {
      this.#put({ kind: 'turn-end', key: `event:${event.seq}`, at: event.at, stop, error: error ?? null });
    }
    this.#plan = null;
    this.#runningTurn = null;
    this.#closeTools();
  }

  /** What is over stays as it was, also if another call has the same id. */
  #addTool({ body, at, seq }: SessionEvent & { kind: 'tool' }): void {
    let key = this.#toolKeys.get(body.id) ?? `tool:${body.id}`;
    const row = this.#rowByKey(key);
    const isAnother = row?.kind === 'tool' && isAnotherCall(row, body);
    if (isAnother) {
      key = `tool:${body.id}:${seq}`;
      this.#toolKeys.set(body.id, key);
    }
    this.#openTools.add(key);
    this.#put({ kind: 'tool', key, at, call: body, isOver: !isAnother && row?.kind === 'tool' && row.isOver });
  }

  #closeTools(): void {
    for (const key of this.#openTools) {
      const row = this.#rowByKey(key);
      if (row?.kind === 'tool') this.#put({ ...row, isOver: true });
    }
    this.#openTools.clear();
  }

  #addMode(event: SessionEvent & { kind: 'mode' }): void {
    const { current, available, by } = event.body;
    const isFirst = this.#modes === null;
    const modes = { current, available: available.length > 0 ? available : (this.#modes?.available ?? []) };
    const isChange = this.#modes?.current !== current;
    this.#modes = modes;
    if (isFirst || !isChange) return;
    const name = unresolvedModeName(modes.available, current);
    this.#line(event, 'info', by ? `${by.name} changed the mode to ${name}` : `The mode is now ${name}`);
  }

  #addSessionLine(event: SessionEvent): void {
    switch (event.kind) {
      case 'session.created':
        this.#line(
          event,
          'info',
          `${event.body.by.name} started a session with ${event.body.agentName} in ${event.body.folder}`,
        );
        return;
      case 'session.started':
        if (event.body.how !== 'new') this.#line(event, 'info', startedWords(event.body.how));
        return;
      case 'session.interrupted':
        this.#interruptTurn();
        this.#dropInterruptedEnd();
        this.#line(event, 'warning', event.body.text);
        return;
      case 'session.failed':
        this.#interruptTurn();
        this.#line(event, 'error', event.body.text, event.body.hint);
        return;
      case 'session.ended':
        this.#interruptTurn();
        this.#line(event, 'info', endedText(event.body.text, event.body.by));
        return;
      case 'session.renamed':
        if (event.body.by)
          this.#line(event, 'info', `${event.body.by.name} renamed the session to “${event.body.title}”`);
        return;
      case 'notice':
        this.#line(event, event.body.level, event.body.text);
        return;
      default:
      // A kind this page does not know is kept in the log and shows nothing.
    }
  }

  /** The sentence that follows says it better. */
  #dropInterruptedEnd(): void {
    const last = this.#rows.at(-1);
    if (last?.kind !== 'turn-end' || last.stop !== 'interrupted') return;
    this.#rows.pop();
    this.#indexOf.delete(last.key);
  }

  #interruptTurn(): void {
    this.#runningTurn = null;
    this.#plan = null;
    this.#closeTools();
  }

  #line(event: SessionEvent, tone: LineRow['tone'], text: string, hint?: string): void {
    this.#put({ kind: 'line', key: `event:${event.seq}`, at: event.at, tone, text, hint: hint ?? null });
  }

  /** Gives a prompt its place in the conversation, or changes it there. A prompt from an older page is shown without its text. */
  #settlePrompt(command: string, at: number, change: Partial<PromptRow>): void {
    const known =
      this.#prompts.get(command) ?? promptRow(command, at, { text: '', by: null, isNote: false, receipt: 'accepted' });
    const row: PromptRow = { ...known, ...change };
    this.#prompts.set(command, row);
    this.#queued = this.#queued.filter((queued) => queued !== command);
    this.#put(row);
  }

  #changeApproval(approval: string, at: number, change: Partial<ApprovalRow>): void {
    const row = this.#rowByKey(`approval:${approval}`);
    const known: ApprovalRow =
      row?.kind === 'approval'
        ? row
        : {
            kind: 'approval',
            key: `approval:${approval}`,
            at,
            approval,
            title: change.answer?.option.name ?? 'A question from an older page',
            tool: null,
            options: [],
            answer: null,
            outcome: null,
            text: null,
          };
    this.#put({ ...known, ...change });
  }

  #rowByKey(key: string): Row | undefined {
    const index = this.#indexOf.get(key);
    return index === undefined ? undefined : this.#rows[index];
  }

  /** Adds the row, or replaces the one with its key where it stands. */
  #put(row: Row): void {
    const index = this.#indexOf.get(row.key);
    if (index !== undefined) {
      const before = this.#rows[index];
      this.#rows[index] = before ? { ...row, at: before.at } : row;
      return;
    }
    this.#indexOf.set(row.key, this.#rows.length);
    this.#rows.push(row);
  }
}

function promptRow(
  command: string,
  at: number,
  rest: { text: string; by: Actor | null; isNote: boolean; receipt: OutboxState },
): PromptRow {
  return {
    kind: 'prompt',
    key: `prompt:${command}`,
    command,
    at,
    reason: null,
    isWithdrawn: false,
    decision: null,
    ...rest,
  };
}

function endedText(text: string, by: Actor): string {
  const base = text === '' ? 'The session ended' : text;
  return base.includes(by.name) ? base : `${base} — by ${by.name}`;
}

/** The log holds that a call begins and that it is over, once each. */
function isAnotherCall({ call, isOver }: ToolRow, told: ToolCall): boolean {
  if (isFinished(call)) return isOver || !isFinished(told);
  return isOver && !isFinished(told);
}

function isFinished({ state }: ToolCall): boolean {
  return state === 'done' || state === 'failed';
}
