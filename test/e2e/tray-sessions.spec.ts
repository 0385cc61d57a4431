import { join } from 'node:path';
import { allowButton } from '../support/read-question.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

test('a session is started, renamed and ended from the window; its folder is chosen in the system’s dialog', async ({
  start,
  folder,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const { page } = window;
  await window.show('Sessions');
  await page.getByRole('button', { name: 'New session' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('radio', { name: /Demo/ }).check();
  const demo = join(folder, 'demo');
  await app.answerNextOpenDialog([demo]);
  await sheet.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(sheet.getByRole('textbox', { name: /^Path/ })).toHaveValue(demo);
  await sheet.getByRole('textbox', { name: /^Title/ }).fill('First');
  await sheet.getByRole('button', { name: 'Start session' }).click();
  await expect(window.session('First')).toContainText('Idle');
  // The process tree of the agent is measured while the window is looked at.
  await expect(window.session('First').locator('.numbers')).toContainText(/MB/);

  // It is open already, with the place to write in focus.
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeFocused();
  const menu = await window.openSessionMenu();
  await menu.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Second');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { name: 'Second' })).toBeVisible();
  await window.openSessionMenu();
  await page.getByRole('button', { name: 'End session' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
  await expect(page.getByText('No session is open.')).toBeVisible();

  // It stays open, and so the list of ended ones does too.
  await expect(window.session('Second').getByRole('link')).toHaveAttribute('aria-current', 'page');
  const ended = await window.openSessionMenu();
  await expect(ended).toContainText('No process is running');
  // An end is an end: only a session whose agent is gone by itself, or with Baton, can be resumed.
  await expect(ended.getByRole('button', { name: 'Resume' })).toHaveCount(0);
  expect(app.problems()).toEqual([]);
});

test('one session can be kept from phones while the others are seen', async ({ start, openPhone }) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await window.startSession(/Demo/, 'Seen');
  await window.startSession(/Demo/, 'Private');
  await expect(phone.page.getByRole('link', { name: /Private/ })).toBeVisible();
  const remote = window.page.getByRole('switch', { name: 'Remote control of Private' });
  await remote.click();
  await expect(remote).toHaveAttribute('aria-checked', 'false');
  await expect(phone.page.getByRole('link', { name: /Private/ })).toHaveCount(0);
  await expect(phone.page.getByRole('link', { name: /Seen/ })).toBeVisible();

  await window.openSession('Seen');
  const menu = await window.openSessionMenu();
  await menu.getByRole('button', { name: 'Open on phone' }).click();
  const link = await window.page.getByRole('dialog').locator('code').innerText();
  await phone.page.goto(link);
  await expect(phone.page.getByRole('heading', { name: 'Seen' })).toBeVisible();
});

test('a question is answered in the window, and the activity says by whom', async ({ start, openPhone }) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await phone.startSession(/Demo/, 'Asks');
  await phone.prompt('Show me what you can do');
  await window.show('Sessions');
  await expect(window.session('Asks')).toContainText('open on My phone');
  const card = window.page.getByRole('article', { name: /Edit/ });
  await (await allowButton(card)).click();
  await expect(card).toHaveCount(0);
  await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  await window.show('Activity');
  await expect(window.page.getByText(/^This computer allowed “Edit/)).toBeVisible();
  await expect(window.page.getByText('My phone sent a prompt')).toBeVisible();
});
