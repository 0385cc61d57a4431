import { expect } from '@playwright/test';
import { sessionScenes } from '../gallery/session-scenes.ts';
import { windowScenes } from '../gallery/window-scenes.ts';
import { PAIRING_LINK } from '../gallery/window-state.ts';
import { readQr } from '../support/app/qr-reader.ts';
import { onMain, test } from './gallery-page.ts';
import { inspect } from './inspect-screen.ts';

test.use({ frontEnd: 'window', viewport: { width: 760, height: 640 } });

const SCHEMES = ['light', 'dark'] as const;

for (const width of [380, 760, 1100]) {
  test(`every scene fits ${width} pixels, has names and large targets, and can be read in the light and in the dark`, async ({
    gallery: { page, open },
  }) => {
    await page.setViewportSize({ width, height: 640 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    // Sessions are looked at where they stand alone and where they stand beside the list.
    const isShown = (name: string) => width !== 760 || !(name in sessionScenes);
    for (const name of Object.keys(windowScenes).filter(isShown)) {
      await open(name);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        expect.soft(await page.evaluate(inspect), `${name}, ${colorScheme}`).toEqual([]);
        expect.soft(await page.evaluate(findWindowFaults), `${name}, ${colorScheme}`).toEqual([]);
      }
    }
  });
}

for (const colorScheme of SCHEMES) {
  test(`the pairing code can be read from the pixels at every size in the ${colorScheme}`, async ({
    gallery: { page, open },
  }) => {
    await page.emulateMedia({ colorScheme });
    const canvas = await page.context().newPage();
    for (const [width, height] of [
      [760, 640],
      [420, 640],
      [1100, 800],
    ] as const) {
      await page.setViewportSize({ width, height });
      await open('pair');
      expect(await readQr(page, canvas), `${width} × ${height}`).toBe(PAIRING_LINK);
    }
  });
}

test('the address of a session for a phone can be read from the pixels, and says why a phone would not get there', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  await page.getByRole('link', { name: /^Explain the sync protocol/ }).click();
  await page.getByRole('button', { name: 'Session menu' }).click();
  await page.getByRole('button', { name: 'Open on phone' }).click();
  await expect(page.getByRole('img', { name: /QR code that opens/ })).toBeVisible();
  const canvas = await page.context().newPage();
  const [{ link } = { link: '' }] = await onMain(page, (main) =>
    main.made('session.link').map((argument) => ({
      link: `https://relay.example/s/studio/${(argument as { session: string }).session}`,
    })),
  );
  expect(await readQr(page, canvas)).toBe(link);
  await expect(page.getByText('Remote control is off for this session: phones do not see it.')).toBeVisible();
});

test('a wide window shows the list beside the session, a narrow one either, and each question once', async ({
  gallery: { page, open },
}) => {
  const list = page.getByRole('heading', { name: 'Sessions', exact: true });
  const allow = page.getByRole('group', { name: 'Allow', exact: true });
  await page.setViewportSize({ width: 900, height: 640 });
  await open('session-approval');
  await expect(list).toBeVisible();
  await expect(page.getByRole('feed')).toBeVisible();
  await expect(allow).toHaveCount(1);
  await page.setViewportSize({ width: 899, height: 640 });
  await expect(list).not.toBeVisible();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await expect(list).toBeVisible();
  await expect(page.getByRole('feed')).toHaveCount(0);
  await expect(allow).toHaveCount(1);
});

test('title, composer and both answers stay in view where there is little height', async ({
  gallery: { page, open },
}) => {
  for (const [width, height] of [
    [1100, 680],
    [760, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    await open('session-approval');
    for (const part of [
      page.getByRole('heading', { name: 'Back off when the relay is away', level: 1 }),
      page.getByRole('textbox', { name: 'Prompt' }),
      page.getByRole('button', { name: 'Read on, then allow' }),
      page.getByRole('button', { name: 'Deny', exact: true }),
    ])
      await expect(part).toBeInViewport({ ratio: 1 });
  }
});

test('the status line says what is proven and how old that is, and nothing else', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  const status = page.getByRole('region', { name: 'Status' });
  await expect(status).toContainText(/Connected to relay\.exampleheard \d+ s ago/);
  await expect(status).toContainText(/Pixel 8 answered \d+ s ago · 38 ms/);
  await open('sessions-failing');
  await expect(status).toContainText('Cannot reach relay.example since');
  await expect(status).toContainText('The name relay.example was not found.');
  await expect(status).not.toContainText('Connected');
  await open('sessions-asleep');
  await expect(status).toContainText('Asleep since');
});

test('a relay that no phone can reach is said plainly where one would pair, and the way leads to its settings', async ({
  gallery: { page, open },
}) => {
  await open('pair-loopback');
  await expect(page.getByText('A phone cannot reach this.')).toBeVisible();
  await page.getByRole('button', { name: 'Choose a relay' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Relay', exact: true })).toBeFocused();
});

test('without a connection the pairing page says why there is no code', async ({ gallery: { page, open } }) => {
  await open('pair-failing');
  await expect(page.getByText('No code can be shown now')).toBeVisible();
  await expect(page.getByRole('img', { name: /Pairing code/ })).toHaveCount(0);
});

test('forced colours keep every control visible and the code readable', async ({ gallery: { page, open } }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const canvas = await page.context().newPage();
  await open('pair');
  expect(await readQr(page, canvas)).toBe(PAIRING_LINK);
  const knob = page.locator('.switch-knob').first();
  const [back, ground] = await knob.evaluate((element) => [
    getComputedStyle(element).backgroundColor,
    getComputedStyle(element.parentElement as Element).backgroundColor,
  ]);
  expect(back).not.toBe(ground);
});

/** Runs in the page. What is particular to the window: nothing may stick out of the page, and every switch needs its size. */
function findWindowFaults(): string[] {
  const faults: string[] = [];
  for (const element of document.querySelectorAll(
    '.page, .page-body, .section, .status, .tabs, .side, .list-pane, .list-body, .session-pane, .session, .session-item, .device, .request',
  )) {
    if (element.scrollWidth > element.clientWidth + 1)
      faults.push(`wider than its place: ${element.className} ${element.scrollWidth} > ${element.clientWidth}`);
  }
  for (const element of document.querySelectorAll('[role=switch], [role=tab], select')) {
    // A narrow window shows the list or the session, and keeps the other for the way back.
    if (!element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 44 || box.height < 43.5) faults.push(`${element.className} is ${box.width} × ${box.height}`);
  }
  return faults;
}

test('that nothing can be stored is said on every page of the window, until it can', async ({
  gallery: { page, open },
}) => {
  const words = page.getByText('Nothing can be stored now. The disk is full. Free some space.');
  await open('sessions-disk-full');
  await expect(words).toBeVisible();
  await page.getByRole('tab', { name: 'Devices' }).click();
  await expect(words).toBeVisible();
  await open('sessions');
  await expect(words).toHaveCount(0);
});
