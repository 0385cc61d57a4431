import { expect } from '@playwright/test';
import { scenes } from '../gallery/scenes.ts';
import { test } from './gallery-page.ts';
import { inspect } from './inspect-screen.ts';

test('what is not proven is marked with its age', async ({ gallery: { page, open } }) => {
  await open('home-offline');
  await expect(page.getByText(/This device is offline since/)).toBeVisible();
  await expect(page.getByText('What follows is as of 12 min ago')).toBeVisible();
  await open('home');
  await expect(page.getByText(/Connected · proven \d+ s ago · 38 ms/)).toBeVisible();
  await expect(page.getByText(/What follows is as of/)).toHaveCount(0);
});

test('that the computer can store nothing is said beside its sessions and in each of them', async ({
  gallery: { page, open },
}) => {
  for (const name of ['home-disk-full', 'session-disk-full']) {
    await open(name);
    await expect(
      page.getByText('Studio can store nothing now. The disk is full. Free some space.').last(),
    ).toBeVisible();
  }
  await open('home');
  await expect(page.getByText('can store nothing now')).toHaveCount(0);
});

test('a wide screen shows the list beside the session, and asks each question once', async ({
  gallery: { page, open },
}) => {
  await page.setViewportSize({ width: 1200, height: 800 });
  await open('session-approval');
  await expect(page.getByRole('heading', { name: 'Studio' })).toBeVisible();
  await expect(page.getByRole('feed')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Allow', exact: true })).toHaveCount(1);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every scene fits 360 pixels, has names and large targets, and can be read in the ${colorScheme}`, async ({
    gallery: { page, open },
  }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const name of [...Object.keys(scenes), 'failed']) {
      await open(name);
      expect.soft(await page.evaluate(inspect), name).toEqual([]);
    }
  });
}
