/** The relay's one SQLite file: opened, or created, and brought up to date. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { errorCode, RelayStartError } from './start-error.ts';

/** Append-only; `user_version` counts how many have run. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE host (
     id TEXT PRIMARY KEY,
     seen_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX host_by_seen_at ON host (seen_at);
   CREATE TABLE device (
     host TEXT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
     id TEXT NOT NULL,
     PRIMARY KEY (host, id)
   ) STRICT, WITHOUT ROWID;`,
  // A taken letter is a name and a time: its sender is told that the host has it. place: the order in which letters came.
  `ALTER TABLE host ADD COLUMN takes_letters INTEGER NOT NULL DEFAULT 0 CHECK (takes_letters IN (0, 1));
   CREATE TABLE letter (
     place INTEGER PRIMARY KEY AUTOINCREMENT,
     host TEXT NOT NULL REFERENCES host (id) ON DELETE CASCADE,
     device TEXT NOT NULL,
     id TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('kept', 'handed', 'taken')),
     at INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     body BLOB,
     UNIQUE (host, id),
     CHECK ((body IS NULL) = (state = 'taken'))
   ) STRICT;
   CREATE INDEX letter_by_device ON letter (host, device, place);
   CREATE INDEX letter_by_host ON letter (host, place, state, bytes);
   CREATE INDEX letter_by_age ON letter (at);`,
];

/** Another relay may still be closing the file. */
const BUSY_TIMEOUT_MS = 1000;
/** Opens or creates the file, readable by its owner only. Throws `RelayStartError` with a sentence for people. */
export function openRelayDatabase(file: string): Database.Database {
  let database: Database.Database | null = null;
  try {
    makeFolder(dirname(file));
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    // One relay per file: a second one would admit by a list that the first has changed.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // What is forgotten must not linger in a free page.
    database.pragma('secure_delete = ON');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw startError(file, error);
  }
}

/** Not `recursive: true`, with which Node never returns where a folder cannot be made although its parent exists (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  // A drive that is not there has no parent.
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function migrate(database: Database.Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length) {
    throw new RelayStartError(`The database ${database.name} was written by a newer relay; update this one.`);
  }
  const run = database.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.pragma(`user_version = ${MIGRATIONS.length}`);
  });
  // Writes in every case, so that a second relay on the same file finds out here and not at its first visitor.
  run.immediate();
}

function startError(file: string, error: unknown): unknown {
  if (error instanceof RelayStartError) return error;
  const code = errorCode(error);
  const options = { cause: error };
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED') {
    return new RelayStartError(`Another relay uses ${file}; stop it or choose another data folder.`, options);
  }
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return new RelayStartError(
      `${file} is no database of the relay or is damaged; move it away and start again.`,
      options,
    );
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new RelayStartError(`The disk of the data folder ${dirname(file)} is full; free some space.`, options);
  }
  if (
    [
      'EACCES',
      'EPERM',
      'EROFS',
      'ENOTDIR',
      'EEXIST',
      'EISDIR',
      'ENOENT',
      'SQLITE_CANTOPEN',
      'SQLITE_READONLY',
    ].includes(code)
  ) {
    return new RelayStartError(`Cannot write to the data folder ${dirname(file)} (${code}).`, options);
  }
  return error;
}
