/** Everything that a host reads in its data folder, as plain JSON: what the old version saw, to be compared with what this one sees. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** What is asked of a history: the least that both versions have. */
interface ReadableHistory {
  readonly epoch: string;
  readonly sessions: { list(): readonly { readonly id: string }[] };
  readonly events: {
    after(session: string, seq: number, limit: number): unknown[];
    last(session: string): number;
    blob(session: string, id: string): string | null;
  };
  readonly approvals: { get(id: string): unknown; pending(): unknown[] };
  readonly commands: { get(id: string): object | null; body(id: string): unknown; queue(session: string): unknown[] };
  readonly devices: { list(): readonly object[] };
  readonly agentOutput: { get(session: string): unknown };
  readonly audit: { newest(limit: number): unknown[]; verify(): unknown };
  readonly search: { newest(query: string, options: { limit: number }): unknown[] };
}

export interface ComputerRecord {
  readonly epoch: string;
  readonly settings: unknown;
  readonly sessions: readonly { readonly id: string; readonly title: string; readonly state: string }[];
  /** By session. */
  readonly events: Readonly<Record<string, readonly { seq: number; at: number; kind: string; body: unknown }[]>>;
  readonly queues: Readonly<Record<string, readonly { id: string; text: string }[]>>;
  readonly agentOutput: Readonly<Record<string, unknown>>;
  readonly blobs: readonly { session: string; id: string; sha256: string }[];
  readonly approvals: readonly { approval: string; state: string; outcome: string | null }[];
  readonly pending: readonly unknown[];
  readonly commands: readonly { id: string; kind: string; state: string; body: unknown }[];
  readonly devices: readonly { id: string; name: string; scope: string; revokedAt: number | null }[];
  /** Newest first. */
  readonly audit: readonly { action: string }[];
  readonly verdict: unknown;
  /** By the words that were looked for. */
  readonly found: Readonly<Record<string, readonly unknown[]>>;
}

/** More than the fixture has of anything. */
const ALL = 100_000;
const LOOKED_FOR = ['greeting', 'queue', 'demo agent script', 'nowhere to be found'];

/** Reads through the stores of a history that is open on `dataFolder`; the file itself only says which ids there are. */
export function recordComputer(dataFolder: string, history: ReadableHistory, settings: unknown): ComputerRecord {
  const ids = readIds(join(dataFolder, 'history.db'));
  const sessions = history.sessions.list();
  const bySession = <T>(read: (id: string) => T) => Object.fromEntries(sessions.map(({ id }) => [id, read(id)]));
  const record = {
    epoch: history.epoch,
    settings,
    sessions,
    events: bySession((id) => history.events.after(id, 0, Math.max(1, history.events.last(id)))),
    queues: bySession((id) => history.commands.queue(id)),
    agentOutput: bySession((id) => history.agentOutput.get(id)),
    blobs: ids.blobs.map(({ session, id }) => ({ session, id, sha256: hash(history.events.blob(session, id)) })),
    approvals: ids.approvals.map((id) => history.approvals.get(id)),
    pending: history.approvals.pending(),
    commands: ids.commands.map((id) => ({ ...history.commands.get(id), body: history.commands.body(id) })),
    devices: history.devices.list(),
    audit: history.audit.newest(ALL),
    verdict: history.audit.verify(),
    found: Object.fromEntries(LOOKED_FOR.map((words) => [words, history.search.newest(words, { limit: 50 })])),
  };
  return JSON.parse(JSON.stringify(record, (_key, value) => (isBytes(value) ? toHex(value) : value)));
}

function readIds(file: string): { blobs: { session: string; id: string }[]; approvals: string[]; commands: string[] } {
  const database = new Database(file, { readonly: true });
  try {
    const ids = (table: string) => database.prepare<[], string>(`SELECT id FROM ${table} ORDER BY id`).pluck().all();
    const blobs = database.prepare<[], { session: string; id: string }>('SELECT session, id FROM blob ORDER BY 1, 2');
    return { blobs: blobs.all(), approvals: ids('approval'), commands: ids('command') };
  } finally {
    database.close();
  }
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const hash = (text: string | null) => createHash('sha256').update(String(text)).digest('hex');
