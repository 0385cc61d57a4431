import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../support/app/app.ts';
import { expect, menuItem, test, windowOf } from './tray-fixture.ts';

const ITEM = 'Start at login';
const ROOT = join(import.meta.dirname, '../..');

test('start at login writes an entry that is right, shows what the system says, and removes it', async ({
  start,
  folder,
}) => {
  const app = await start();
  const window = await windowOf(app);
  await window.show('Settings');
  const shown = window.page.getByRole('switch', { name: 'Start at login' });
  await expect(shown).toHaveAttribute('aria-checked', 'false');
  expect(await app.loginItem()).toBeNull();

  await app.clickMenu(ITEM);
  await expect.poll(async () => (await app.loginItem()) !== null).toBe(true);
  await expect(shown).toHaveAttribute('aria-checked', 'true');
  expect(await menuItem(app, ITEM)).toEqual({ isChecked: true, isEnabled: true });
  const entry = await requireEntry(app);
  expect(readEntry(entry.text)).toMatchObject({
    Type: 'Application',
    Name: 'Baton',
    Terminal: 'false',
    Exec: `${readFileSync(`/proc/${app.pid}/cmdline`, 'utf8').split('\0')[0]} ${ROOT} --data ${folder} --autostart`,
  });
  expect(existsSync(readEntry(entry.text).TryExec ?? '')).toBe(true);
  validate(entry.file);

  await shown.click();
  await expect(shown).toHaveAttribute('aria-checked', 'false');
  expect(await app.loginItem()).toBeNull();
  await expect.poll(async () => (await menuItem(app, ITEM))?.isChecked).toBe(false);
});

test('an entry that somebody removed or disabled by hand is shown as it is when the window is looked at again', async ({
  start,
}) => {
  const app = await start();
  const window = await windowOf(app);
  await window.show('Settings');
  const shown = window.page.getByRole('switch', { name: 'Start at login' });
  await shown.click();
  await expect(shown).toHaveAttribute('aria-checked', 'true');
  const { file, text } = await requireEntry(app);
  await app.answerNextMessageBox(0);

  writeFileSync(file, text.replace('X-GNOME-Autostart-enabled=true', 'X-GNOME-Autostart-enabled=false'));
  await app.closeWindow();
  await app.launchAgain();
  await expect(shown).toHaveAttribute('aria-checked', 'false');
  await expect.poll(async () => (await menuItem(app, ITEM))?.isChecked).toBe(false);

  await app.clickMenu(ITEM);
  await expect(shown).toHaveAttribute('aria-checked', 'true');
  rmSync(file);
  await app.closeWindow();
  await app.launchAgain();
  await expect(shown).toHaveAttribute('aria-checked', 'false');
});

async function requireEntry(app: App): Promise<{ file: string; text: string }> {
  const entry = await app.loginItem();
  if (entry === null) throw new Error('There is no entry.');
  return entry;
}

/** The keys of the one group; throws at a line that the specification does not allow. */
function readEntry(text: string): Record<string, string> {
  const [group, ...lines] = text.trimEnd().split('\n');
  expect(group).toBe('[Desktop Entry]');
  const keys: Record<string, string> = {};
  for (const line of lines) {
    const match = /^([A-Za-z0-9-]+)=(.*)$/.exec(line);
    if (!match?.[1] || match[2] === undefined) throw new Error(`No line of a desktop entry: ${line}`);
    keys[match[1]] = match[2];
  }
  return keys;
}

/** By the desktop's own program, where it is installed. */
function validate(file: string): void {
  if (spawnSync('desktop-file-validate', ['--help']).error) return;
  expect(execFileSync('desktop-file-validate', [file], { encoding: 'utf8' })).toBe('');
}
