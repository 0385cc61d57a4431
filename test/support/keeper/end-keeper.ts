import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isAlive, keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import { signalIfRunning } from '../chaos/processes.ts';

/** Ends the keeper of a host that was killed, and its agents: they are meant to outlive the host, not the test. */
export async function endKeeper(dataFolder: string): Promise<void> {
  const state = readState(keeperPathsIn(join(dataFolder, 'keeper')));
  if (!state || !(await isAlive(state))) return;
  signalIfRunning(state.pid, 'SIGTERM');
  while (await isAlive(state)) await nextTurn();
}
