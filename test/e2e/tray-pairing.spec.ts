import { expect, test, windowOf } from './tray-fixture.ts';

test('a phone is paired from the window: code read off the screen, digits compared, Allow clicked', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await expect(window.page.getByText('My phone is paired', { exact: false })).toBeVisible();
  await window.show('Devices');
  const device = window.page.getByRole('listitem', { name: 'My phone' });
  await expect(device).toContainText('Connected · answered');
  await expect(window.page.getByRole('combobox', { name: 'What My phone may do' })).toHaveValue('full');
  await window.show('Activity');
  await expect(window.page.getByText('paired “My phone” (everything)')).toBeVisible();
  expect(phone.problems).toEqual([]);
  expect(app.problems()).toEqual([]);
});

test('the link can be copied instead, and the scope that was chosen holds', async ({ start, openPhone }) => {
  const app = await start({ args: ['--demo', '--pair'] });
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.page.getByRole('button', { name: 'Copy the link instead for pairing' }).click();
  await expect.poll(() => app.clipboard()).toMatch(/\/p#/);
  expect(await window.pairingLink(phone.page)).toBe(await app.clipboard());
  await window.pair(phone, 'Watcher', 'Watch only');
  await expect(phone.page.getByRole('button', { name: 'New session' })).toHaveCount(0);
  await window.show('Devices');
  await expect(window.page.getByRole('combobox', { name: 'What Watcher may do' })).toHaveValue('watch');
});

test('a device that is denied hears so and leaves nothing; one that is revoked in the window hears that', async ({
  start,
  openPhone,
}) => {
  const app = await start();
  const window = await windowOf(app);
  const [stranger, phone] = await Promise.all([openPhone(), openPhone()]);
  await stranger.beginPairing(await window.pairingLink(stranger.page), 'Stranger');
  await window.request('Stranger').getByRole('button', { name: 'Deny' }).click();
  await expect(stranger.page.getByText(/denied/i).first()).toBeVisible();
  await window.show('Devices');
  await expect(window.page.getByText('No device is paired.')).toBeVisible();

  await window.pair(phone, 'My phone');
  await window.show('Devices');
  await window.page.getByRole('button', { name: 'Revoke My phone' }).click();
  await window.page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(phone.page.locator('.status-text')).toHaveText(/access was revoked/);
  await expect(window.page.getByText('No device is paired.')).toBeVisible();
  expect(app.problems()).toEqual([]);
});
