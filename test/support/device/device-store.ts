/** What a device keeps, in SQLite: its keys, its hosts, every event with its cursor, and the outbox. The twin of the phone's IndexedDB. */
import Database from 'better-sqlite3';
import type { StoredLetter } from '#phone/core/store/database.ts';
import { isFinalReceipt, type Receipt, type ReceiptState, type WireCommand } from '#protocol/commands.ts';
import type { WireEvent } from '#protocol/events.ts';
import type { Cursor } from '#protocol/messages.ts';

export interface Identity {
  hostId: string;
  hostKey: string;
  relayOrigin: string;
  deviceId: string;
  psk: string;
  noisePrivate: string;
  noisePublic: string;
  authPrivate: string;
  authPublic: string;
}

export interface StoredCommand {
  command: WireCommand;
  /** `sending` until the host has answered at all. */
  state: 'sending' | ReceiptState;
  /** The letter in which it was left at the relay. */
  letter: StoredLetter | null;
}

/** Whether a command's receipt never changes again: it need not be sent any more. */
export function isSettled(state: StoredCommand['state']): boolean {
  return state !== 'sending' && isFinalReceipt(state);
}

export class DeviceStore {
  readonly #db: Database.Database;

  constructor(file: string) {
    this.#db = new Database(file);
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS identity (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS event (session TEXT, seq INTEGER, body TEXT NOT NULL, PRIMARY KEY (session, seq)) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS cursor (session TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY, id TEXT UNIQUE, command TEXT NOT NULL, state TEXT NOT NULL, letter TEXT) STRICT;
    `);
  }

  identity(): Identity | null {
    const body = this.#db.prepare<[], string>('SELECT body FROM identity').pluck().get();
    return body === undefined ? null : JSON.parse(body);
  }

  setIdentity(identity: Identity): void {
    this.#db.prepare('INSERT OR REPLACE INTO identity VALUES (1, ?)').run(JSON.stringify(identity));
  }

  cursors(): Cursor[] {
    return this.#db.prepare<[], Cursor>('SELECT session, epoch, seq FROM cursor').all();
  }

  /** Applies events that continue the cursor, in one transaction with it. Throws on a gap: the host must never leave one. */
  apply(session: string, epoch: string, events: readonly WireEvent[]): number {
    return this.#db
      .transaction(() => {
        const cursor = this.#db.prepare<[string], Cursor>('SELECT * FROM cursor WHERE session = ?').get(session);
        let seq = cursor?.epoch === epoch ? cursor.seq : 0;
        const insert = this.#db.prepare('INSERT INTO event VALUES (?, ?, ?)');
        for (const event of events) {
          if (event.seq <= seq) continue;
          if (event.seq !== seq + 1) throw new Error(`A gap: ${event.seq} came after ${seq}.`);
          insert.run(session, event.seq, JSON.stringify(event));
          seq = event.seq;
        }
        this.#db.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)').run(session, epoch, seq);
        return seq;
      })
      .immediate();
  }

  /** Replaces a session's events. Older ones are then fetched by page and put in with `addOlder`. */
  replace(session: string, epoch: string, last: number, events: readonly WireEvent[]): void {
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM event WHERE session = ?').run(session);
      this.addOlder(session, events);
      this.#db.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)').run(session, epoch, last);
    })();
  }

  addOlder(session: string, events: readonly WireEvent[]): void {
    const insert = this.#db.prepare('INSERT OR IGNORE INTO event VALUES (?, ?, ?)');
    this.#db.transaction(() => {
      for (const event of events) insert.run(session, event.seq, JSON.stringify(event));
    })();
  }

  events(session: string): WireEvent[] {
    const rows = this.#db
      .prepare<[string], string>('SELECT body FROM event WHERE session = ? ORDER BY seq')
      .pluck()
      .all(session);
    return rows.map((row) => JSON.parse(row));
  }

  firstSeq(session: string): number {
    return (
      this.#db.prepare<[string], number | null>('SELECT min(seq) FROM event WHERE session = ?').pluck().get(session) ??
      0
    );
  }

  post(command: WireCommand): void {
    this.#db
      .prepare('INSERT INTO outbox (id, command, state) VALUES (?, ?, ?)')
      .run(command.id, JSON.stringify(command), 'sending');
  }

  note(receipt: Receipt): void {
    const final = "('applied', 'rejected', 'expired', 'answered-elsewhere', 'uncertain')";
    this.#db
      .prepare(`UPDATE outbox SET state = ? WHERE id = ? AND state NOT IN ${final}`)
      .run(receipt.state, receipt.command);
  }

  outbox(): StoredCommand[] {
    const rows = this.#db
      .prepare<[], { command: string; state: StoredCommand['state']; letter: string | null }>(
        'SELECT command, state, letter FROM outbox ORDER BY position',
      )
      .all();
    return rows.map(({ command, state, letter }) => ({
      command: JSON.parse(command),
      state,
      letter: letter === null ? null : JSON.parse(letter),
    }));
  }

  get isOpen(): boolean {
    return this.#db.open;
  }

  /** False if there is no such command. */
  setLetter(command: string, letter: StoredLetter | null): boolean {
    const text = letter && JSON.stringify(letter);
    // A writer that was just ended may still finish a step: what it learnt is lost, as when a page is closed.
    if (!this.#db.open) return false;
    return this.#db.prepare('UPDATE outbox SET letter = ? WHERE id = ?').run(text, command).changes > 0;
  }

  forgetCommand(command: string): void {
    if (this.#db.open) this.#db.prepare('DELETE FROM outbox WHERE id = ?').run(command);
  }

  close(): void {
    this.#db.close();
  }
}
