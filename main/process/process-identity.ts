/**
 * Which process a pid means. Pids are used again; the pair of pid and kernel start time is not.
 * A host that was killed finds its agents by the pairs it stored and ends what is left of them.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { endGroup, GROUP_DEADLINES, type GroupDeadlines, groupMembers, hasAgentMarker } from './process-group.ts';
import { parseProcessStat } from './process-table.ts';

const run = promisify(execFile);

export interface ProcessIdentity {
  readonly pid: number;
  /** From `readStartTime`; null if it could not be read. */
  readonly startTime: string | null;
}

/**
 * When the process started, as an opaque string that is equal only for the same process: on Linux clock ticks since boot
 * with the id of that boot, on macOS the start date. Null if there is no such process or the system does not say.
 */
export async function readStartTime(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').then(parseProcessStat, () => null);
    return stat && `${stat.startTicks}@${await readBootId()}`;
  }
  if (process.platform === 'win32') return null;
  const started = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  return started === '' ? null : started;
}

async function readBootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => 'unknown-boot',
  );
}

/** Whether `pid` is still the process that had this start time. Without a start time nothing can be said: false. */
export async function isSameProcess(pid: number, startTime: string | null): Promise<boolean> {
  return startTime !== null && (await readStartTime(pid)) === startTime;
}

/**
 * Ends what is left of an agent that a previous host started: its whole group, if the leader is still that process, or if the
 * leader is gone but members of its group remain. Never touches a process that merely got the same pid.
 * Resolves to whether something was ended.
 */
export async function endOrphan(
  identity: ProcessIdentity,
  deadlines: GroupDeadlines = GROUP_DEADLINES,
): Promise<boolean> {
  if (!(await isOurGroup(identity))) return false;
  await endGroup(identity.pid, deadlines);
  return true;
}

async function isOurGroup({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  if (startTime === null || !Number.isSafeInteger(pid) || pid <= 1) return false;
  const found = await readStartTime(pid);
  // A pid is not given out again while a group of that number exists, so another process here means our group is gone.
  if (found !== null) return found === startTime;
  const bootId = startTime.split('@')[1];
  if (process.platform !== 'linux' || bootId !== (await readBootId())) return false;
  // Daemons, too, leave groups without a leader: only the marker proves that this one was an agent's.
  const members = await groupMembers(pid);
  const areMarked = await Promise.all(members.map(hasAgentMarker));
  return areMarked.includes(true);
}
