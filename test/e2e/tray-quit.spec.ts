import { descendantsOf, isRunning } from '../support/app/process-state.ts';
import { expect, test, untilAsked, windowOf } from './tray-fixture.ts';

test('quit asks while an agent works: staying changes nothing, Quit ends everything and the phone says so', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await window.show('Sessions');
  await phone.startSession(/Demo/, 'Busy');
  await phone.prompt('slow 60');
  await expect(phone.page.getByText('Second 1 of 60.')).toBeVisible();

  await app.clickMenu('Quit Baton');
  expect(await untilAsked(app)).toBe('An agent is working. Quit all the same?');
  await app.answerNextMessageBox(1);
  await window.page.getByRole('button', { name: 'Quit Baton' }).click();
  await untilAsked(app, 2);
  expect((await app.messageBoxes())[1]?.detail).toContain('“Busy”');
  await app.answerNextMessageBox(1);
  await expect(phone.page.getByText('Second 2 of 60.', { exact: false })).toBeVisible();
  await expect(window.session('Busy')).toContainText('Working');

  const processes = [app.pid, ...descendantsOf(app.pid)];
  expect(processes.length).toBeGreaterThan(1);
  const from = performance.now();
  await app.clickMenu('Quit Baton');
  await untilAsked(app, 3);
  await app.answerNextMessageBox(0);
  expect(await app.exited).toBe(0);
  console.log(`Quit with a working agent: ${Math.round(performance.now() - from)} ms`);
  expect(processes.filter(isRunning)).toEqual([]);
  await phone.backToList();
  await expect(phone.status).toHaveText(/^Baton was quit on the computer/);
  await expect(phone.page.getByRole('link', { name: /Busy/ })).not.toContainText('Working');
});

test('quit does not ask when no agent works, and after a restart the session is there to be resumed', async ({
  start,
}) => {
  const app = await start();
  const window = await windowOf(app);
  await window.startSession(/Demo/, 'Comes back');
  await app.clickMenu('Quit Baton');
  expect(await app.exited).toBe(0);
  expect(await app.messageBoxes()).toEqual([]);

  const again = await start();
  const after = await windowOf(again);
  const sheet = await after.openSession('Comes back');
  await sheet.getByRole('button', { name: 'Resume' }).click();
  await expect(after.session('Comes back')).toContainText('Idle');
});

test('the system that ends the app with SIGTERM is not kept waiting by a question', async ({ start, openPhone }) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await window.show('Sessions');
  await phone.startSession(/Demo/, 'Cut short');
  await phone.prompt('slow 60');
  await expect(window.session('Cut short')).toContainText('Working');
  process.kill(app.pid, 'SIGTERM');
  expect(await app.exited).toBe(0);
  expect(await app.messageBoxes()).toEqual([]);
  await phone.backToList();
  await expect(phone.status).toHaveText(/^Baton was quit on the computer/);
});
