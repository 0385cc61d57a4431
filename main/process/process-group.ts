/**
 * The processes of one group, and how to end them all. An agent is started as the leader of its own group, so what it
 * starts (a native agent, shells, compilers) can be found and ended even after the agent itself is gone.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readProcessTable } from './process-table.ts';

const run = promisify(execFile);

/** From SIGTERM to SIGKILL. */
export const SIGKILL_AFTER_MS = 5_000;
/** From SIGKILL until we stop waiting; only a process stuck in the kernel survives this. */
export const GONE_AFTER_SIGKILL_MS = 3_000;
const GROUP_POLL_MS = 40;

/** Set in the environment of every agent, so that what is left of one can be told from a stranger's processes. */
export const AGENT_MARKER = 'BATON_AGENT_PROCESS';

/** Pids of the living members of a process group. Linux and macOS; elsewhere there are no groups and none is found. */
export async function groupMembers(group: number): Promise<number[]> {
  if (process.platform === 'win32') return [];
  return (await readProcessTable()).filter((row) => row.group === group).map(({ pid }) => pid);
}

/** Whether this process was started by Baton as (part of) an agent. False when that cannot be known. */
export async function hasAgentMarker(pid: number): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').some((entry) => entry.startsWith(`${AGENT_MARKER}=`));
}

/** Sends a signal to every member of the group; false if there is none left that may be signalled. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  // Never 0 or 1: `kill(-1)` would signal every process of the user.
  if (!Number.isSafeInteger(group) || group <= 1) throw new RangeError(`${group} is not a process group of an agent.`);
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // ESRCH: none left. EPERM: only members that changed their user are left, which we may not end.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

export interface GroupDeadlines {
  readonly sigkillAfterMs: number;
  readonly goneAfterSigkillMs: number;
}

export const GROUP_DEADLINES: GroupDeadlines = {
  sigkillAfterMs: SIGKILL_AFTER_MS,
  goneAfterSigkillMs: GONE_AFTER_SIGKILL_MS,
};

/**
 * SIGTERM, then SIGKILL to the whole group, each with its deadline. Resolves to whether all members are gone.
 * On Windows, which has no groups, the process tree is ended at once.
 */
export async function endGroup(group: number, deadlines: GroupDeadlines = GROUP_DEADLINES): Promise<boolean> {
  if (process.platform === 'win32') {
    await run('taskkill', ['/pid', String(group), '/t', '/f']).catch(() => undefined);
    return true;
  }
  if (await isGroupGoneWithin(group, 0)) return true;
  signalGroup(group, 'SIGTERM');
  if (await isGroupGoneWithin(group, deadlines.sigkillAfterMs)) return true;
  signalGroup(group, 'SIGKILL');
  return isGroupGoneWithin(group, deadlines.goneAfterSigkillMs);
}

async function isGroupGoneWithin(group: number, milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds;
  for (;;) {
    // Quick, but a zombie that nobody has waited for counts as a member; only the list of processes tells.
    if (isNumberFree(group) || (await groupMembers(group)).length === 0) return true;
    if (performance.now() >= until) return false;
    await wait(GROUP_POLL_MS);
  }
}

/** Whether the kernel knows no group of this number at all. */
function isNumberFree(group: number): boolean {
  try {
    process.kill(-group, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
