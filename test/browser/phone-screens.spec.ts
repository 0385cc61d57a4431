import { expect } from '@playwright/test';
import { scenes } from '../gallery/scenes.ts';
import { onHost, test } from './gallery-page.ts';
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

test('a link that is tapped the moment it is drawn opens its session without loading the page again', async ({
  gallery: { page, open },
}) => {
  await page.addInitScript(() => {
    if (location.protocol === 'about:') return;
    sessionStorage.setItem('loads', String(Number(sessionStorage.getItem('loads')) + 1));
    const observer = new MutationObserver(() => {
      const link = document.querySelector<HTMLElement>('a[href^="/s/"]');
      if (!link) return;
      observer.disconnect();
      link.click();
    });
    observer.observe(document, { subtree: true, childList: true });
  });
  await open('home');
  await expect(page.getByRole('feed')).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.getItem('loads'))).toBe('1');
});

test('a wide screen shows the list beside the session, and asks each question once', async ({
  gallery: { page, open },
}) => {
  await page.setViewportSize({ width: 1200, height: 800 });
  await open('session-approval');
  await expect(page.getByRole('heading', { name: 'Studio' })).toBeVisible();
  await expect(page.getByRole('feed')).toBeVisible();
  await expect(page.getByRole('group', { name: 'Allow', exact: true })).toHaveCount(1);
});

test('an answer is not offered to a device that may only watch, nor to one whose access was revoked', async ({
  gallery: { page, open },
}) => {
  await open('session-watch');
  await expect(page.getByText('This device may only watch. Answer on the computer')).toBeVisible();
  await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveCount(0);
  await open('home-revoked');
  await expect(page.getByText('It cannot be answered from here now.').first()).toBeVisible();
  await expect(page.getByRole('group', { name: 'Allow' })).toHaveCount(0);
});

test('a question has large buttons, allow and deny well apart', async ({ gallery: { page, open } }) => {
  await open('session-approval');
  const allow = await page.getByRole('group', { name: 'Allow' }).getByRole('button').all();
  const deny = await page.getByRole('group', { name: 'Deny' }).getByRole('button').all();
  const boxes = async (buttons: typeof allow) =>
    Promise.all(buttons.map(async (button) => (await button.boundingBox()) ?? { y: 0, height: 0 }));
  const [allowed, denied] = [await boxes(allow), await boxes(deny)];
  for (const box of [...allowed, ...denied]) expect(box.height).toBeGreaterThanOrEqual(48);
  const lowestAllow = Math.max(...allowed.map(({ y, height }) => y + height));
  expect(Math.min(...denied.map(({ y }) => y)) - lowestAllow).toBeGreaterThanOrEqual(24);
});

test('a dialog closes with Escape and gives the focus back', async ({ gallery: { page, open } }) => {
  await open('session');
  const opener = page.getByRole('button', { name: /^Studio: Connected/ });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Studio' })).toBeVisible();
  await expect(page.getByText('4f1c09ab27de')).toBeVisible();
  for (let press = 0; press < 6; press += 1) await page.keyboard.press('Tab');
  expect(
    await page.evaluate(
      () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
    ),
  ).toBe(true);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test('forgetting a computer asks first', async ({ gallery: { page, open } }) => {
  await open('home');
  await page.getByRole('button', { name: /Connected · proven/ }).click();
  await page.getByRole('button', { name: 'Forget this computer' }).click();
  expect(await onHost(page, (host) => host.calls.value)).toEqual([]);
  await page.getByRole('button', { name: 'Forget Studio' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await onHost(page, (host) => host.calls.value.map(({ call }) => call))).toEqual(['forget']);
});

test('a new session has its own address, and the way back leads to the list', async ({ gallery: { page, open } }) => {
  await open('home');
  await page.getByRole('button', { name: 'New session' }).click();
  await page.getByRole('button', { name: 'Start session' }).click();
  await expect(page).toHaveURL(/\/s\/studio\/[0-9a-f-]{36}$/);
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Studio' })).toBeVisible();
});

test('agents that are missing say how to install them', async ({ gallery: { page, open } }) => {
  await open('no-agents');
  await page.getByRole('button', { name: 'New session' }).click();
  await expect(page.getByText('No agent was found on Studio.')).toBeVisible();
  await expect(page.getByText('npm install -g opencode-ai@1.18.33')).toBeVisible();
});

test('every scene fits 360 pixels, has names and large targets, and can be read in the light and in the dark', async ({
  gallery: { page, open },
}) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const name of [...Object.keys(scenes), 'failed']) {
    await open(name);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect.soft(await page.evaluate(inspect), `${name}, ${colorScheme}`).toEqual([]);
    }
  }
});
