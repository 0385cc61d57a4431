/** What each session's agent takes of this computer, with everything it started: one look at the list of processes for all of them. */
import { type ProcessRow, readMemoryBytes, readProcessTable } from '#main/process/process-table.ts';

export interface Usage {
  readonly processes: number;
  /** See `readMemoryBytes`: on Linux shared pages count once, elsewhere for each process. */
  readonly memoryBytes: number;
  /** Of one core, since the look before; null at the first. */
  readonly cpuPercent: number | null;
}

/** The agent of a session. `startTime` as `readStartTime` gives it. */
export interface AgentOfSession {
  readonly session: string;
  readonly pid: number;
  readonly startTime: string | null;
}

/** Asked again before this, the last answer is given: shares of a shorter time say little, and Windows is asked at some cost. */
export const LOOK_EVERY_MS = process.platform === 'win32' ? 10_000 : 500;

/** Processor time of each process, by pid and start. */
interface Look {
  readonly at: number;
  readonly cpuMs: ReadonlyMap<string, number>;
}

export type UsageBySession = Readonly<Record<string, Usage>>;

export class ProcessUsage {
  readonly #now: () => number;
  readonly #before = new Map<string, Look>();
  #last: { readonly at: number; readonly sessions: string; readonly answer: Promise<UsageBySession> } | null = null;

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** By session; those whose agent does not run are left out. Rejects where the system does not list its processes. */
  look(agents: readonly AgentOfSession[]): Promise<UsageBySession> {
    const sessions = agents.map(({ session, pid }) => `${session}:${pid}`).join();
    const now = this.#now();
    if (this.#last && this.#last.sessions === sessions && now - this.#last.at < LOOK_EVERY_MS) return this.#last.answer;
    const answer = this.#look(agents);
    this.#last = { at: now, sessions, answer };
    return answer;
  }

  async #look(agents: readonly AgentOfSession[]): Promise<UsageBySession> {
    for (const session of this.#before.keys()) {
      if (!agents.some((agent) => agent.session === session)) this.#before.delete(session);
    }
    if (agents.length === 0) return {};
    const rows = await readProcessTable();
    const at = this.#now();
    const trees = findTrees(rows, agents);
    const usages = await Promise.all(
      [...trees].map(async ([session, members]) => {
        const memory = await Promise.all(members.map(readMemoryBytes));
        const cpuPercent = this.#compareCpu(session, at, members);
        const memoryBytes = memory.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
        return [session, { processes: members.length, memoryBytes, cpuPercent }] as const;
      }),
    );
    return Object.fromEntries(usages);
  }

  /** What ended between two looks is not seen; what began is, as a whole. */
  #compareCpu(session: string, at: number, members: readonly ProcessRow[]): number | null {
    const cpuMs = new Map(members.map((row) => [`${row.pid}@${row.startTicks}`, row.cpuMs]));
    const before = this.#before.get(session);
    this.#before.set(session, { at, cpuMs });
    if (!before || at <= before.at) return null;
    const spentMs = [...cpuMs].reduce((sum, [key, now]) => sum + Math.max(0, now - (before.cpuMs.get(key) ?? 0)), 0);
    return Math.round((spentMs / (at - before.at)) * 1000) / 10;
  }
}

/** The members of each agent's process group and all that descends from them. Another process under an agent's pid is nobody's. */
function findTrees(
  rows: readonly ProcessRow[],
  agents: readonly AgentOfSession[],
): ReadonlyMap<string, readonly ProcessRow[]> {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const owners = new Map<number, string>();
  for (const { session, pid, startTime } of agents) {
    const leader = byPid.get(pid);
    const isStranger =
      leader?.startTicks != null && startTime !== null && !startTime.startsWith(`${leader.startTicks}@`);
    if (!isStranger) owners.set(pid, session);
  }
  const ownerOf = (row: ProcessRow): string | undefined => {
    // Pids are reused in a list that takes a moment to read, so ancestry might be a circle.
    const seen = new Set<number>();
    for (let one: ProcessRow | undefined = row; one && !seen.has(one.pid); one = byPid.get(one.parent)) {
      seen.add(one.pid);
      const owner = owners.get(one.group) ?? owners.get(one.pid);
      if (owner !== undefined) return owner;
    }
    return undefined;
  };
  const trees = new Map<string, ProcessRow[]>();
  for (const row of rows) {
    const owner = ownerOf(row);
    if (owner === undefined) continue;
    const members = trees.get(owner);
    if (members) members.push(row);
    else trees.set(owner, [row]);
  }
  return trees;
}
