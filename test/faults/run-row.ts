/** Sets the stage for one row, plays it, and clears the stage whatever came of it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { play } from './play.ts';
import type { Outcome, Row } from './row.ts';
import { Stage } from './stage.ts';

export async function runRow(
  row: Row,
  options: { browser: Browser; launch: () => Promise<Browser>; folder: string; isKept: boolean },
): Promise<Outcome> {
  const { browser, folder, isKept } = options;
  const nothing = {
    row: row.name,
    pageSaid: '',
    terminalSaid: '',
    noticedMs: null,
    recoveredMs: null,
    falseMs: 0,
    lost: 0,
    twice: 0,
  };
  mkdirSync(folder, { recursive: true });
  const disk = row.diskMib === undefined ? null : mountDisk(join(folder, 'disk'), row.diskMib);
  if (disk?.isMounted === false) {
    // Only the superuser of Linux may mount; `test/integration/full-disk.test.ts` covers what is left.
    return { ...nothing, pageSaid: 'not run: no disk of its own could be mounted', problems: [] };
  }
  let stage: Stage | null = null;
  let hasFailed = true;
  const own = row.hasOwnBrowser ? await options.launch() : null;
  try {
    stage = await Stage.begin({
      browser: own ?? browser,
      folder,
      ...row.stage,
      ...(disk && { dataFolder: join(disk.path, 'host') }),
    });
    const outcome = await play(row, stage);
    hasFailed = outcome.problems.length > 0;
    return outcome.problems.length === 0
      ? outcome
      : { ...outcome, problems: [...outcome.problems, `Files: ${folder}`] };
  } catch (error) {
    return {
      ...nothing,
      problems: [error instanceof Error ? `${error.message}: ${String(error.cause ?? '')}` : String(error)],
    };
  } finally {
    await stage?.end();
    await own?.close();
    if (disk?.isMounted) spawnSync('umount', ['-l', disk.path]);
    if (!hasFailed && !isKept) rmSync(folder, { recursive: true, force: true });
  }
}

function mountDisk(path: string, mib: number): { path: string; isMounted: boolean } {
  mkdirSync(path, { recursive: true });
  if (process.platform !== 'linux') return { path, isMounted: false };
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'baton-faults', path]);
  return { path, isMounted: status === 0 };
}
