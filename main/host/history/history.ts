import type { Log } from '#lib/log.ts';
import { AgentOutputStore } from './agent-output-store.ts';
import { ApprovalStore } from './approval-store.ts';
import { Audit } from './audit.ts';
import { CommandStore } from './command-store.ts';
import { type HistoryDatabase, type HistoryRefusal, openDatabase } from './database.ts';
import { DeviceStore } from './device-store.ts';
import { EventLog } from './event-log.ts';
import { HistoryDeletion } from './history-deletion.ts';
import { Search } from './search.ts';
import { SessionStore } from './session-store.ts';

/** Everything that is kept in one data folder, behind one connection. */
export interface History {
  readonly database: HistoryDatabase;
  /** Names the database for ever. */
  readonly epoch: string;
  readonly events: EventLog;
  readonly search: Search;
  readonly sessions: SessionStore;
  readonly commands: CommandStore;
  readonly approvals: ApprovalStore;
  readonly agentOutput: AgentOutputStore;
  readonly devices: DeviceStore;
  readonly audit: Audit;
  readonly deletion: HistoryDeletion;
  /** Lets go of the file and the folder's lock. */
  close(): void;
}

/** `notice`: to be told to the person, e.g. that a damaged file was set aside. */
export type HistoryOpened = { kind: 'opened'; history: History; notice: string | null } | HistoryRefusal;

/** Opens or makes the history in `folder`. Expected failures (in use, newer, disk full, no access) are refusals with words. */
export function openHistory(options: { folder: string; now: () => number; log: Log }): HistoryOpened {
  const { now, log } = options;
  const opened = openDatabase(options);
  if (opened.kind === 'refused') return opened;
  const { database, notice } = opened;
  const history: History = {
    database,
    epoch: database.epoch,
    events: new EventLog(database, now, log),
    search: new Search(database),
    sessions: new SessionStore(database, now),
    commands: new CommandStore(database, now, log),
    approvals: new ApprovalStore(database, now),
    agentOutput: new AgentOutputStore(database),
    devices: new DeviceStore(database, now),
    audit: new Audit(database, now),
    deletion: new HistoryDeletion(database, now, log),
    close: () => database.close(),
  };
  return { kind: 'opened', history, notice };
}
