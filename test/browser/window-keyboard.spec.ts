import { expect } from '@playwright/test';
import { onMain, test } from './gallery-page.ts';

test.use({ frontEnd: 'window', viewport: { width: 760, height: 640 } });

test('Tab reaches the pages, the switch and the page; arrow keys go from tab to tab and around', async ({
  gallery: { page, open },
}) => {
  await open('devices');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('tab', { name: 'Devices' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('tab', { name: 'Settings' })).toBeFocused();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: /^Sessions/ })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Quit Baton' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('switch', { name: 'Remote control for all sessions' })).toBeFocused();
  await page.keyboard.press('Space');
  expect(await onMain(page, (main) => main.made('remote.set'))).toEqual([{ isEnabled: false }]);
});

test('Ctrl with a number shows a page, but not behind a dialog, and main is told which', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  await page.keyboard.press('Control+5');
  await expect(page.getByRole('heading', { name: 'Activity' })).toBeVisible();
  await page.keyboard.press('Control+1');
  await page.getByRole('button', { name: 'New session' }).click();
  await page.keyboard.press('Control+3');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Sessions' })).toBeAttached();
  expect(await onMain(page, (main) => main.made('window.show-page'))).toEqual([
    { page: 'sessions' },
    { page: 'activity' },
    { page: 'sessions' },
  ]);
});

test('a key in the very frame in which a dialog opens does not go to the page behind it', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  await page.getByRole('button', { name: 'New session' }).evaluate(async (button: HTMLElement) => {
    button.click();
    // Drawings are microtasks: this one is done before the task ends.
    for (let turn = 0; turn < 20; turn += 1) await null;
    window.dispatchEvent(new KeyboardEvent('keydown', { key: '3', ctrlKey: true, bubbles: true }));
  });
  await expect(page.getByRole('dialog', { name: 'New session' })).toBeVisible();
  expect(await onMain(page, (main) => main.made('window.show-page'))).toEqual([{ page: 'sessions' }]);
});

test('Escape closes a dialog and gives the focus back; on a popover it then puts the window away', async ({
  gallery: { page, open },
}) => {
  await open('settings-own');
  await page.getByRole('tab', { name: /^Sessions/ }).click();
  const opener = page.getByRole('button', { name: 'New session' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  for (let press = 0; press < 30; press += 1) {
    await page.keyboard.press('Tab');
    expect(
      await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      ),
    ).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(opener).toBeFocused();
  expect(await onMain(page, (main) => main.made('window.close'))).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await onMain(page, (main) => main.made('window.close'))).toEqual([null]);
});

test('a session that main asks for is opened, and an ended one has the focus on its title', async ({
  gallery: { page, open },
}) => {
  await open('devices');
  await onMain(page, (main) => main.show({ page: 'sessions', session: main.state.sessions.list.at(-1)?.id ?? null }));
  await expect(page.getByRole('heading', { name: 'Spike: search' })).toBeFocused();
  await page.keyboard.press('Escape');
  // It is among the ended ones, which stay unfolded.
  await expect(page.getByRole('link', { name: /^Spike: search/ })).toBeFocused();
});

for (const width of [760, 1100]) {
  test(`at ${width} pixels Enter opens a session with the focus where one writes, and Escape leads back to its item`, async ({
    gallery: { page, open },
  }) => {
    await page.setViewportSize({ width, height: 700 });
    await open('settings-own');
    await page.getByRole('tab', { name: /^Sessions/ }).click();
    const item = page.getByRole('link', { name: /^Explain the sync protocol/ });
    await item.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(item).toBeFocused();
    // Side by side the session stays open.
    await expect(page.getByRole('heading', { name: 'Explain the sync protocol' })).toHaveCount(width < 900 ? 0 : 1);
    expect(await onMain(page, (main) => main.made('window.close'))).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await onMain(page, (main) => main.made('window.close'))).toEqual([null]);
  });
}

test('the focus can be seen', async ({ gallery: { page, open } }) => {
  await open('sessions');
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press('Tab');
    const [name, outline] = await page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      return [element.outerHTML.slice(0, 80), getComputedStyle(element).outlineStyle];
    });
    expect(outline, name).toBe('solid');
  }
});

test('going offline and online is told to main', async ({ gallery: { page, open } }) => {
  await open('sessions');
  const told = () => onMain(page, (main) => main.made('window.network'));
  await page.context().setOffline(true);
  // A browser that is back before it has told of its leaving tells nothing.
  await expect.poll(told).toEqual([{ isOnline: false }]);
  await page.context().setOffline(false);
  await expect.poll(told).toEqual([{ isOnline: false }, { isOnline: true }]);
});
