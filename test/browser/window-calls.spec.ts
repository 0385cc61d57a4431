import { expect, type Page } from '@playwright/test';
import { onHost, onMain, test } from './gallery-page.ts';

test.use({ frontEnd: 'window', viewport: { width: 760, height: 640 } });

const REFUSED = 'The history could not be written: the disk is full.';

const made = (page: Page, prefix: string) =>
  onMain(
    page,
    (main, start) => main.calls.filter(({ channel }) => !channel.startsWith('window') && channel.startsWith(start)),
    prefix,
  );

test.describe('a call that fails says why where it was made', () => {
  test('on the sessions page: a switch, an answer, a new session', async ({ gallery: { page, open } }) => {
    await open('sessions-failing');
    const card = page.getByRole('article', { name: 'Run a command in checkout' });
    await card.getByRole('button', { name: 'Yes', exact: true }).click();
    await expect(card.getByRole('alert')).toContainText(REFUSED);
    await expect(card.getByRole('button', { name: 'Yes', exact: true })).toHaveAttribute('aria-disabled', 'false');
    await page.getByRole('button', { name: 'New session' }).click();
    const sheet = page.getByRole('dialog', { name: 'New session' });
    await sheet.getByRole('button', { name: 'Choose a folder' }).click();
    await expect(sheet.getByRole('alert')).toContainText(REFUSED);
    await sheet.getByRole('button', { name: 'Start session' }).click();
    await expect(sheet.getByRole('alert').last()).toContainText(REFUSED);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: /^Write the release notes/ }).click();
    const control = page.getByRole('switch', { name: 'Remote control of Write the release notes' });
    await control.click();
    await expect(page.getByRole('alert')).toContainText(REFUSED);
    await expect(control).toHaveAttribute('aria-checked', 'true');
  });

  test('on the other pages', async ({ gallery: { page, open } }) => {
    await open('devices-failing');
    const device = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Pixel 8' }) });
    await device.getByRole('combobox').selectOption('Watch only');
    await expect(device.getByRole('alert')).toContainText(REFUSED);
    await expect(device.getByRole('combobox')).toHaveValue('full');
    await open('activity-failing');
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByRole('alert')).toContainText(REFUSED);
    await open('settings-failing');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Relay', exact: true }).getByRole('alert')).toContainText(REFUSED);
    await expect(page.getByRole('switch', { name: 'Start at login' })).toBeDisabled();
    await expect(page.getByText('Keys are in a plain file.')).toBeVisible();
  });

  test('even if the bridge itself breaks, and a bridge that never answers is said to be slow', async ({
    gallery: { page, open },
  }) => {
    await page.clock.install();
    await open('activity');
    await onMain(page, (main) => {
      main.call = () => Promise.reject(new Error('No handler registered'));
    });
    await page.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByRole('alert')).toContainText('Baton did not answer (No handler registered)');
    await onMain(page, (main) => {
      main.call = () => new Promise(() => undefined);
    });
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.clock.runFor(9000);
    await expect(page.getByText('Still reading every row …')).toBeVisible();
  });
});

