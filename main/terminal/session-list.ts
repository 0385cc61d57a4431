/** Sessions in a terminal, with what each takes of the computer. */
import { setTimeout as wait } from 'node:timers/promises';
import type { SessionSummary } from '../../protocol/messages.ts';
import { describeAge } from '../host/age.ts';
import type { Host } from '../host/host.ts';
import { toPlainLine } from '../host/plain-line.ts';
import { LOOK_EVERY_MS, type Usage, type UsageBySession } from '../host/sessions/process-usage.ts';

/** As many as there are keys for. */
export const LISTED_SESSIONS_MAX = 9;

export interface ListedSession {
  readonly session: SessionSummary;
  readonly usage: Usage | undefined;
}

/** What takes most memory first. Looks twice: a share of the processor is one between two looks. */
export async function listSessions({
  supervisor,
  usage,
}: Pick<Host, 'supervisor' | 'usage'>): Promise<ListedSession[]> {
  let used: UsageBySession = await usage();
  if (Object.values(used).some(({ cpuPercent }) => cpuPercent === null)) {
    await wait(LOOK_EVERY_MS);
    used = await usage();
  }
  return supervisor
    .state()
    .sessions.filter(({ state }) => state !== 'ended')
    .map((session) => ({ session, usage: used[session.id] }))
    .sort((a, b) => (b.usage?.memoryBytes ?? 0) - (a.usage?.memoryBytes ?? 0));
}

/** Pure. "“Fix the tests” · Claude Code · working for 3 min · 4 processes, 312 MB, 4 % of one core" */
export function describeListed({ session, usage }: ListedSession, now: number): string {
  const { title, agentName, state, since } = session;
  // Titles are an agent's or a stranger's words.
  return `“${toPlainLine(title)}” · ${toPlainLine(agentName)} · ${state} for ${describeAge(Math.max(1000, now - since))} · ${describeUsage(usage)}`;
}

function describeUsage(usage: Usage | undefined): string {
  if (!usage || usage.processes === 0) return 'no process runs';
  const { processes, memoryBytes, cpuPercent } = usage;
  const cpu = cpuPercent === null ? '' : `, ${Math.round(cpuPercent)} % of one core`;
  return `${processes} ${processes === 1 ? 'process' : 'processes'}, ${Math.round(memoryBytes / 1_000_000)} MB${cpu}`;
}
