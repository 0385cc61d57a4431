import type { HistoryDatabase } from './database.ts';

/** How far the output of a session's agent is in the log. */
export interface AgentOutput {
  /** The agent's name with the keeper. */
  readonly agent: string;
  readonly readFrom: number;
  readonly seen: number;
  readonly state: string;
}

interface OutputRow {
  agent: string;
  read_from: number;
  seen: number;
  state: string;
}

export class AgentOutputStore {
  readonly #database: HistoryDatabase;
  readonly #statements;
  /** The state that is stored, so that a large one is not written again with every step. */
  readonly #states = new Map<string, string>();

  constructor(database: HistoryDatabase) {
    this.#database = database;
    const db = database.connection;
    this.#statements = {
      get: db.prepare<[string], OutputRow>('SELECT agent, read_from, seen, state FROM agent_output WHERE session = ?'),
      any: db.prepare<[], number>('SELECT 1 FROM agent_output LIMIT 1').pluck(),
      put: db.prepare(
        `INSERT INTO agent_output (session, agent, read_from, seen, state) VALUES (@session, @agent, @readFrom, @seen, @state)
         ON CONFLICT (session) DO UPDATE SET agent = @agent, read_from = @readFrom, seen = @seen, state = @state`,
      ),
      move: db.prepare(
        'UPDATE agent_output SET read_from = @readFrom, seen = @seen WHERE session = @session AND agent = @agent',
      ),
      remove: db.prepare('DELETE FROM agent_output WHERE session = ?'),
    };
  }

  get(session: string): AgentOutput | null {
    const row = this.#statements.get.get(session);
    return row ? { agent: row.agent, readFrom: row.read_from, seen: row.seen, state: row.state } : null;
  }

  /** Whether a previous host has left any agent running. */
  hasAny(): boolean {
    return this.#statements.any.get() !== undefined;
  }

  put(session: string, { agent, readFrom, seen, state }: AgentOutput): void {
    const isSame = this.#states.get(session) === agent + state;
    const statement = isSame ? this.#statements.move : this.#statements.put;
    const { changes } = statement.run(
      isSame ? { session, agent, readFrom, seen } : { session, agent, readFrom, seen, state },
    );
    if (changes === 0) this.#statements.put.run({ session, agent, readFrom, seen, state });
    // If the transaction fails, what is stored is still the previous one.
    this.#database.afterCommit(() => this.#states.set(session, agent + state));
  }

  /** The agent is gone, or another one begins. */
  remove(session: string): void {
    this.#states.delete(session);
    this.#statements.remove.run(session);
  }
}
