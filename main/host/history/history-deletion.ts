import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '#lib/log.ts';
import type { HistoryDatabase } from './database.ts';
import { searchableText, sessionToken } from './event-log.ts';

/** The event loop is held up by one step no longer than about twice this; committing takes its time too. */
const STEP_MS = 5;
/** Rows that are read or removed at once within a step. */
const ROWS_AT_ONCE = 50;
/** Events may be large. */
const EVENTS_AT_ONCE = 8;
/** Pages of the full-text index that are rewritten at once (FTS5, "merge"). */
const MERGE_PAGES = 8;
const MERGE_ROUNDS = 3;
/** An index of up to so many pages is written again in a few milliseconds. */
const SMALL_INDEX_PAGES = 8;
/** Free pages that are given back at once. */
const VACUUM_PAGES = 16;

/** Rows of the index are numbered as events, and those from 1. */
const NO_EVENT = -1;
const FILLER = 'filler';

interface EventRow {
  id: number;
  kind: string;
  body: string;
}

/**
 * Removes sessions with all that belongs to them, for good: no word of them is left in the file, and its space is given back. The audit
 * stays. In many small steps, between which everything else goes on; what a crash cuts short is finished the next time.
 */
export class HistoryDeletion {
  readonly #database: HistoryDatabase;
  readonly #now: () => number;
  readonly #log: Log;
  readonly #statements;
  #running: Promise<void> = Promise.resolve();

