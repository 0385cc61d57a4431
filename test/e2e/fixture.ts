/** A host in a terminal with its own relay, in a folder of its own; ended and removed after each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import { findFreePort, startTerminalHost, type TerminalHost } from '../support/terminal-host.ts';

interface Fixtures {
  folder: string;
  port: number;
  host: TerminalHost;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are needed from this pattern.
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-e2e-'));
    await use(folder);
    await endKeeper(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  port: async ({}, use) => use(await findFreePort()),
  host: async ({ folder, port }, use) => {
    const host = startTerminalHost(['--demo', '--data', folder, '--port', String(port)]);
    await use(host);
    await host.quit();
  },
});
