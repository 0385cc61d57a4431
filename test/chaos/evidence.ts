/** What is left when all is quiet: read from the files of host and devices and from the agent's journal, not from what they say. */
import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { ReceiptState } from '#protocol/commands.ts';
import type { WireEvent } from '#protocol/events.ts';
import { DeviceStore } from '../support/device/device-store.ts';

export interface SentCommand {
  readonly id: string;
  readonly session: string;
  readonly kind: string;
  readonly body: unknown;
  /** As the device knows it. */
  readonly state: string;
}

export interface DeviceEvidence {
  readonly name: string;
  readonly events: ReadonlyMap<string, readonly WireEvent[]>;
  readonly commands: readonly SentCommand[];
}

export interface HostEvidence {
  readonly events: ReadonlyMap<string, readonly WireEvent[]>;
  /** By id; the receipts as stored. */
  readonly commands: ReadonlyMap<string, ReceiptState>;
}

export interface Evidence {
  readonly host: HostEvidence;
  readonly devices: readonly DeviceEvidence[];
  /** The text of every prompt that an agent began to execute. */
  readonly journal: readonly string[];
  readonly keeperKills: number;
}

export function readHost(file: string): HostEvidence {
  const database = new Database(file, { readonly: true });
  try {
    const rows = database
      .prepare<[], { session: string; seq: number; at: number; kind: string; body: string }>(
        'SELECT session, seq, at, kind, body FROM event ORDER BY session, seq',
      )
      .all();
    const events = new Map<string, WireEvent[]>();
    for (const { session, body, ...event } of rows) {
      const log = events.get(session) ?? [];
      events.set(session, log);
      log.push({ ...event, body: JSON.parse(body) });
    }
    const commands = database.prepare<[], { id: string; state: ReceiptState }>('SELECT id, state FROM command').all();
    return { events, commands: new Map(commands.map(({ id, state }) => [id, state])) };
  } finally {
    database.close();
  }
}

export function readDevice(name: string, file: string): DeviceEvidence {
  const store = new DeviceStore(file);
  try {
    const sessions = store.cursors().map(({ session }) => session);
    return {
      name,
      events: new Map(sessions.map((session) => [session, store.events(session)])),
      commands: store.outbox().map(({ command, state }) => ({ ...command, body: command.body, state })),
    };
  } finally {
    store.close();
  }
}

/** The texts in the journal that the demo agents share. */
export function readJournal(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}
