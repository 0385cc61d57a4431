import { expect } from '@playwright/test';
import { effectsRun } from './effects-run.ts';
import { onMain, test } from './gallery-page.ts';

test.use({ frontEnd: 'window', viewport: { width: 760, height: 640 } });

/** The page's clock stands still except where a test moves it. */
const NOON = Date.parse('2026-11-22T12:00:00Z');
const ALLOW = 'The digits are the same: Allow';

test.describe('a click that comes too early', () => {
  test('does not allow a request that has just taken the place of another', async ({ gallery: { page, open } }) => {
    await page.clock.install({ time: NOON });
    await open('pair-request');
    await page.clock.pauseAt(NOON + 60_000);
    const allow = page.getByRole('button', { name: ALLOW });
    await page.clock.runFor(2000);
    await expect(allow).toHaveAttribute('aria-disabled', 'false');
    await onMain(page, (main) => {
      const { pairing } = main.state;
      const [first] = pairing.requests;
      if (!first) throw new Error('Nobody asks.');
      main.push('pairing', {
        ...pairing,
        requests: [{ ...first, id: 'stranger', name: 'Stranger', digits: '000111' }],
      });
    });
    await expect(page.getByRole('heading', { name: /^Stranger/ })).toBeVisible();
    await allow.dispatchEvent('click');
    await page.getByRole('button', { name: 'Deny' }).dispatchEvent('click');
    await page.clock.runFor(600);
    await allow.dispatchEvent('click');
    expect(await onMain(page, (main) => [...main.made('pairing.allow'), ...main.made('pairing.deny')])).toEqual([]);
    await page.clock.runFor(200);
    await expect(allow).toHaveAttribute('aria-disabled', 'false');
    await allow.dispatchEvent('click');
    expect(await onMain(page, (main) => main.made('pairing.allow'))).toEqual([{ request: 'stranger', scope: 'full' }]);
  });
});

test('a request shows its name, its digits and its build, and is allowed with the scope that was chosen', async ({
  gallery: { page, open },
}) => {
  await open('pair-request');
  const card = page.getByRole('article', { name: /Ada’s Pixel 8/ });
  await expect(card.locator('.digits')).toHaveText('472913');
  await expect(card.locator('.visually-hidden')).toHaveText('4 7 2 9 1 3');
  await expect(card.getByText(/Its page is the one that belongs to this Baton/)).toBeVisible();
  await card.getByRole('radio', { name: 'Watch only' }).check();
  await card.getByRole('button', { name: ALLOW }).click();
  expect(await onMain(page, (main) => main.made('pairing.allow'))).toEqual([{ request: 'request-1', scope: 'watch' }]);
  await open('pair-requests');
  await expect(page.getByText('2 devices ask at once.')).toBeVisible();
  await expect(page.getByText(/Its page says it is build 90ad3be1c255; this Baton has 4f1c09ab27de/)).toBeVisible();
});

test('a request that ended before it was allowed is said to be gone', async ({ gallery: { page, open } }) => {
  await open('pair-request');
  await onMain(page, (main) => {
    const call = main.call.bind(main);
    main.call = ((channel: 'pairing.allow', argument: never) =>
      channel === 'pairing.allow'
        ? Promise.resolve({ ok: true, value: { isThere: false } })
        : call(channel, argument)) as typeof main.call;
  });
  await page.getByRole('button', { name: ALLOW }).click();
  await expect(page.getByText(/Ada’s Pixel 8 is gone/)).toBeVisible();
  await expect(page.getByRole('button', { name: ALLOW })).toHaveAttribute('aria-disabled', 'true');
});

test('a phone that asks while another page is on view is announced there, and one click leads to it', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  await onMain(page, (main) => {
    main.push('pairing', {
      ...main.state.pairing,
      requests: [{ id: 'r', name: 'Kitchen tablet', digits: '123456', askedAt: Date.now(), build: 'x' }],
    });
  });
  await expect(page.locator('[aria-live=assertive]')).toHaveText(
    'Kitchen tablet asks to be paired. Digits: 1 2 3 4 5 6',
  );
  await page.getByRole('button', { name: 'Compare digits' }).click();
  await expect(page.getByRole('heading', { name: 'A phone asks to be paired' })).toBeVisible();
});

test('codes are on show exactly while the page is', async ({ gallery: { page, open } }) => {
  await open('sessions');
  const calls = () =>
    onMain(page, (main) => main.calls.map(({ channel }) => channel).filter((channel) => channel.startsWith('pairing')));
  expect(await calls()).toEqual([]);
  await page.getByRole('tab', { name: 'Pair' }).click();
  await expect.poll(calls).toEqual(['pairing.show']);
  await page.getByRole('tab', { name: 'Devices' }).click();
  await expect.poll(calls).toEqual(['pairing.show', 'pairing.hide']);
});

test('codes that main took away while nobody looked are asked for again', async ({ gallery: { page, open } }) => {
  await open('sessions');
  const count = () => onMain(page, (main) => main.made('pairing.show').length);
  const setShown = (isShown: boolean) =>
    onMain(page, (main, value) => main.push('pairing', { ...main.state.pairing, isShown: value }), isShown);
  await page.getByRole('tab', { name: 'Pair' }).click();
  await expect.poll(count).toBe(1);
  await setShown(true);
  await effectsRun(page);
  expect(await count()).toBe(1);
  await setShown(false);
  await expect.poll(count).toBe(2);
});

test('a session that main asked for is opened once, not each time one comes back', async ({
  gallery: { page, open },
}) => {
  await open('sessions');
  await onMain(page, (main) => main.show({ page: 'sessions', session: main.state.sessions.list[3]?.id ?? '' }));
  await expect(page.getByRole('heading', { name: 'Explain the sync protocol' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeFocused();
  await page.getByRole('tab', { name: 'Devices' }).click();
  await page.getByRole('tab', { name: 'Sessions' }).click();
  await expect(page.getByRole('heading', { name: 'Explain the sync protocol' })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Sessions' })).toBeFocused();
});

test('remote control that was not confirmed stays off, and says so', async ({ gallery: { page, open } }) => {
  await open('sessions-remote-off');
  const control = page.getByRole('switch', { name: 'Remote control for all sessions' });
  await expect(control).toHaveAttribute('aria-checked', 'false');
  await onMain(page, (main) => {
    const call = main.call.bind(main);
    main.call = ((channel: 'remote.set', argument: never) =>
      channel === 'remote.set'
        ? Promise.resolve({ ok: true, value: { isEnabled: false } })
        : call(channel, argument)) as typeof main.call;
  });
  await control.click();
  await expect(page.getByText('It stays off: it was not confirmed.')).toBeVisible();
  await expect(control).toHaveAttribute('aria-checked', 'false');
});
