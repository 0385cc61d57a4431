import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import type { EventKind, NewEvent, SessionEvent, WireEvent } from '#protocol/events.ts';
import type { HistoryDatabase } from './database.ts';
import { fitEvent, type LargeText } from './fit-event.ts';

interface EventRow {
  seq: number;
  at: number;
  kind: string;
  body: string;
}

/** The one truth about every session: immutable events, numbered from 1 without gaps. */
export class EventLog {
  readonly #database: HistoryDatabase;
  readonly #now: () => number;
  readonly #appended: Emitter<[session: string, events: readonly SessionEvent[]]>;
  readonly #statements;

  constructor(database: HistoryDatabase, now: () => number, log: Log) {
    this.#database = database;
    this.#now = now;
    this.#appended = new Emitter('appended events', log);
    const db = database.connection;
    this.#statements = {
      last: db.prepare<[string], number>('SELECT max(seq) FROM event WHERE session = ?').pluck(),
      lastAt: db.prepare<[string], number>('SELECT at FROM event WHERE session = ? ORDER BY seq DESC LIMIT 1').pluck(),
      has: db
        .prepare<[string, string], number>('SELECT 1 FROM event WHERE session = ? AND kind = ? ORDER BY seq LIMIT 1')
        .pluck(),
      insert: db.prepare<[string, number, number, string, string]>(
        'INSERT INTO event (session, seq, at, kind, body) VALUES (?, ?, ?, ?, ?)',
      ),
      index: db.prepare<[number | bigint, string, string]>(
        'INSERT INTO event_text (rowid, session, text) VALUES (?, ?, ?)',
      ),
      blob: db.prepare<[string, string, number, string]>(
        'INSERT OR IGNORE INTO blob (session, id, bytes, text) VALUES (?, ?, ?, ?)',
      ),
      readBlob: db.prepare<[string, string], string>('SELECT text FROM blob WHERE session = ? AND id = ?').pluck(),
      after: db.prepare<[string, number, number], EventRow>(
        'SELECT seq, at, kind, body FROM event WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?',
      ),
      before: db.prepare<[string, number, number], EventRow>(
        'SELECT seq, at, kind, body FROM event WHERE session = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
      ),
    };
  }

  /**
   * Appends in one transaction, or as part of the one that is open, and returns the events with their places. Tool output
   * above INLINE_OUTPUT_MAX_BYTES goes into a blob, so what comes back may differ from what was given. The session must exist.
   */
  append(session: string, events: readonly NewEvent[]): SessionEvent[] {
    if (events.length === 0) return [];
    const at = this.#now();
    return this.#database.transaction(() => {
      let seq = this.last(session);
      const appended = events
        .flatMap((event) => fitEvent(event, (large) => this.#keepBlob(session, large)))
        .map((event): SessionEvent => {
          seq += 1;
          const { lastInsertRowid } = this.#statements.insert.run(
            session,
            seq,
            at,
            event.kind,
            JSON.stringify(event.body),
          );
          const text = searchableText(event);
          if (text !== null) this.#statements.index.run(lastInsertRowid, sessionToken(session), text);
          return { ...event, seq, at };
        });
      this.#database.afterCommit(() => this.#appended.fire(session, appended));
      return appended;
    });
  }

  /** Up to `limit` events with a seq above `seq`, in order. */
  after(session: string, seq: number, limit: number): WireEvent[] {
    return this.#statements.after.all(session, seq, limit).map(toWire);
  }

  /** The last `limit` events with a seq below `seq`, in order. */
  before(session: string, seq: number, limit: number): WireEvent[] {
    return this.#statements.before.all(session, seq, limit).reverse().map(toWire);
  }

  /** The seq of the last event; 0 if there is none. */
  last(session: string): number {
    return this.#statements.last.get(session) ?? 0;
  }

  /** When the last event was appended; null if there is none. */
  lastAt(session: string): number | null {
    return this.#statements.lastAt.get(session) ?? null;
  }

  /** Whether the session has any event of this kind. Quick for kinds that come early in a log. */
  has(session: string, kind: EventKind): boolean {
    return this.#statements.has.get(session, kind) !== undefined;
  }

  /** The whole of an output that was too large for its event; null if this session has no such blob. */
  blob(session: string, id: string): string | null {
    return this.#statements.readBlob.get(session, id) ?? null;
  }

  /** Called with contiguous events of one session once they are safe on disk. */
  onDidAppend(listener: (session: string, events: readonly SessionEvent[]) => void): Disposer {
    return this.#appended.on(listener);
  }

  #keepBlob(session: string, large: LargeText): void {
    this.#statements.blob.run(session, large.sha256, large.bytes, large.text);
  }
}

function toWire(row: EventRow): WireEvent {
  return { seq: row.seq, at: row.at, kind: row.kind, body: JSON.parse(row.body) };
}

/** What of an event is in the full-text index; null if nothing is. */
export function searchableText({ kind, body }: { readonly kind: string; readonly body: unknown }): string | null {
  return kind === 'prompt' || kind === 'message' ? (body as { text: string }).text : null;
}

/** A session's id as one word of the full-text index. */
export function sessionToken(session: string): string {
  return session.replaceAll('-', '');
}
