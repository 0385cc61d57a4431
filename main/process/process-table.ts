/** All processes of this computer that this user may know of, as the system lists them. Read without ever holding up the event loop. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of /proc that are open at once. */
const READS_AT_ONCE = 32;
const PS_OUTPUT_MAX_BYTES = 8 * 1024 * 1024;
const ASK_WINDOWS_WITHIN_MS = 10_000;
/** `USER_HZ`, in which Linux gives times to programs: 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** A process that still runs; a zombie does not. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** The process group; 0 on Windows, which has none. */
  readonly group: number;
  /** Clock ticks from boot to its start; null where the list does not say. */
  readonly startTicks: string | null;
  /** Time that processors spent on it. */
  readonly cpuMs: number;
  /** In memory now, pages that it shares with others included; null where the list does not say. */
  readonly residentBytes: number | null;
}

/** Parses `/proc/<pid>/stat` (proc_pid_stat(5)); null for a zombie or for text that is none. */
export function parseProcessStat(text: string): (ProcessRow & { readonly startTicks: string }) | null {
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const end = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  if (end < 0 || !Number.isSafeInteger(pid)) return null;
  const fields = text.slice(end + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  const [parent, group, userTicks, systemTicks] = [1, 2, 11, 12].map((at) => Number(fields[at]));
  if (state === 'Z' || state === 'X' || startTicks === undefined || !Number.isSafeInteger(group)) return null;
  const cpuMs = (Number(userTicks) + Number(systemTicks)) * TICK_MS;
  return { pid, parent: Number(parent), group: Number(group), startTicks, cpuMs, residentBytes: null };
}

/** Parses the output of `ps -A -o pid=,ppid=,pgid=,stat=,rss=,time=`, as on macOS and the BSDs. */
export function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, state, kibibytes, time] = line.trim().split(/\s+/);
    if (time === undefined || state?.startsWith('Z')) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      startTicks: null,
      cpuMs: parsePsTime(time),
      residentBytes: Number(kibibytes) * 1024,
    };
  });
}

/** `[[dd-]hh:]mm:ss[.ff]` in milliseconds. */
function parsePsTime(text: string): number {
  const [clock = '', days = '0'] = text.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}

const WINDOWS_QUESTION =
  'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.WorkingSetSize) $($_.KernelModeTime) $($_.UserModeTime)" }';

/** Parses what PowerShell answers to that; its times are in units of 100 ns. */
export function parseWindowsProcesses(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const numbers = line.trim().split(' ').map(Number);
    const [pid, parent, residentBytes, kernel, user] = numbers;
    if (numbers.length !== 5 || !numbers.every(Number.isFinite) || user === undefined) return [];
    const cpuMs = Math.round((Number(kernel) + user) / 10_000);
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: 0,
      startTicks: null,
      cpuMs,
      residentBytes: residentBytes ?? null,
    };
  });
}

let reading: Promise<readonly ProcessRow[]> | null = null;
let next: Promise<readonly ProcessRow[]> | null = null;

/**
 * The processes at a moment after this was called. Anyone who asks while the list is being read shares the reading that follows, so that
 * ending twenty agents at once does not read it twenty times. Rejects where the system's own tool cannot be run.
 */
export function readProcessTable(): Promise<readonly ProcessRow[]> {
  if (reading === null) return begin();
  next ??= reading.then(begin, begin);
  return next;
}

function begin(): Promise<readonly ProcessRow[]> {
  next = null;
  const begun = readAll().finally(() => {
    if (reading === begun) reading = null;
  });
  reading = begun;
  return begun;
}

async function readAll(): Promise<readonly ProcessRow[]> {
  if (process.platform === 'linux') return readProc();
  if (process.platform === 'win32') return readWindows();
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,rss=,time='], {
    maxBuffer: PS_OUTPUT_MAX_BYTES,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return parsePs(stdout);
}

async function readProc(): Promise<readonly ProcessRow[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows: ProcessRow[] = [];
  const readSome = async () => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      const row = await readFile(`/proc/${pid}/stat`, 'utf8').then(parseProcessStat, () => null);
      if (row) rows.push(row);
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readSome));
  return rows;
}

async function readWindows(): Promise<readonly ProcessRow[]> {
  const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', WINDOWS_QUESTION], {
    maxBuffer: PS_OUTPUT_MAX_BYTES,
    timeout: ASK_WINDOWS_WITHIN_MS,
    windowsHide: true,
  });
  return parseWindowsProcesses(stdout);
}

/**
 * What a process takes of the memory of this computer. On Linux its proportional share (PSS of `smaps_rollup`), in which a page that
 * several processes share counts once among them all; where that cannot be read, and elsewhere, all that is resident (RSS), in which
 * such a page counts for each of them. Null if the process is gone.
 */
export async function readMemoryBytes(row: ProcessRow): Promise<number | null> {
  if (process.platform !== 'linux') return row.residentBytes;
  const share = await readKibibytes(row.pid, 'smaps_rollup', /^Pss:\s+(\d+) kB$/m);
  return share ?? (await readKibibytes(row.pid, 'status', /^VmRSS:\s+(\d+) kB$/m));
}

async function readKibibytes(pid: number, file: string, pattern: RegExp): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found) * 1024;
}
