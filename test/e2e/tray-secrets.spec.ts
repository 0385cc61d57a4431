import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pairWithTerminal } from '../support/phone-page.ts';
import { startTerminalHost } from '../support/terminal-host.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

const settingsOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as { relayPort: number };

test('the keys of a terminal host move into the keychain once, and a phone that knew them stays paired', async ({
  start,
  folder,
  openPhone,
}) => {
  const prepared = await start({ keyring: 'unavailable' });
  await prepared.quit();
  const { relayPort } = settingsOf(folder);
  const terminal = startTerminalHost(['--demo', '--data', folder, '--port', String(relayPort)]);
  const phone = await openPhone();
  try {
    await pairWithTerminal(phone, terminal, 'My phone');
  } finally {
    await terminal.quit();
  }
  const plain = join(folder, 'keys.json');
  const kept = readFileSync(plain, 'utf8');
  const secret = (JSON.parse(kept) as { noise: { privateKey: string } }).noise.privateKey;

  const app = await start();
  const window = await windowOf(app);
  await window.show('Settings');
  await expect(window.page.getByText('Keys are in the system’s keychain.')).toBeVisible();
  expect(existsSync(plain)).toBe(false);
  const encrypted = readFileSync(join(folder, 'keys.keychain'));
  expect(encrypted.includes(secret)).toBe(false);
  await expect(phone.status).toHaveText(/^Connected · proven/, { timeout: 40_000 });
  await app.quit();

  // The system has changed its key: what lies on disk is encrypted again, and holds the same.
  const rotated = await start({ keyring: 'rotated', args: ['--autostart'] });
  await expect.poll(async () => (await rotated.tray()).items[0]?.label).toMatch(/Relay connected/);
  expect(readFileSync(join(folder, 'keys.keychain')).equals(encrypted)).toBe(false);
  await rotated.quit();
});

test('without a keychain the keys are in a file of this user only, and the settings say so', async ({
  start,
  folder,
}) => {
  const app = await start({ keyring: 'unavailable' });
  const window = await windowOf(app);
  await window.show('Settings');
  await expect(window.page.getByText('Keys are in a plain file.')).toBeVisible();
  await expect(window.page.getByText('This system offers no keychain to Baton.')).toBeVisible();
  expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, 'keys.keychain'))).toBe(false);
});

test('a keychain that only looks like one is not used, and a locked one stops Baton with words, keys untouched', async ({
  start,
  folder,
}) => {
  const basic = await start({ keyring: 'basic-text' });
  const window = await windowOf(basic);
  await window.show('Settings');
  await expect(window.page.getByText('No keyring runs on this desktop.')).toBeVisible();
  expect(existsSync(join(folder, 'keys.keychain'))).toBe(false);
  await basic.quit();

  const moved = await start({ args: ['--autostart'] });
  await expect.poll(async () => (await moved.tray()).items[0]?.label).toMatch(/Relay connected/);
  await moved.quit();
  const encrypted = readFileSync(join(folder, 'keys.keychain'));

  const locked = await start({ keyring: 'refusing' });
  const { page } = await windowOf(locked);
  await expect(page.getByRole('alert')).toContainText('The keychain of this system does not open');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  expect(readFileSync(join(folder, 'keys.keychain')).equals(encrypted)).toBe(true);
  expect(existsSync(join(folder, 'keys.json'))).toBe(false);
});
