import { expect } from '@playwright/test';
import { onMain, test } from './gallery-page.ts';

test.use({ frontEnd: 'window', viewport: { width: 760, height: 640 } });

test('the status line leads to the checks, which begin at once and say in one sentence what is wrong', async ({
  gallery: { page, open },
}) => {
  await open('doctor-wrong');
  await page.getByRole('tab', { name: /Sessions/ }).click();
  expect(await onMain(page, (main) => main.made('doctor.run').length)).toBe(0);
  await page.getByRole('button', { name: 'What is wrong?' }).click();
  const section = page.getByRole('region', { name: 'Check everything' });
  await expect(section).toBeFocused();
  await expect(section.getByRole('status')).toContainText('; sign in to the network, or use the address');
  await expect(section.getByRole('listitem')).toHaveCount(17);
  await expect(section.getByRole('listitem').filter({ hasText: 'is wrong:' })).toHaveCount(2);
  await expect(section.getByRole('listitem').filter({ hasText: 'was not checked:' }).first()).toContainText('Clock');
  await section.getByRole('button', { name: 'Check again' }).click();
  await expect.poll(() => onMain(page, (main) => main.made('doctor.run').length)).toBe(2);
});

test('while no host runs the checks are there as well', async ({ gallery: { page, open } }) => {
  await open('doctor-refusal');
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByRole('status')).toContainText('sign in to the network');
});

test('while it looks it says so, and cannot be asked twice', async ({ gallery: { page, open } }) => {
  await open('doctor-looking');
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByRole('button', { name: 'Checking …' })).toBeDisabled();
  await expect(page.getByText(/\d+ of at most 60 s/)).toBeVisible();
});
