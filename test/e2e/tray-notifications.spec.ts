import type { App, ShownNotification } from '../support/app/app.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

const shown = async (app: App): Promise<ShownNotification[]> =>
  (await app.notifications()).filter((notification) => notification.isShown);

/** A phone is paired, and the window is out of sight. */
async function pairAndCloseWindow(start: () => Promise<App>, openPhone: () => Promise<PhonePage>) {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await app.answerNextMessageBox(0);
  await app.closeWindow();
  return { app, window, phone };
}

/** Has the agent do what `prompt` says while the session is on nobody's screen: the prompt waits behind a question, answered from the list. */
async function promptUnwatched(phone: PhonePage, prompt: string): Promise<void> {
  await phone.prompt('Show me what you can do');
  await expect(phone.questions.getByRole('group', { name: 'Allow', exact: true })).toBeVisible();
  await phone.prompt(prompt);
  await phone.backToList();
  await phone.allowFromList();
}

test('a question that nobody looks at is notified of; Allow in the notification answers it', async ({
  start,
  openPhone,
}) => {
  const { app, window, phone } = await pairAndCloseWindow(start, openPhone);
  await phone.startSession(/Demo/, 'Asks');

  // On the phone's screen: silent.
  await phone.prompt('Show me what you can do');
  await expect(phone.questions.getByRole('group', { name: 'Allow', exact: true })).toBeVisible();
  await phone.allow();
  await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  expect(await app.notifications()).toEqual([]);

  // In nobody's sight: a notification, with actions where it says all that is asked.
  await promptUnwatched(phone, 'many approvals 1');
  const body = 'Pretend step 1 of 1';
  const said = async () => (await shown(app)).filter(({ title }) => title === '“Asks” waits for you').at(-1);
  await expect.poll(async () => (await said())?.body).toBe(body);
  const all = await app.notifications();
  const index = all.findLastIndex((one) => one.body === body);
  expect(all[index]?.actions).toEqual(['Allow', 'Deny']);
  await expect.poll(async () => (await app.tray()).iconPath).toMatch(/waiting-(light|dark)\.png$/);
  await app.actOnNotification(index, 0);
  await expect.poll(async () => (await shown(app)).map(({ title }) => title)).toContain('“Asks” has finished');
  await app.launchAgain();
  await window.show('Activity');
  await expect(window.page.getByText(/^This computer allowed “Pretend step/).first()).toBeVisible();
});

test('a question of which a notification cannot show all is not answered from there', async ({ start, openPhone }) => {
  const { app, phone } = await pairAndCloseWindow(start, openPhone);
  await phone.startSession(/Demo/, 'Edits');
  await promptUnwatched(phone, 'Show me that again');
  await expect.poll(async () => (await shown(app)).map(({ title }) => title)).toContain('“Edits” waits for you');
  const [question] = (await shown(app)).filter(({ title }) => title === '“Edits” waits for you');
  expect(question).toMatchObject({ actions: [], body: expect.stringContaining('Open Baton to see all of it.') });
});

test('a click on a notification opens the window at what it is about; answered elsewhere, it goes', async ({
  start,
  openPhone,
}) => {
  const { app, window, phone } = await pairAndCloseWindow(start, openPhone);
  await phone.startSession(/Demo/, 'Asks twice');
  await promptUnwatched(phone, 'many approvals 2');
  await expect.poll(async () => (await shown(app)).length).toBe(2);
  await app.actOnNotification(0, 'click');
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await expect(window.page.getByRole('heading', { name: 'Asks twice', level: 1 })).toBeVisible();
  await expect(window.questions.getByRole('article', { name: /Pretend step/ })).toHaveCount(2);

  await phone.openSession('Asks twice');
  await phone.allow();
  await phone.allow();
  await expect(phone.page.locator('.session-head').getByText('Idle')).toBeVisible();
  await expect.poll(async () => (await shown(app)).filter(({ title }) => title.includes('waits'))).toEqual([]);
});

test('a phone that asks to be paired is notified of while the window is out of sight; switched off, nothing is', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const [phone, other] = await Promise.all([openPhone(), openPhone()]);
  await app.answerNextMessageBox(0);
  const link = await window.pairingLink(phone.page);
  await app.closeWindow();
  await phone.beginPairing(link, 'Newcomer');
  await expect.poll(async () => (await shown(app)).map(({ title }) => title)).toEqual(['“Newcomer” asks to be paired']);
  await app.actOnNotification(0, 'click');
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await expect(window.page.getByRole('heading', { name: 'A phone asks to be paired' })).toBeVisible();
  await window.request('Newcomer').getByRole('button', { name: 'Deny' }).click();
  await expect(window.request('Newcomer')).toHaveCount(0);

  await window.show('Settings');
  await window.page.getByRole('switch', { name: 'Notifications' }).click();
  await expect(window.page.getByRole('switch', { name: 'Notifications' })).toHaveAttribute('aria-checked', 'false');
  const again = await window.pairingLink(other.page);
  await app.closeWindow();
  await other.beginPairing(again, 'Another');
  await app.clickMenu('Open Baton');
  await expect(window.request('Another')).toBeVisible();
  expect(await app.notifications()).toHaveLength(1);
});
