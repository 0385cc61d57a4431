import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import type { Command, CommandKind, Receipt, ReceiptState } from '#protocol/commands.ts';
import type { Actor } from '#protocol/events.ts';
import type { HistoryDatabase } from './database.ts';

/** A command as it was accepted or refused. `digest` tells whether a second one with the same id is the same. */
export interface StoredCommand {
  readonly id: string;
  readonly by: Actor;
  readonly session: string;
  readonly kind: string;
  readonly digest: string;
  readonly state: ReceiptState;
  readonly reason: string | null;
  /** The command with which a person decided about this uncertain one. */
  readonly resolvedBy: string | null;
  readonly at: number;
  readonly updatedAt: number;
}

/** A prompt that was accepted and has not been handed to the agent. */
export interface QueuedPrompt {
  readonly id: string;
  readonly text: string;
}

interface CommandRow {
  id: string;
  device: string;
  device_name: string;
  session: string;
  kind: string;
  digest: string;
  state: ReceiptState;
  reason: string | null;
  resolved_by: string | null;
  at: number;
  updated_at: number;
}

const COLUMNS = 'id, device, device_name, session, kind, digest, state, reason, resolved_by, at, updated_at';
/** Stands for the digest of a prompt that was taken back before it came: whatever its words are, they are not to run. */
export const WITHDRAWN_DIGEST = 'withdrawn';
/**
 * Of one session, what no agent has yet. Says twice what the state is: SQLite takes the index of what is open (`command_open`) only where
 * its own condition is there word for word (https://www.sqlite.org/partialindex.html), and would else read every command ever received.
 */
export const WAITING = "session = ? AND state IN ('accepted', 'dispatched') AND state = 'accepted'";
/** Stands for the person at the computer, who has no device id. */
const LOCAL = '';

/** Every command that was ever received, with its receipt: what makes a command that comes twice happen once. */
export class CommandStore {
  readonly #database: HistoryDatabase;
  readonly #now: () => number;
  readonly #changed: Emitter<[device: string | null, receipt: Receipt]>;
  readonly #statements;

