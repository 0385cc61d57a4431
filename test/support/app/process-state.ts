/** How a process of the test is doing, as the system says. */
import { execFileSync } from 'node:child_process';

const LOOK_EVERY_MS = 5;
const GIVE_UP_AFTER_MS = 5000;

/** Resolves once the process stands still after SIGSTOP. */
export async function untilStopped(pid: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  while (!stateOf(pid).startsWith('T')) {
    if (performance.now() > giveUpAt) throw new Error(`The process ${pid} did not stop.`);
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, LOOK_EVERY_MS);
    await promise;
  }
}

function stateOf(pid: number): string {
  return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim();
}

/** Pids of everything that `pid` has started, and that these have. */
export function descendantsOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const children = (parent: number): number[] =>
    rows.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...children(child)]);
  return children(pid);
}

/** Whether it still runs; one that has ended and that nobody has asked about does not. */
export function isRunning(pid: number): boolean {
  try {
    const state = stateOf(pid);
    return state !== '' && !state.startsWith('Z');
  } catch {
    return false;
  }
}
