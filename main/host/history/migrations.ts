import type { Database } from 'better-sqlite3';
import { firstTables } from './migrations/0001-first-tables.ts';
import { deletion } from './migrations/0002-deletion.ts';
import { agentOutput } from './migrations/0003-agent-output.ts';
import { signingDevices } from './migrations/0004-signing-devices.ts';

/** In order; the version of a history is how many of them it has had. Append only. */
export const MIGRATIONS: readonly string[] = [firstTables, deletion, agentOutput, signingDevices];

export type Migrated = { kind: 'migrated'; from: number; to: number } | { kind: 'newer'; found: number; known: number };

/** Brings the tables up to date, all pending steps in one transaction. Leaves a history of a newer Baton as it is. */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): Migrated {
  const from = db.pragma('user_version', { simple: true }) as number;
  const to = migrations.length;
  if (from > to) return { kind: 'newer', found: from, known: to };
  if (from < to) {
    db.transaction(() => {
      for (const step of migrations.slice(from)) db.exec(step);
      db.pragma(`user_version = ${to}`);
    }).exclusive();
  }
  return { kind: 'migrated', from, to };
}
