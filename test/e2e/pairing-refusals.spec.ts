import { expect } from '@playwright/test';
import { pairWithTerminal } from '../support/phone-page.ts';
import { test } from './fixture.ts';

test('a code works once: the second browser is told so, and what to do', async ({ openPhone, host }) => {
  const [first, second] = await Promise.all([openPhone(), openPhone()]);
  const link = (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/))[0];
  await pairWithTerminal(first, host, 'First');
  await second.page.goto(link);
  await second.page.getByRole('button', { name: 'Connect' }).click();
  await expect(second.page.getByRole('heading', { level: 1 })).toContainText(/code/i);
  await expect(second.page.getByText(/Scan the one that the computer shows now/)).toBeVisible();
});

test('a denied browser is told so, and nothing of it is stored', async ({ openPhone, host }) => {
  const phone = await openPhone();
  const link = (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/))[0];
  const from = host.output().length;
  await phone.beginPairing(link, 'Stranger');
  // The phone has its digits first.
  await host.untilPrinted(/digits:/, from);
  host.press('n');
  await expect(phone.page.getByText(/denied/i).first()).toBeVisible();
  host.press('d');
  await host.untilPrinted(/No device is paired/);
});

test('the secret leaves the address bar at once', async ({ openPhone, host }) => {
  const phone = await openPhone();
  const link = (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/))[0];
  await phone.page.goto(link);
  await expect(phone.page.getByLabel('Name of this device')).toBeVisible();
  expect(phone.page.url()).not.toContain('#');
  expect(await phone.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
});

test('a link that was cut short is refused with words', async ({ openPhone, host }) => {
  const phone = await openPhone();
  const link = (await host.untilPrinted(/https?:\/\/\S+\/p#\S+/))[0];
  await phone.page.goto(link.slice(0, -20));
  await expect(phone.page.getByRole('heading', { name: 'This is no pairing code' })).toBeVisible();
});
