/** A host in a terminal with its own relay, in a folder of its own, and phones; all ended and removed after each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { findFreePort } from '../support/free-port.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import { PhonePage } from '../support/phone-page.ts';
import { startTerminalHost, type TerminalHost } from '../support/terminal-host.ts';

interface Fixtures {
  folder: string;
  port: number;
  host: TerminalHost;
  openPhone: () => Promise<PhonePage>;
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
  // A page that is left open dials on, at a port that may be the next test's.
  openPhone: async ({ browser }, use) => {
    const phones: PhonePage[] = [];
    await use(async () => {
      const phone = await PhonePage.open(browser);
      phones.push(phone);
      return phone;
    });
    for (const phone of phones) await phone.close();
  },
});
