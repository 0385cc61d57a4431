import type { Actor, ApprovalOption, ApprovalOutcome, ToolCall } from '#protocol/events.ts';
import type { PendingApproval } from '#protocol/messages.ts';
import type { HistoryDatabase } from './database.ts';

/** `pending`: asked. `answered`: a person chose, the agent may not have it yet. `resolved`: over, by `outcome`. */
export interface StoredApproval extends PendingApproval {
  readonly state: 'pending' | 'answered' | 'resolved';
  readonly outcome: ApprovalOutcome | null;
  /** The command that answered. */
  readonly command: string | null;
  readonly answeredBy: Actor | null;
  /** How the agent's own question is answered; null for one of which that is not known. */
  readonly reference: string | null;
}

interface ApprovalRow {
  id: string;
  session: string;
  title: string;
  tool: string | null;
  options: string;
  asked_at: number;
  state: StoredApproval['state'];
  outcome: ApprovalOutcome | null;
  command: string | null;
  answered_by: string | null;
  reference: string | null;
}

/** Nobody has answered. Names the condition of the index of what is open as well, else SQLite would read every question ever asked. */
export const PENDING = "state <> 'resolved' AND state = 'pending'";

/** The agents' questions as stored state: they survive every restart, and the first answer wins. */
export class ApprovalStore {
  readonly #now: () => number;
  readonly #statements;

  constructor(database: HistoryDatabase, now: () => number) {
    this.#now = now;
    const db = database.connection;
    this.#statements = {
      add: db.prepare(
        "INSERT INTO approval (id, session, title, tool, options, asked_at, reference, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')",
      ),
      get: db.prepare<[string], ApprovalRow>('SELECT * FROM approval WHERE id = ?'),
      pending: db.prepare<[], ApprovalRow>(`SELECT * FROM approval WHERE ${PENDING} ORDER BY asked_at, rowid`),
      open: db.prepare<[string], ApprovalRow>(
        "SELECT * FROM approval WHERE session = ? AND state <> 'resolved' ORDER BY asked_at, rowid",
      ),
      answer: db.prepare(
        "UPDATE approval SET state = 'answered', command = ?, answered_by = ? WHERE id = ? AND state = 'pending'",
      ),
      resolve: db.prepare("UPDATE approval SET state = 'resolved', outcome = ? WHERE id = ? AND state <> 'resolved'"),
    };
  }

  add(approval: {
    id: string;
    session: string;
    title: string;
    tool: ToolCall | null;
    options: readonly ApprovalOption[];
    reference: string | null;
  }): void {
    const { id, session, title, options, reference } = approval;
    const tool = approval.tool && JSON.stringify(approval.tool);
    this.#statements.add.run(id, session, title, tool, JSON.stringify(options), this.#now(), reference);
  }

  get(id: string): StoredApproval | null {
    const row = this.#statements.get.get(id);
    return row ? toStored(row) : null;
  }

  /** Nobody has answered these yet, in any session, oldest first. */
  pending(): StoredApproval[] {
    return this.#statements.pending.all().map(toStored);
  }

  /** Pending or answered, but not over. */
  open(session: string): StoredApproval[] {
    return this.#statements.open.all(session).map(toStored);
  }

  /** False if it was answered or over already: the first answer wins. */
  answer(id: string, command: string, by: Actor): boolean {
    return this.#statements.answer.run(command, JSON.stringify(by), id).changes > 0;
  }

  /** False if it was over already. */
  resolve(id: string, outcome: ApprovalOutcome): boolean {
    return this.#statements.resolve.run(outcome, id).changes > 0;
  }
}

function toStored(row: ApprovalRow): StoredApproval {
  return {
    approval: row.id,
    session: row.session,
    title: row.title,
    tool: row.tool === null ? null : (JSON.parse(row.tool) as ToolCall),
    options: JSON.parse(row.options) as ApprovalOption[],
    askedAt: row.asked_at,
    state: row.state,
    outcome: row.outcome,
    command: row.command,
    answeredBy: row.answered_by === null ? null : (JSON.parse(row.answered_by) as Actor),
    reference: row.reference,
  };
}
