/** A whole conversation in the window, and a paired phone that shows the same at the same moment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillHistory } from '../support/bench/session-filler.ts';
import type { SessionOnScreen } from '../support/session-on-screen.ts';
import { expect, test, windowOf } from './tray-fixture.ts';

/** More than are drawn at once, on the largest screen. */
const ROWS_MAX = 60;

test('a session is led from the window: prompt, streaming text, allow, deny and say why, stop; a phone shows all of it', async ({
  start,
  folder,
  openPhone,
}) => {
  // As fast as somebody reads, so that the two pages have time for more than drawing.
  const app = await start({ env: { BATON_DEMO_PACE_MS: '15' } });
  const window = await windowOf(app);
  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await window.startSession(/Demo/, 'Notes');
  await phone.openSession('Notes');
  const both: readonly SessionOnScreen[] = [window, phone];
  const eachShows = async (check: (screen: SessionOnScreen) => Promise<void>) => {
    await Promise.all(both.map(check));
  };
  const eachIs = (state: string) => eachShows((screen) => expect(screen.head.getByText(state)).toBeVisible());

  // Allowed: the edit is on the disk, and its change on both screens.
  await window.prompt('Prices are whole cents');
  await eachShows((screen) => expect(screen.questions.getByRole('article', { name: /^Edit/ })).toBeVisible());
  await window.allow();
  await eachShows(async ({ feed, questions }) => {
    await expect(feed.getByText(/has a new line/)).toBeVisible();
    await expect(feed.getByText(/^Answered at the computer/)).toBeVisible();
    await expect(feed.locator('.diff').first()).toContainText('- Prices are whole cents');
    await expect(questions).toHaveCount(0);
  });
  await eachIs('Idle');
  const notes = join(folder, 'demo', 'baton-demo.md');
  const written = readFileSync(notes, 'utf8');
  expect(written).toContain('- Prices are whole cents');

  // Denied, and told why: nothing is written, and the reason is the agent's next prompt.
  await window.prompt('Prices are in dollars');
  await eachShows((screen) => expect(screen.questions.getByRole('article', { name: /^Edit/ })).toBeVisible());
  await window.denyBecause('echo: cents it is');
  await eachShows(async ({ feed }) => {
    await expect(feed.getByText(/Nothing has been written/)).toBeVisible();
    await expect(feed.getByText('Why it was denied')).toBeVisible();
    await expect(feed.getByText('cents it is', { exact: true })).toBeVisible();
  });
  await eachIs('Idle');
  expect(readFileSync(notes, 'utf8')).toBe(written);

  // Streaming: on both screens the text of one message grows while the agent works, until it is stopped.
  await window.prompt('long 100000');
  await eachIs('Working');
  await eachShows(async ({ feed }) => {
    const message = feed.locator('.row-message').last();
    await expect(message).toContainText(/^1 2 3/);
    const length = async () => (await message.innerText()).length;
    const before = await length();
    await expect.poll(length).toBeGreaterThan(before);
  });
  await eachIs('Working');
  await window.stop();
  await eachShows((screen) => expect(screen.feed.getByText(/^Stopped/)).toBeVisible());
  await eachIs('Idle');
  const said = await Promise.all(both.map(({ feed }) => feed.locator('.row-message').last().innerText()));
  expect(said[0]).toBe(said[1]);

  // Nobody is notified of what they look at.
  expect(await app.notifications()).toEqual([]);
  await window.show('Activity');
  await expect(window.page.getByText(/^This computer denied “Edit/)).toBeVisible();
  expect([app.problems(), phone.problems]).toEqual([[], []]);
});

test('a session of 10,000 events opens at its end with few rows in the page, and goes back to its beginning', async ({
  start,
  folder,
  openPhone,
}) => {
  const [filled] = fillHistory(folder, [{ title: 'Long', events: 10_000 }]);
  if (!filled) throw new Error('There is no session.');
  const app = await start();
  const window = await windowOf(app);
  await window.openSession('Long');
  const { feed } = window;
  const rows = feed.getByRole('article');
  const newest = feed.getByText(filled.lastWords);
  await expect(newest).toBeInViewport();
  expect(await rows.count()).toBeLessThan(ROWS_MAX);

  // One page after the other, as somebody does who pulls the view to its top again and again.
  await expect
    .poll(
      async () => {
        await feed.evaluate((element) => element.scrollTo(0, 0));
        expect(await rows.count()).toBeLessThan(ROWS_MAX);
        return await feed.getByRole('heading', { name: 'Step 1', exact: true }).count();
      },
      { intervals: [20], timeout: 40_000 },
    )
    .toBe(1);
  await expect(newest).toHaveCount(0);
  await window.page.getByRole('button', { name: 'To the end' }).click();
  await expect(newest).toBeInViewport();
  expect(await rows.count()).toBeLessThan(ROWS_MAX);

  const phone = await openPhone();
  await window.pair(phone, 'My phone');
  await phone.openSession('Long');
  await expect(phone.feed.getByText(filled.lastWords)).toBeInViewport();
  expect(app.problems()).toEqual([]);
});
