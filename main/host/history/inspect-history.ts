/** Looks at a history without opening it for use: nothing is made, migrated or set aside, also while another Baton has it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { FULL_CHECK_MAX_BYTES, HISTORY_FILE, isDamage } from './database.ts';
import { isFolderLocked } from './lock.ts';
import { MIGRATIONS } from './migrations.ts';

export interface InspectedDevice {
  readonly name: string;
  readonly lastSeenAt: number | null;
}

export type HistoryInspected =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'good';
      /** By another Baton, that runs now. */
      readonly isHeld: boolean;
      /** Every page was checked; false if it is held or large. */
      readonly isWhole: boolean;
      /** Those that are paired. */
      readonly devices: readonly InspectedDevice[];
    }
  | { readonly kind: 'newer'; readonly found: number; readonly known: number }
  | { readonly kind: 'damaged'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly text: string };

/** Never throws. */
export function inspectHistory(folder: string): HistoryInspected {
  const path = join(folder, HISTORY_FILE);
  if (!existsSync(path)) return { kind: 'none' };
  let connection: Database.Database | null = null;
  try {
    const isHeld = isFolderLocked(folder);
    if (statSync(path).size === 0) return { kind: 'none' };
    connection = new Database(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
    const found = connection.pragma('user_version', { simple: true }) as number;
    if (found > MIGRATIONS.length) return { kind: 'newer', found, known: MIGRATIONS.length };
    const isWhole = !isHeld && statSync(path).size <= FULL_CHECK_MAX_BYTES;
    const verdict = isWhole ? connection.pragma('quick_check(1)', { simple: true }) : 'ok';
    if (verdict !== 'ok') return { kind: 'damaged', text: String(verdict) };
    const devices = connection
      .prepare<[], InspectedDevice>(
        'SELECT name, last_seen_at AS lastSeenAt FROM device WHERE revoked_at IS NULL ORDER BY paired_at, id',
      )
      .all();
    return { kind: 'good', isHeld, isWhole, devices };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return isDamage(error) ? { kind: 'damaged', text } : { kind: 'unreadable', text: `${text}.` };
  } finally {
    connection?.close();
  }
}
