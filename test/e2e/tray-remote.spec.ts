import { expect, menuItem, test, untilAsked, windowOf } from './tray-fixture.ts';

const SWITCH = 'Remote control for all sessions';

test('turning remote control on for all is confirmed once by the app itself; declined, it stays off everywhere', async ({
  start,
}) => {
  const app = await start();
  const window = await windowOf(app);
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'false');
  await expect.poll(() => menuItem(app, SWITCH)).toEqual({ isChecked: false, isEnabled: true });
  await app.clickMenu(SWITCH);
  expect(await untilAsked(app)).toBe('Turn on remote control for all sessions?');
  await app.answerNextMessageBox(1);
  await expect.poll(() => menuItem(app, SWITCH)).toEqual({ isChecked: false, isEnabled: true });
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'false');

  await window.remoteSwitch.click();
  await untilAsked(app, 2);
  await app.answerNextMessageBox(0);
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'true');
  await expect.poll(async () => (await menuItem(app, SWITCH))?.isChecked).toBe(true);

  await app.clickMenu(SWITCH);
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'false');
  await app.clickMenu(SWITCH);
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'true');
  expect(await app.messageBoxes()).toHaveLength(2);
  expect(app.problems()).toEqual([]);
});

test('the switch in the tray is seen in the window, by a paired phone, and after a restart', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await phone.startSession(/Demo/, 'On and off');
  await phone.backToList();
  await expect(phone.page.getByRole('link', { name: /On and off/ })).toBeVisible();
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'true');

  await app.clickMenu(SWITCH);
  await expect(phone.page.getByText('Remote control is off.')).toBeVisible();
  await expect(phone.page.getByRole('link', { name: /On and off/ })).toHaveCount(0);
  await expect(window.remoteSwitch).toHaveAttribute('aria-checked', 'false');
  await expect.poll(async () => (await app.tray()).iconPath).toMatch(/off-(light|dark)\.png$/);
  await window.show('Activity');
  await expect(window.page.getByText('turned remote control off for all sessions').first()).toBeVisible();
  await app.quit();

  const again = await start({ args: ['--autostart'] });
  await expect.poll(() => menuItem(again, SWITCH)).toEqual({ isChecked: false, isEnabled: true });
  await expect(phone.status).toHaveText(/^Connected · proven/, { timeout: 40_000 });
  await expect(phone.page.getByText('Remote control is off.')).toBeVisible();

  await again.clickMenu(SWITCH);
  await expect(phone.page.getByRole('link', { name: /On and off/ })).toBeVisible();
  await expect.poll(async () => (await again.tray()).iconPath).toMatch(/connected-(light|dark)\.png$/);
});
