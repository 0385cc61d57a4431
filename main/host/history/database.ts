import { chmodSync, closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { isDiskFull, storageFailure } from '#lib/storage-failure.ts';
import { makeFolder } from '../make-folder.ts';
import { lockFolder } from './lock.ts';
import { migrate } from './migrations.ts';

export const HISTORY_FILE = 'history.db';
/** Up to this size every page is checked when the history is opened; above, only what opening reads anyway. */
export const FULL_CHECK_MAX_BYTES = 32 * 1024 * 1024;
const BUSY_TIMEOUT_MS = 2_000;

/** Why a history cannot be opened, in words for a person. The file is left as it is. */
export interface HistoryRefusal {
  readonly kind: 'refused';
  readonly reason: 'locked' | 'newer' | 'disk-full' | 'unusable';
  readonly text: string;
}
/** `notice`: what a person must be told about how it was opened, such as a damaged file that was set aside. */
export type DatabaseOpened = { kind: 'opened'; database: HistoryDatabase; notice: string | null } | HistoryRefusal;

/** The connection, its transactions, and what waits for them to be committed. */
export class HistoryDatabase {
  readonly connection: Database.Database;
  /** Names this database for ever: a cursor into another one is void. */
  readonly epoch: string;
  readonly #unlock: Disposer;
  readonly #log: Log;
  #afterCommit: (() => void)[] = [];

  constructor(connection: Database.Database, epoch: string, unlock: Disposer, log: Log) {
    this.connection = connection;
    this.epoch = epoch;
    this.#unlock = unlock;
    this.#log = log;
  }

  /** All or nothing. Inside another transaction the work becomes part of that one. */
  transaction<Value>(work: () => Value): Value {
    if (this.connection.inTransaction) return work();
    this.connection.exec('BEGIN IMMEDIATE');
    let value: Value;
    try {
      value = work();
      this.connection.exec('COMMIT');
    } catch (error) {
      this.#afterCommit = [];
      // A full disk makes SQLite roll back by itself.
      if (this.connection.inTransaction) this.connection.exec('ROLLBACK');
      throw error;
    }
    const callbacks = this.#afterCommit;
    this.#afterCommit = [];
    for (const callback of callbacks) {
      try {
        callback();
      } catch (error) {
        this.#log.error('Something that followed a stored change failed', { error });
      }
    }
    return value;
  }

  /** A part of a transaction that is undone if it throws, and nothing else with it. */
  part(work: () => void): void {
    const waiting = this.#afterCommit.length;
    this.connection.exec('SAVEPOINT part');
    try {
      work();
    } catch (error) {
      this.#afterCommit.length = waiting;
      if (this.connection.inTransaction) this.connection.exec('ROLLBACK TO part; RELEASE part');
      throw error;
    }
    this.connection.exec('RELEASE part');
  }

  /** Calls back once what is being written is safe on disk, never if it is rolled back; at once outside a transaction. */
  afterCommit(callback: () => void): void {
    if (this.connection.inTransaction) this.#afterCommit.push(callback);
    else callback();
  }

  /** On disk, with the journal. */
  get bytes(): number {
    const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return sizeOf(this.connection.name) + sizeOf(`${this.connection.name}-wal`);
  }

  get isOpen(): boolean {
    return this.connection.open;
  }

  close(): void {
    if (!this.connection.open) return;
    this.connection.close();
    this.#unlock();
  }
}

/** Opens or makes the history in `folder`, for this process alone. Bugs throw; everything a person can act on is a refusal. */
export function openDatabase(options: { folder: string; now: () => number; log: Log }): DatabaseOpened {
  const { folder, log } = options;
  const path = join(folder, HISTORY_FILE);
  let unlock: Disposer | null = null;
  try {
    makeFolder(folder);
    chmodSync(folder, 0o700);
    unlock = lockFolder(folder);
    if (!unlock) {
      return refuse(
        'locked',
        `Another Baton is already running with the data folder ${folder}. Quit it first, or use another folder.`,
      );
    }
    const first = openFile(path, log);
    if (first.kind === 'newer') {
      unlock();
      return refuse(
        'newer',
        `The history in ${folder} was written by a newer Baton (format ${first.found}; this one knows up to ${first.known}). Update Baton.`,
      );
    }
    if (first.kind === 'opened') return opened(first.connection, unlock, log, null);

    const aside = setAside(path, options.now());
    const second = openFile(path, log);
    if (second.kind !== 'opened') throw new Error('A new history file cannot be read back.');
    const notice = `The history was damaged (${first.text}). It was kept as ${aside}, and a new, empty history was begun.`;
    log.error('The history was damaged and set aside', { aside, text: first.text });
    return opened(second.connection, unlock, log, notice);
  } catch (error) {
    unlock?.();
    const text = storageFailure(error);
    if (text === null) throw error;
    return refuse(isDiskFull(error) ? 'disk-full' : 'unusable', `Failed to open the history in ${folder}: ${text}`);
  }
}

type FileOpened =
  | { kind: 'opened'; connection: Database.Database }
  | { kind: 'newer'; found: number; known: number }
  | { kind: 'damaged'; text: string };

function openFile(path: string, log: Log): FileOpened {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const connection = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Setting it writes, and a damaged file is to be kept as it is.
    if (statSync(path).size === 0) connection.pragma('auto_vacuum = INCREMENTAL');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    if (statSync(path).size <= FULL_CHECK_MAX_BYTES) {
      const found = connection.pragma('quick_check(1)', { simple: true });
      if (found !== 'ok') {
        connection.close();
        return { kind: 'damaged', text: String(found) };
      }
    }
    const migrated = migrate(connection);
    if (migrated.kind === 'newer') {
      connection.close();
      return migrated;
    }
    readEpoch(connection);
    prepareToShrink(connection, log);
    return { kind: 'opened', connection };
  } catch (error) {
    connection.close();
    if (isDamage(error)) return { kind: 'damaged', text: (error as Error).message };
    throw error;
  }
}

/** A history from before sessions could be deleted is written again once, so that its space can be given back bit by bit. */
function prepareToShrink(connection: Database.Database, log: Log): void {
  if (connection.pragma('auto_vacuum', { simple: true }) !== 0) return;
  try {
    connection.pragma('auto_vacuum = INCREMENTAL');
    connection.exec('VACUUM');
  } catch (error) {
    // On a full disk it stays as it is: its free space is used again, but not given back.
    log.warn('The history could not be written again so that it can shrink', { error });
  }
}

function readEpoch(connection: Database.Database): string {
  connection.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?)").run(crypto.randomUUID());
  return connection.prepare<[], string>("SELECT value FROM meta WHERE key = 'epoch'").pluck().get() as string;
}

function opened(connection: Database.Database, unlock: Disposer, log: Log, notice: string | null): DatabaseOpened {
  return { kind: 'opened', database: new HistoryDatabase(connection, readEpoch(connection), unlock, log), notice };
}

function refuse(reason: HistoryRefusal['reason'], text: string): HistoryRefusal {
  return { kind: 'refused', reason, text };
}

/** Renames the file and its journal, so that they can still be repaired together. Returns the new path. */
function setAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  let aside = `${path}.damaged-${stamp}`;
  for (let number = 2; existsSync(aside); number += 1) aside = `${path}.damaged-${stamp}-${number}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/** The file is no database, or no good one. */
export function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code);
}
