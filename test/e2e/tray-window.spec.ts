import { DESKTOP_WITHOUT_TRAY, expect, test, untilAsked, windowOf } from './tray-fixture.ts';

test('closing the window hides it, says once where Baton is, and the sessions go on', async ({ start }) => {
  const app = await start();
  const window = await windowOf(app);
  await window.startSession(/Demo/, 'Goes on');
  await app.closeWindow();
  expect(await untilAsked(app)).toBe('Baton goes on without its window');
  await app.answerNextMessageBox(0);
  await expect.poll(() => app.isWindowVisible()).toBe(false);
  await app.launchAgain();
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await expect(window.session('Goes on')).toContainText('Idle');
  await app.closeWindow();
  await expect.poll(() => app.isWindowVisible()).toBe(false);
  expect(await app.messageBoxes()).toHaveLength(1);
});

test('where no tray is known, closing asks: Cancel keeps the window, letting it go on hides it, Quit quits', async ({
  start,
}) => {
  const app = await start({ env: DESKTOP_WITHOUT_TRAY });
  const window = await windowOf(app);
  await window.show('Settings');
  await expect(window.page.getByText('Your desktop may show no tray icon')).toBeVisible();
  await app.closeWindow();
  expect(await untilAsked(app)).toBe('Close the window and let Baton go on?');
  await app.answerNextMessageBox(2);
  await app.closeWindow();
  await untilAsked(app, 2);
  expect(await app.isWindowVisible()).toBe(true);
  await app.answerNextMessageBox(0);
  await expect.poll(() => app.isWindowVisible()).toBe(false);
  await app.launchAgain();
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await window.page.getByRole('button', { name: 'Quit Baton' }).click();
  expect(await app.exited).toBe(0);
});

test('without a tray, Quit in that question ends Baton', async ({ start }) => {
  const app = await start({ env: DESKTOP_WITHOUT_TRAY });
  await app.window();
  await app.closeWindow();
  await untilAsked(app);
  await app.answerNextMessageBox(1);
  expect(await app.exited).toBe(0);
});

test('a page that breaks down is replaced by another, which shows what goes on', async ({ start }) => {
  const app = await start();
  const window = await windowOf(app);
  await window.startSession(/Demo/, 'Survives');
  const session = await window.page.context().newCDPSession(window.page);
  const isGone = window.page.waitForEvent('crash');
  // The page that is asked to break down does not answer.
  session.send('Page.crash').catch(() => {});
  await isGone;
  await expect.poll(async () => (await app.window()) !== window.page).toBe(true);
  const next = await windowOf(app);
  await expect(next.session('Survives')).toContainText('Idle');
});
