import type { AgentMode } from '#protocol/events.ts';
import type { SessionState } from '#protocol/messages.ts';
import type { HistoryDatabase } from './database.ts';

/** Where a title comes from; a later one in this list is never replaced by an earlier one. */
export type TitleFrom = 'folder' | 'prompt' | 'agent' | 'person';

/** What is known of a session besides its log. */
export interface SessionRecord {
  readonly id: string;
  readonly agent: string;
  readonly agentName: string;
  readonly folder: string;
  readonly title: string;
  readonly titleFrom: TitleFrom;
  readonly state: SessionState;
  /** Since when it is in that state. */
  readonly since: number;
  readonly detail: string;
  /** The command whose turn runs. */
  readonly turn: string | null;
  /** The agent's own id of the conversation; null before the first start. */
  readonly agentSession: string | null;
  readonly canResume: boolean;
  /** The agent's process, as long as it may be alive. */
  readonly process: { readonly pid: number; readonly startTime: string | null } | null;
  readonly mode: string | null;
  readonly modes: AgentMode[];
  /** The mode a person asked for last. */
  readonly chosenMode: string | null;
  readonly isRemote: boolean;
  readonly createdAt: number;
}

export type NewSession = Pick<SessionRecord, 'id' | 'agent' | 'agentName' | 'folder' | 'title' | 'titleFrom' | 'state'>;

interface SessionRow {
  id: string;
  agent: string;
  agent_name: string;
  folder: string;
  title: string;
  title_from: TitleFrom;
  state: SessionState;
  since: number;
  detail: string;
  turn: string | null;
  agent_session: string | null;
  can_resume: number;
  pid: number | null;
  start_time: string | null;
  mode: string | null;
  modes: string;
  chosen_mode: string | null;
  is_remote: number;
  created_at: number;
}

/** Sessions that are being deleted are not there for anybody. */
export class SessionStore {
  readonly #now: () => number;
  readonly #statements;

  constructor(database: HistoryDatabase, now: () => number) {
    this.#now = now;
    const db = database.connection;
    this.#statements = {
      add: db.prepare(
        `INSERT INTO session (id, agent, agent_name, folder, title, title_from, state, since, created_at)
         VALUES (@id, @agent, @agentName, @folder, @title, @titleFrom, @state, @now, @now)`,
      ),
      get: db.prepare<[string], SessionRow>('SELECT * FROM session WHERE id = ? AND is_deleted = 0'),
      list: db.prepare<[], SessionRow>('SELECT * FROM session WHERE is_deleted = 0 ORDER BY created_at, id'),
      shown: db.prepare<[number], SessionRow>(
        `SELECT * FROM session WHERE is_deleted = 0 ORDER BY state = 'ended', CASE WHEN state = 'ended' THEN -since ELSE 0 END, created_at DESC LIMIT ?`,
      ),
      ids: db.prepare<[], string>('SELECT id FROM session WHERE is_deleted = 0 ORDER BY created_at, id').pluck(),
      count: db.prepare<[], number>('SELECT count(*) FROM session WHERE is_deleted = 0').pluck(),
      running: db.prepare<[], { session: string; pid: number; startTime: string | null }>(
        'SELECT id AS session, pid, start_time AS startTime FROM session WHERE pid IS NOT NULL ORDER BY id',
      ),
      countOpen: db
        .prepare<[], number>("SELECT count(*) FROM session WHERE state <> 'ended' AND is_deleted = 0")
        .pluck(),
      setState: db.prepare(
        'UPDATE session SET since = iif(state = @state, since, @now), state = @state, detail = @detail WHERE id = @id',
      ),
      setTitle: db.prepare('UPDATE session SET title = ?, title_from = ? WHERE id = ?'),
      setTurn: db.prepare('UPDATE session SET turn = ? WHERE id = ?'),
      setAgentSession: db.prepare('UPDATE session SET agent_session = ?, can_resume = ? WHERE id = ?'),
      setProcess: db.prepare('UPDATE session SET pid = ?, start_time = ? WHERE id = ?'),
      setMode: db.prepare('UPDATE session SET mode = ?, modes = ? WHERE id = ?'),
      chooseMode: db.prepare('UPDATE session SET chosen_mode = ? WHERE id = ?'),
      setRemote: db.prepare('UPDATE session SET is_remote = ? WHERE id = ?'),
      folders: db.prepare<[], { path: string; lastUsedAt: number }>(
        'SELECT folder AS path, max(created_at) AS lastUsedAt FROM session WHERE is_deleted = 0 GROUP BY folder ORDER BY lastUsedAt DESC',
      ),
    };
  }

  add(session: NewSession): void {
    this.#statements.add.run({ ...session, now: this.#now() });
  }

  get(id: string): SessionRecord | null {
    const row = this.#statements.get.get(id);
    return row ? toRecord(row) : null;
  }

  /** All sessions, oldest first. */
  list(): SessionRecord[] {
    return this.#statements.list.all().map(toRecord);
  }

  /** As `list`, the ids only. */
  ids(): string[] {
    return this.#statements.ids.all();
  }

  count(): number {
    return this.#statements.count.get() ?? 0;
  }

  /** At most `limit`: open ones before ended ones, newest first. */
  shown(limit: number): SessionRecord[] {
    return this.#statements.shown.all(limit).map(toRecord);
  }

  /** Sessions whose agent may be alive, with its process. */
  running(): { session: string; pid: number; startTime: string | null }[] {
    return this.#statements.running.all();
  }

  countOpen(): number {
    return this.#statements.countOpen.get() ?? 0;
  }

  setState(id: string, state: SessionState, detail: string): void {
    this.#statements.setState.run({ id, state, detail, now: this.#now() });
  }

  setTitle(id: string, title: string, from: TitleFrom): void {
    this.#statements.setTitle.run(title, from, id);
  }

  setTurn(id: string, command: string | null): void {
    this.#statements.setTurn.run(command, id);
  }

  setAgentSession(id: string, agentSession: string, canResume: boolean): void {
    this.#statements.setAgentSession.run(agentSession, canResume ? 1 : 0, id);
  }

  setProcess(id: string, process: SessionRecord['process']): void {
    this.#statements.setProcess.run(process?.pid ?? null, process?.startTime ?? null, id);
  }

  setMode(id: string, mode: string, modes: readonly AgentMode[]): void {
    this.#statements.setMode.run(mode, JSON.stringify(modes), id);
  }

  chooseMode(id: string, mode: string): void {
    this.#statements.chooseMode.run(mode, id);
  }

  setRemote(id: string, isRemote: boolean): boolean {
    return this.#statements.setRemote.run(isRemote ? 1 : 0, id).changes > 0;
  }

  /** Folders in which a session was ever begun, the one used last first. */
  folders(): { path: string; lastUsedAt: number }[] {
    return this.#statements.folders.all();
  }
}

function toRecord(row: SessionRow): SessionRecord {
  return {
    id: row.id,
    agent: row.agent,
    agentName: row.agent_name,
    folder: row.folder,
    title: row.title,
    titleFrom: row.title_from,
    state: row.state,
    since: row.since,
    detail: row.detail,
    turn: row.turn,
    agentSession: row.agent_session,
    canResume: row.can_resume === 1,
    process: row.pid === null ? null : { pid: row.pid, startTime: row.start_time },
    mode: row.mode,
    modes: JSON.parse(row.modes) as AgentMode[],
    chosenMode: row.chosen_mode,
    isRemote: row.is_remote === 1,
    createdAt: row.created_at,
  };
}