test.describe('what cannot be taken back is asked for first', () => {
  test('revoking one device, and all of them', async ({ gallery: { page, open } }) => {
    await open('devices');
    await page.getByRole('button', { name: 'Revoke Pixel 8' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await made(page, 'device')).toEqual([]);
    await page.getByRole('button', { name: 'Revoke Pixel 8' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.getByRole('button', { name: 'Revoke all devices' }).click();
    expect((await made(page, 'device')).map(({ channel }) => channel)).toEqual(['device.revoke']);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke all 2' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect((await made(page, 'device')).map(({ channel }) => channel)).toEqual(['device.revoke', 'device.revoke-all']);
  });

  test('deleting everything needs a typed word, and Enter alone does nothing', async ({ gallery: { page, open } }) => {
    await open('settings');
    await page.getByRole('button', { name: 'Everything …' }).click();
    const sheet = page.getByRole('dialog', { name: 'Delete all history?' });
    const field = sheet.getByRole('textbox');
    await expect(sheet.getByRole('button', { name: 'Delete everything' })).toBeDisabled();
    await field.fill('delet');
    await field.press('Enter');
    expect(await made(page, 'history')).toEqual([]);
    await field.fill('Delete');
    await field.press('Enter');
    await expect(page.getByText('2 sessions were deleted.')).toBeVisible();
    expect(await made(page, 'history')).toEqual([{ channel: 'history.delete', argument: { what: 'all' } }]);
  });

  test('moving to another relay warns of the devices that have to be paired again', async ({
    gallery: { page, open },
  }) => {
    await open('settings');
    const relay = page.getByRole('region', { name: 'Relay', exact: true });
    const field = relay.getByRole('textbox', { name: 'Address of the relay' });
    await expect(relay.getByRole('button', { name: 'Apply' })).toBeDisabled();
    await field.fill('http://other.example');
    await relay.getByRole('button', { name: 'Apply' }).click();
    await expect(relay.getByRole('alert')).toContainText('must begin with https://');
    await field.fill('other.example:8443');
    await field.press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Move to this relay?' });
    await expect(sheet).toContainText('https://other.example:8443');
    await expect(sheet).toContainText('2 devices are paired through the relay of today');
    expect(await made(page, 'relay.set')).toEqual([]);
    await sheet.getByRole('button', { name: 'Move' }).click();
    await expect(sheet).toHaveCount(0);
    expect(await made(page, 'relay.set')).toEqual([
      { channel: 'relay.set', argument: { address: 'https://other.example:8443', publicUrl: null } },
    ]);
  });
});

test('a test of the relay shows how long it runs, then every step and what is wrong', async ({
  gallery: { page, open },
}) => {
  await open('settings-testing');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText(/of at most 30 s/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Testing …' })).toBeDisabled();
  await open('settings-test-failed');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('The certificate of relay.example has expired.')).toBeVisible();
  await expect(page.locator('.test-steps li')).toHaveCount(4);
  await expect(page.locator('.test-steps li').last()).toContainText('Encryption failed');
});

test('a session is started with the agent that was chosen and the folder of the system’s dialog', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  await page.getByRole('button', { name: 'New session' }).click();
  const sheet = page.getByRole('dialog', { name: 'New session' });
  await sheet.getByRole('radio', { name: 'Codex' }).check();
  await sheet.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(sheet.getByRole('textbox', { name: /^Path/ })).toHaveValue('/home/ada/code/chosen');
  await sheet.getByRole('textbox', { name: /^Title/ }).fill('  Tidy up ');
  await sheet.getByRole('textbox', { name: /^Title/ }).press('Enter');
  await expect(sheet).toHaveCount(0);
  expect(await onHost(page, (host) => host.calls.value)).toEqual([
    { call: 'session.new', detail: { agent: 'codex', folder: '/home/ada/code/chosen', title: 'Tidy up' } },
  ]);
});

test('how long agents may work on without Baton is chosen from a list, in which the number of the file has a place', async ({
  gallery: { page, open },
}) => {
  await open('settings-own');
  const choice = page.getByRole('combobox', { name: 'Agents may work on without Baton for' });
  await expect(choice).toHaveAccessibleDescription(/^After a crash, an update, or a quit/);
  await expect(choice.locator('option')).toHaveText([
    '1 hour',
    '4 hours',
    '12 hours',
    '1 day',
    '36 hours',
    '3 days',
    '1 week',
  ]);
  await expect(choice.locator('option:checked')).toHaveText('36 hours');
  await choice.selectOption('3 days');
  await expect(choice.locator('option:checked')).toHaveText('3 days');
  await expect(choice.locator('option')).toHaveCount(6);
  expect(await made(page, 'settings')).toEqual([{ channel: 'settings.set', argument: { keepAgentsHours: 72 } }]);
});

test('a custom agent is added as a program and its arguments', async ({ gallery: { page, open } }) => {
  await open('settings');
  await page.getByRole('button', { name: 'Add an agent of your own' }).click();
  const sheet = page.getByRole('dialog', { name: 'Add an agent' });
  await sheet.getByRole('textbox', { name: 'Name' }).fill('House agent');
  await sheet.getByRole('textbox', { name: 'Command' }).fill('"/opt/my agent" --acp "two words');
  await sheet.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(sheet.getByRole('alert')).toContainText('is opened and not closed');
  await sheet.getByRole('textbox', { name: 'Command' }).fill('"/opt/my agent" --acp "two words"');
  await sheet.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(sheet).toHaveCount(0);
  expect(await made(page, 'agent.add')).toEqual([
    {
      channel: 'agent.add',
      argument: { id: 'house-agent-2', name: 'House agent', command: '/opt/my agent', args: ['--acp', 'two words'] },
    },
  ]);
});

test('a host that does not run is said so, with a way to try again and to quit', async ({
  gallery: { page, open },
}) => {
  await open('refusal');
  await expect(page.getByRole('alert')).toContainText('Another Baton uses');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Quit Baton' }).click();
  expect((await made(page, 'app')).map(({ channel }) => channel)).toEqual(['app.retry', 'app.quit']);
});

test('first steps: what to install, with commands; then a relay; then pairing; dismissed ones stay away', async ({
  gallery: { page, open },
}) => {
  await open('sessions-no-agent');
  await expect(page.getByRole('article', { name: 'Install an agent' })).toContainText('opencode-ai');
  await page.getByRole('button', { name: 'Copy npm install -g opencode-ai@1.18.33' }).click();
  expect(await made(page, 'clipboard')).toEqual([
    { channel: 'clipboard.write', argument: { text: 'npm install -g opencode-ai@1.18.33' } },
  ]);
  await page.getByRole('button', { name: 'Try the demo agent' }).click();
  await expect(page.getByRole('radio', { name: 'Demo agent' })).toBeChecked();
  await open('sessions-first');
  await page.getByRole('button', { name: 'Dismiss: Let phones reach this computer' }).click();
  await expect(page.getByRole('article', { name: 'Let phones reach this computer' })).toHaveCount(0);
  await expect(page.getByRole('article', { name: 'Pair your phone' })).toBeVisible();
});