  constructor(database: HistoryDatabase, now: () => number, log: Log) {
    this.#database = database;
    this.#now = now;
    this.#changed = new Emitter('receipts', log);
    const db = database.connection;
    this.#statements = {
      get: db.prepare<[string], CommandRow>(`SELECT ${COLUMNS} FROM command WHERE id = ?`),
      open: db.prepare<[string], CommandRow>(
        `SELECT ${COLUMNS} FROM command WHERE session = ? AND state IN ('accepted', 'dispatched') ORDER BY at, rowid`,
      ),
      add: db.prepare(
        `INSERT INTO command (id, device, device_name, session, kind, digest, body, state, reason, position, at, updated_at)
         VALUES (@id, @device, @deviceName, @session, @kind, @digest, @body, @state, @reason, @position, @now, @now)`,
      ),
      // The guard keeps a final receipt final, whatever is still under way for it.
      setState: db.prepare(
        `UPDATE command SET state = @state, reason = @reason, updated_at = @now, position = NULL
         WHERE id = @id AND state IN ('accepted', 'dispatched') AND state <> @state`,
      ),
      resolve: db.prepare(
        "UPDATE command SET resolved_by = ? WHERE id = ? AND state = 'uncertain' AND resolved_by IS NULL",
      ),
      body: db.prepare<[string], string>('SELECT body FROM command WHERE id = ?').pluck(),
      ends: db.prepare<[string], { first: number | null; last: number | null }>(
        `SELECT min(position) AS first, max(position) AS last FROM command WHERE ${WAITING}`,
      ),
      queue: db.prepare<[string], { id: string; body: string }>(
        `SELECT id, body FROM command WHERE ${WAITING} AND position IS NOT NULL ORDER BY position`,
      ),
      countQueued: db
        .prepare<[string], number>(`SELECT count(*) FROM command WHERE ${WAITING} AND position IS NOT NULL`)
        .pluck(),
    };
  }

  get(id: string): StoredCommand | null {
    const row = this.#statements.get.get(id);
    return row ? toStored(row) : null;
  }

  /** Commands of a session that are accepted or dispatched, oldest first. */
  open(session: string): StoredCommand[] {
    return this.#statements.open.all(session).map(toStored);
  }

  /** Stores a command for the first time. With `queue`, it waits in its session as a prompt: `{text}` in its body. */
  add(command: {
    id: string;
    by: Actor;
    session: string;
    kind: string;
    digest: string;
    body: unknown;
    state: ReceiptState;
    reason?: string;
    queue?: 'first' | 'last';
  }): Receipt {
    const now = this.#now();
    this.#statements.add.run({
      id: command.id,
      device: command.by.device ?? LOCAL,
      deviceName: command.by.name,
      session: command.session,
      kind: command.kind,
      digest: command.digest,
      body: JSON.stringify(command.body ?? null),
      state: command.state,
      reason: command.reason ?? null,
      position: command.queue ? this.#place(command.session, command.queue) : null,
      now,
    });
    return toReceipt({ id: command.id, state: command.state, reason: command.reason ?? null, updatedAt: now });
  }

  /** Notes that a prompt was taken back by its device before it came; when it comes it gets this receipt. */
  addWithdrawn(prompt: { id: string; by: Actor; session: string }, reason: string): void {
    const stored = { ...prompt, kind: 'prompt', digest: WITHDRAWN_DIGEST, body: null };
    const receipt = this.add({ ...stored, state: 'expired', reason });
    this.#database.afterCommit(() => this.#changed.fire(prompt.by.device, receipt));
  }

  /** Moves a receipt on, and tells the device once that is safe on disk. False if it was final, or in that state, already. */
  setState(id: string, state: ReceiptState, reason?: string): boolean {
    const changed = this.#statements.setState.run({ id, state, reason: reason ?? null, now: this.#now() }).changes > 0;
    if (changed) {
      const stored = this.get(id) as StoredCommand;
      this.#database.afterCommit(() => this.#changed.fire(stored.by.device, toReceipt(stored)));
    }
    return changed;
  }

  /** Notes who decided about an uncertain command. False if it is not uncertain, or decided already. */
  resolve(id: string, by: string): boolean {
    return this.#statements.resolve.run(by, id).changes > 0;
  }

  /** Prompts that wait, in the order in which they will run. */
  queue(session: string): QueuedPrompt[] {
    return this.#statements.queue
      .all(session)
      .map(({ id, body }) => ({ id, text: (JSON.parse(body) as { text: string }).text }));
  }

  countQueued(session: string): number {
    return this.#statements.countQueued.get(session) ?? 0;
  }

  /** The body of a command that was accepted: it passed its schema then. */
  body<K extends CommandKind>(id: string): Extract<Command, { kind: K }>['body'] {
    return JSON.parse(this.#statements.body.get(id) as string);
  }

  /** Called with each change of a receipt after the first answer; device null is the person at the computer. */
  onDidChange(listener: (device: string | null, receipt: Receipt) => void): Disposer {
    return this.#changed.on(listener);
  }

  #place(session: string, end: 'first' | 'last'): number {
    const { first, last } = this.#statements.ends.get(session) ?? { first: null, last: null };
    return end === 'first' ? (first ?? 0) - 1 : (last ?? 0) + 1;
  }
}

export function toReceipt(command: Pick<StoredCommand, 'id' | 'state' | 'reason' | 'updatedAt'>): Receipt {
  const { id, state, reason, updatedAt } = command;
  return { command: id, state, ...(reason !== null && { reason }), at: updatedAt };
}

function toStored(row: CommandRow): StoredCommand {
  return {
    id: row.id,
    by: { device: row.device === LOCAL ? null : row.device, name: row.device_name },
    session: row.session,
    kind: row.kind,
    digest: row.digest,
    state: row.state,
    reason: row.reason,
    resolvedBy: row.resolved_by,
    at: row.at,
    updatedAt: row.updated_at,
  };
}
