import { expect, menuItem, test, windowOf } from './tray-fixture.ts';

test('started at login it stays hidden in the tray; the menu, a second launch and its words bring the window', async ({
  start,
}) => {
  const app = await start({ args: ['--demo', '--autostart'] });
  await expect.poll(async () => (await app.tray()).items[0]?.label).toMatch(/Relay connected, heard/);
  expect(await app.isWindowVisible()).toBe(false);
  const tray = await app.tray();
  expect(tray.items[0]?.isEnabled).toBe(false);
  expect(tray.tooltip).toContain('Remote control is off');
  expect(tray.items.filter(({ type }) => type !== 'separator').map(({ label }) => label)).toEqual([
    tray.items[0]?.label,
    'Remote control for all sessions',
    'Pair a phone…',
    'Open Baton',
    'Start at login',
    'Keep this computer awake while agents work',
    'Quit Baton',
  ]);

  await app.clickMenu('Open Baton');
  const window = await windowOf(app);
  await expect(window.page.getByRole('heading', { name: 'Sessions', level: 1 })).toBeVisible();
  await app.answerNextMessageBox(0);
  await app.closeWindow();
  await expect.poll(() => app.isWindowVisible()).toBe(false);

  await app.launchAgain();
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await app.closeWindow();
  await expect.poll(() => app.isWindowVisible()).toBe(false);

  await app.launchAgain(['--pair']);
  await expect.poll(() => app.isWindowVisible()).toBe(true);
  await expect(window.page.getByRole('heading', { name: 'Pair a phone' })).toBeVisible();
  await app.closeWindow();
  await app.clickMenu('Pair a phone…');
  await expect.poll(() => app.isWindowVisible()).toBe(true);

  await app.launchAgain(['--quit']);
  expect(await app.exited).toBe(0);
});

test('a second launch can turn remote control on and off; turning it on is confirmed all the same', async ({
  start,
}) => {
  const app = await start({ args: ['--autostart'] });
  await expect.poll(async () => (await app.tray()).items[0]?.label).toMatch(/Relay connected/);
  await app.launchAgain(['--remote-on']);
  await expect.poll(async () => (await app.messageBoxes()).length).toBe(1);
  await app.answerNextMessageBox(0);
  const isOn = async () => (await menuItem(app, 'Remote control for all sessions'))?.isChecked;
  await expect.poll(isOn).toBe(true);
  await app.launchAgain(['--remote-off']);
  await expect.poll(isOn).toBe(false);
  expect(await app.isWindowVisible()).toBe(false);
});