  constructor(database: HistoryDatabase, now: () => number, log: Log) {
    this.#database = database;
    this.#now = now;
    this.#log = log;
    const db = database.connection;
    const marked = 'SELECT id FROM session WHERE is_deleted = 1';
    this.#statements = {
      ended: db
        .prepare<[], string>("SELECT id FROM session WHERE state = 'ended' AND pid IS NULL AND is_deleted = 0")
        .pluck(),
      mark: db.prepare<[string]>('UPDATE session SET is_deleted = 1 WHERE id = ?'),
      remember: db.prepare<[string, number]>('INSERT OR IGNORE INTO deleted_session (id, at) VALUES (?, ?)'),
      isDeleted: db.prepare<[string], number>('SELECT 1 FROM deleted_session WHERE id = ?').pluck(),
      marked: db.prepare<[], string>(`${marked} ORDER BY id`).pluck(),
      events: db.prepare<[string, number], EventRow>(
        'SELECT id, kind, body FROM event WHERE session = ? ORDER BY seq LIMIT ?',
      ),
      index: db.prepare<[number, string, string]>('INSERT INTO event_text (rowid, session, text) VALUES (?, ?, ?)'),
      unindex: db.prepare<[number, string, string]>(
        "INSERT INTO event_text (event_text, rowid, session, text) VALUES ('delete', ?, ?, ?)",
      ),
      removeEvent: db.prepare<[number]>('DELETE FROM event WHERE id = ?'),
      removeBlob: db.prepare<[string]>(
        'DELETE FROM blob WHERE rowid IN (SELECT rowid FROM blob WHERE session = ? LIMIT 1)',
      ),
      removeApprovals: db.prepare<[string, number]>(
        'DELETE FROM approval WHERE rowid IN (SELECT rowid FROM approval WHERE session = ? LIMIT ?)',
      ),
      commands: db.prepare<[number, number], { row: number; session: string }>(
        'SELECT rowid AS row, session FROM command WHERE rowid > ? ORDER BY rowid LIMIT ?',
      ),
      removeCommand: db.prepare<[number]>('DELETE FROM command WHERE rowid = ?'),
      removeSession: db.prepare<[string]>('DELETE FROM session WHERE id = ? AND is_deleted = 1'),
      indexed: db.prepare<[], number>('SELECT id FROM event_text_docsize ORDER BY id').pluck(),
      event: db.prepare<[number], EventRow & { session: string }>(
        'SELECT id, session, kind, body FROM event WHERE id = ?',
      ),
      emptyIndex: db.prepare("INSERT INTO event_text (event_text) VALUES ('delete-all')"),
      countIndexPages: db.prepare<[], number>('SELECT count(*) FROM event_text_data').pluck(),
      merge: db.prepare<[number]>("INSERT INTO event_text (event_text, rank) VALUES ('merge', ?)"),
      changes: db.prepare<[], number>('SELECT total_changes()').pluck(),
    };
  }

  /** Hides all sessions that have ended and whose agent is gone; part of the transaction that is open. Their ids. */
  markEnded(): string[] {
    const ids = this.#statements.ended.all();
    for (const id of ids) {
      this.#statements.mark.run(id);
      this.#statements.remember.run(id, this.#now());
    }
    return ids;
  }

  /** Whether there was a session of this id, which is deleted. */
  isDeleted(session: string): boolean {
    return this.#statements.isDeleted.get(session) !== undefined;
  }

  /** Removes what is marked. Resolves when nothing of it is left in the file; rejects as SQLite does. One after the other. */
  run(): Promise<void> {
    const done = this.#running.then(() => this.#run());
    this.#running = done.catch(() => {});
    return done;
  }

  /** What is left from a time before, if anything. Never rejects. */
  async resume(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.#log.error('Failed to go on deleting sessions', { error });
    }
  }

  async #run(): Promise<void> {
    if (!this.#database.isOpen) return;
    const sessions = this.#statements.marked.all();
    if (sessions.length === 0) return;
    await this.#removeCommands(new Set(sessions));
    for (const session of sessions) await this.#inSteps(() => this.#removeSome(session));
    await this.#mergeIndex();
    // Last, as they say what is still to be done after a crash.
    await this.#inSteps(() => this.#statements.removeSession.run(sessions.pop() ?? '').changes > 0);
    await this.#giveBackSpace();
    if (!this.#database.isOpen) return;
    this.#database.connection.pragma('wal_checkpoint(TRUNCATE)');
    this.#log.info('Deleted sessions for good');
  }

  /** False once nothing of the session is left but its row. */
  #removeSome(session: string): boolean {
    const { events, unindex, removeEvent, removeBlob, removeApprovals } = this.#statements;
    if (removeApprovals.run(session, ROWS_AT_ONCE).changes > 0) return true;
    if (removeBlob.run(session).changes > 0) return true;
    const rows = events.all(session, EVENTS_AT_ONCE);
    for (const { id, kind, body } of rows) {
      // The index keeps no texts, so it has to be told what it was given for this row.
      const text = searchableText({ kind, body: JSON.parse(body) });
      if (text !== null) unindex.run(id, sessionToken(session), text);
      removeEvent.run(id);
    }
    return rows.length > 0;
  }

  /** There is no index of commands by session, so all are looked at once. */
  async #removeCommands(sessions: ReadonlySet<string>): Promise<void> {
    let last = 0;
    await this.#inSteps(() => {
      const rows = this.#statements.commands.all(last, ROWS_AT_ONCE);
      for (const { row, session } of rows) if (sessions.has(session)) this.#statements.removeCommand.run(row);
      last = rows.at(-1)?.row ?? last;
      return rows.length > 0;
    });
  }

  /**
   * A removed row only counts as removed until all parts of the index are put together as one: so long its words can be read in the file.
   * FTS5 leaves out what is removed only if older parts cannot exist, which takes a second round if the first one only finishes what was
   * under way; and it leaves a single part as it is, so another one is made first. An index of a few pages is written again instead, as
   * there FTS5 never believes that it has the oldest part in hand (`fts5StructurePromote`, SQLite 3.54).
   */
  async #mergeIndex(): Promise<void> {
    const { index, unindex, merge, changes, countIndexPages } = this.#statements;
    for (let round = 1; round <= MERGE_ROUNDS && this.#database.isOpen; round += 1) {
      this.#database.transaction(() => index.run(NO_EVENT, '', FILLER));
      this.#database.transaction(() => unindex.run(NO_EVENT, '', FILLER));
      // A negative number: all parts at once, as "optimize" does; then on with that until nothing changes (FTS5, section 6.8).
      let pages = -MERGE_PAGES;
      await this.#inSteps(() => {
        const before = changes.get() ?? 0;
        merge.run(pages);
        pages = MERGE_PAGES;
        return (changes.get() ?? 0) - before >= 2;
      });
      if (this.#database.isOpen && (countIndexPages.get() ?? 0) <= SMALL_INDEX_PAGES) {
        this.#database.transaction(() => this.#writeIndexAnew());
        return;
      }
    }
  }

  #writeIndexAnew(): void {
    const { indexed, event, emptyIndex, index } = this.#statements;
    const ids = indexed.all();
    emptyIndex.run();
    for (const id of ids) {
      const row = event.get(id);
      const text = row ? searchableText({ kind: row.kind, body: JSON.parse(row.body) }) : null;
      if (row && text !== null) index.run(id, sessionToken(row.session), text);
    }
  }

  async #giveBackSpace(): Promise<void> {
    const { connection } = this.#database;
    await this.#inSteps(() => {
      const before = connection.pragma('freelist_count', { simple: true }) as number;
      if (before === 0) return false;
      connection.pragma(`incremental_vacuum(${VACUUM_PAGES})`);
      // A history without `auto_vacuum` keeps its free pages for what comes.
      return (connection.pragma('freelist_count', { simple: true }) as number) < before;
    });
  }

  /** Does `some` again and again until it answers false, each time in a transaction of at most a few milliseconds. */
  async #inSteps(some: () => boolean): Promise<void> {
    for (let isMore = true; isMore && this.#database.isOpen; ) {
      await nextTurn();
      if (!this.#database.isOpen) return;
      const until = performance.now() + STEP_MS;
      isMore = this.#database.transaction(() => {
        let goesOn = true;
        while (goesOn && performance.now() < until) goesOn = some();
        return goesOn;
      });
    }
  }
}
