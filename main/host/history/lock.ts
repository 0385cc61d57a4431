import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Disposer } from '#lib/disposer.ts';

const LOCK_FILE = 'history.lock';

/**
 * Keeps a second host away from a data folder, or null if one is there already. What holds is the exclusive lock on a small
 * SQLite file, which the kernel lets go of however this process ends; so a lock never has to be judged stale.
 */
export function lockFolder(folder: string): Disposer | null {
  const path = join(folder, LOCK_FILE);
  const file = new Database(path, { timeout: 0 });
  try {
    chmodSync(path, 0o600);
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return null;
    throw error;
  }
  return () => file.close();
}

/** Whether a host has the folder now. Only looks, and is done before a host that starts could notice. Throws as SQLite does. */
export function isFolderLocked(folder: string): boolean {
  const path = join(folder, LOCK_FILE);
  if (!existsSync(path)) return false;
  const file = new Database(path, { readonly: true, timeout: 0 });
  try {
    // Any reading needs a shared lock, which an exclusive one keeps out.
    file.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true;
    throw error;
  } finally {
    file.close();
  }
}
