import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '../support/free-port.ts';
import { startTerminalHost } from '../support/terminal-host.ts';
import { expect, menuItem, test, windowOf } from './tray-fixture.ts';

test('where a host runs in a terminal already, the window says so, and Try again works once that one is gone', async ({
  start,
  folder,
}) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ relayPort: await findFreePort() }));
  const terminal = startTerminalHost(['--demo', '--data', folder, '--port', String(await findFreePort())]);
  try {
    await terminal.untilPrinted(/\/p#/);
    const app = await start();
    const { page, status, remoteSwitch } = await windowOf(app);
    await expect(page.getByRole('heading', { name: 'Baton is not running' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText(/already|another/i);
    await expect.poll(async () => (await app.tray()).iconPath).toMatch(/offline-(light|dark)\.png$/);
    const refused = { isChecked: false, isEnabled: false };
    await expect.poll(() => menuItem(app, 'Remote control for all sessions')).toEqual(refused);
    await expect(app.clickMenu('Pair a phone…')).rejects.toThrow('disabled');

    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeEnabled();
    await expect(page.getByRole('heading', { name: 'Baton is not running' })).toBeVisible();
    await terminal.quit();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(status).toHaveText(/^Connected to/);
    await expect(remoteSwitch).toBeVisible();
    await expect.poll(async () => (await app.tray()).items[0]?.label).toMatch(/Relay connected/);
  } finally {
    await terminal.quit();
  }
});

test('a port that another Baton has is said with what to do, and Try again works once it is free', async ({
  start,
  folder,
}) => {
  const first = await start({ args: ['--autostart'] });
  await expect.poll(async () => (await first.tray()).items[0]?.label).toMatch(/Relay connected/);
  const dataFolder = join(folder, 'another');
  mkdirSync(dataFolder);
  copyFileSync(join(folder, 'settings.json'), join(dataFolder, 'settings.json'));
  const second = await start({ dataFolder });
  const { page, status } = await windowOf(second);
  await expect(page.getByRole('alert')).toContainText(/Port \d+ on this computer is in use/);
  await first.quit();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(status).toHaveText(/^Connected to/);
});
