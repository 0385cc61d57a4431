/** What Baton itself takes of this computer, beside its agents. */
import { readMemoryBytes, readProcessTable } from '../process/process-table.ts';

export interface OwnMemory {
  /** This process; see `readMemoryBytes`. */
  readonly host: number;
  /** The process under which the agents run; null if there is none, or the system does not say. */
  readonly keeper: number | null;
}

/** Rejects where the system does not list its processes. */
export async function readOwnMemory(keeperPid: number | null): Promise<OwnMemory> {
  const rows = await readProcessTable();
  const read = async (pid: number | null) => {
    const row = rows.find((one) => one.pid === pid);
    return row ? await readMemoryBytes(row) : null;
  };
  const [host, keeper] = await Promise.all([read(process.pid), read(keeperPid)]);
  return { host: host ?? process.memoryUsage.rss(), keeper };
}
