import { createHash } from 'node:crypto';
import type { Actor } from '#protocol/events.ts';
import type { HistoryDatabase } from './database.ts';

export type AuditAction =
  | 'prompt'
  | 'answer'
  | 'session.new'
  | 'session.end'
  | 'session.resume'
  | 'device.paired'
  | 'device.renamed'
  | 'device.scope'
  | 'device.revoked'
  | 'remote.set'
  | 'history.deleted';

export interface AuditEntry {
  readonly by: Actor;
  readonly action: AuditAction;
  readonly session: string | null;
  /** Facts, never secrets: ids, names, hashes. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditRow extends AuditEntry {
  readonly seq: number;
  readonly at: number;
}

export type AuditVerdict = { kind: 'intact'; rows: number } | { kind: 'broken'; seq: number; text: string };

interface StoredRow {
  seq: number;
  at: number;
  device: string | null;
  name: string;
  action: AuditAction;
  session: string | null;
  detail: string;
  previous: string;
  hash: string;
}

const HEAD_KEY = 'audit.head';
/** What stands before the first row. */
const GENESIS = '0'.repeat(64);

/** Who did what from where: append-only, each row sealed by the hash of the one before. */
export class Audit {
  readonly #database: HistoryDatabase;
  readonly #now: () => number;
  readonly #statements;

  constructor(database: HistoryDatabase, now: () => number) {
    this.#database = database;
    this.#now = now;
    const db = database.connection;
    this.#statements = {
      last: db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1'),
      insert: db.prepare(
        `INSERT INTO audit (seq, at, device, name, action, session, detail, previous, hash)
         VALUES (@seq, @at, @device, @name, @action, @session, @detail, @previous, @hash)`,
      ),
      all: db.prepare<[], StoredRow>('SELECT * FROM audit ORDER BY seq'),
      newest: db.prepare<[number, number], StoredRow>('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?'),
      readHead: db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck(),
      writeHead: db.prepare(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ),
    };
  }

  /** Part of the transaction that is open, so that nothing is done without its row. */
  append(entry: AuditEntry): void {
    this.#database.transaction(() => {
      const last = this.#statements.last.get();
      const row = {
        seq: (last?.seq ?? 0) + 1,
        at: this.#now(),
        device: entry.by.device,
        name: entry.by.name,
        action: entry.action,
        session: entry.session,
        detail: JSON.stringify(entry.detail),
        previous: last?.hash ?? GENESIS,
      };
      const hash = seal(row);
      this.#statements.insert.run({ ...row, hash });
      this.#statements.writeHead.run(HEAD_KEY, `${row.seq}:${hash}`);
    });
  }

  /** Up to `limit` rows before `seq` (default: the end), newest first. */
  newest(limit: number, before = Number.MAX_SAFE_INTEGER): AuditRow[] {
    return this.#statements.newest.all(before, limit).map(({ seq, at, device, name, action, session, detail }) => ({
      seq,
      at,
      by: { device, name },
      action,
      session,
      detail: JSON.parse(detail),
    }));
  }

  /**
   * Whether every row is as it was written: none changed, none missing, also not at the end. Anyone who can write the file can
   * also forge the whole chain again; this shows tampering with parts of it.
   */
  verify(): AuditVerdict {
    let previous = GENESIS;
    let seq = 0;
    for (const row of this.#statements.all.iterate()) {
      seq += 1;
      if (row.seq !== seq) return { kind: 'broken', seq, text: `Row ${seq} of the audit is missing.` };
      if (row.previous !== previous)
        return { kind: 'broken', seq, text: `Row ${seq} of the audit does not follow the one before.` };
      if (row.hash !== seal(row)) return { kind: 'broken', seq, text: `Row ${seq} of the audit was changed.` };
      previous = row.hash;
    }
    const head = this.#statements.readHead.get(HEAD_KEY) ?? (seq === 0 ? null : '');
    if (head !== null && head !== `${seq}:${previous}`) {
      return { kind: 'broken', seq: seq + 1, text: `Rows of the audit after ${seq} are missing.` };
    }
    return { kind: 'intact', rows: seq };
  }
}

function seal(row: Omit<StoredRow, 'hash'>): string {
  const { seq, at, device, name, action, session, detail, previous } = row;
  return createHash('sha256')
    .update(JSON.stringify([seq, at, device, name, action, session, detail, previous]))
    .digest('hex');
}
