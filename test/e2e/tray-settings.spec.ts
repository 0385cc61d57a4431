import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRelay } from '#relay/relay.ts';
import { findFreePort } from '../support/terminal-host.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

test('another relay is tested, moved to and left again; a phone is paired through each', async ({
  start,
  openPhone,
  folder,
}) => {
  const relay = await createRelay({
    host: '127.0.0.1',
    port: 0,
    publicOrigins: [],
    databaseFile: join(folder, 'other-relay.db'),
    phoneFolder: join(import.meta.dirname, '../../dist/phone'),
    log: () => {},
  });
  try {
    const app = await start();
    const window = await windowOf(app);
    const { page } = window;
    await window.show('Settings');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.locator('.test.good')).toContainText('Round trip');

    await page.getByRole('radio', { name: /on a server/ }).check();
    const address = page.getByRole('textbox', { name: 'Address of the relay' });
    await address.fill(`http://127.0.0.1:${await findFreePort()}`);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.locator('.test.bad')).toContainText('Connection failed:');
    const origin = `http://127.0.0.1:${relay.port}`;
    await address.fill(origin);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.locator('.test.good')).toContainText('Round trip');

    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
    await expect(window.status).toHaveText(new RegExp(`^Connected to 127.0.0.1:${relay.port}`));
    const phone = await openPhone();
    await window.pair(phone, 'Through another');
    expect(phone.page.url()).toContain(origin);

    await window.show('Settings');
    await page.getByRole('radio', { name: /^Baton’s own/ }).check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByRole('dialog')).toContainText('1 device is paired through the relay of today');
    await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
    await expect(window.status).toHaveText(/^Connected to Baton’s own relay/);
    await window.pair(await openPhone(), 'Through our own');
    expect(app.problems()).toEqual([]);
  } finally {
    await relay.stop({ graceful: false });
  }
});

test('history is exported to the file that was chosen, then deleted, and the activity stays', async ({
  start,
  folder,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const { page } = window;
  await window.startSession(/Demo/, 'Kept');
  await window.startSession(/Demo/, 'Over');
  await (await window.openSession('Over')).getByRole('button', { name: 'End session' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
  await expect(page.getByRole('list', { name: 'Open sessions' }).getByText('Over')).toHaveCount(0);

  await window.show('Settings');
  await app.answerNextSaveDialog(null);
  await page.getByRole('button', { name: 'Export …' }).click();
  await expect(page.getByRole('button', { name: 'Export …' })).toBeEnabled();
  const file = join(folder, 'export.jsonl');
  await app.answerNextSaveDialog(file);
  await page.getByRole('button', { name: 'Export …' }).click();
  await expect(page.getByText(`2 sessions were written to ${file}.`)).toBeVisible();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  for (const line of lines) JSON.parse(line);
  expect(lines.join()).toContain('"Kept"');

  await page.getByRole('button', { name: 'Ended sessions …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 session' }).click();
  await expect(page.getByText('1 session was deleted.')).toBeVisible();
  await page.getByRole('button', { name: 'Everything …' }).click();
  const everything = page.getByRole('dialog').getByRole('button', { name: 'Delete everything' });
  await expect(everything).toBeDisabled();
  await page.getByRole('dialog').getByRole('textbox').fill('delete');
  await everything.click();
  await expect(page.getByText('1 session was deleted.')).toBeVisible();
  await window.show('Sessions');
  await expect(page.getByText('No session yet.')).toBeVisible();
  await window.show('Activity');
  await expect(page.getByText('This computer deleted the whole history')).toBeVisible();
  await page.getByRole('button', { name: 'Load older' }).or(page.getByText('That is all')).first().waitFor();
  await expect(page.getByText('started a session with', { exact: false }).first()).toBeVisible();
});

test('how long agents may work on without Baton is chosen in the window, kept in the file, and read from it', async ({
  start,
  folder,
}) => {
  const file = join(folder, 'settings.json');
  const stored = () => (JSON.parse(readFileSync(file, 'utf8')) as { keepAgentsHours: number }).keepAgentsHours;
  writeFileSync(file, JSON.stringify({ relayPort: await findFreePort(), keepAgentsHours: 36 }));
  const app = await start();
  const window = await windowOf(app);
  await window.show('Settings');
  const choice = window.page
    .getByRole('region', { name: 'This computer' })
    .getByRole('combobox', { name: 'Agents may work on without Baton for' });
  await expect(choice.locator('option:checked')).toHaveText('36 hours');
  await choice.selectOption('12 hours');
  await expect.poll(stored).toBe(12);
  await expect(choice.locator('option:checked')).toHaveText('12 hours');
  await expect(choice.locator('option', { hasText: '36 hours' })).toHaveCount(0);
  expect(app.problems()).toEqual([]);
});

test('what leads outside opens a fixed https address, and the data folder opens in the file manager', async ({
  start,
  folder,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const { page } = window;
  await window.show('Settings');
  await page.getByText('How to get one').click();
  await page.getByRole('button', { name: 'About tailscale serve' }).click();
  await expect.poll(() => app.opened()).toHaveLength(1);
  expect((await app.opened())[0]).toMatch(/^https:\/\/tailscale\.com\//);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect.poll(async () => (await app.opened())[1]).toBe(folder);
  expect(existsSync(folder)).toBe(true);
});
