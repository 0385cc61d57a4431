/** Opening a session of ten thousand events on the page, and scrolling in it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright';
import { BenchHost, makeHostFolder } from '../support/bench/bench-host.ts';
import { pairPhone } from '../support/bench/bench-phone.ts';
import { startBenchRelay } from '../support/bench/bench-relay.ts';
import { measureFirstLoad } from '../support/bench/first-load.ts';
import { fillHistory } from '../support/bench/session-filler.ts';
import type { Bench, Figure } from './bench.ts';
import { formatMs, formatNumber, formatPercentiles, percentileValues, summarize } from './statistics.ts';

const WHEEL_STEP_PX = 120;
const WHEEL_EVERY_MS = 16;
/** A session's last page is painted when its last words are; while it is not, a list is shown. */
const LONG = 'The long session';

export const longSession: Bench = {
  key: 'h',
  name: 'A session of 10,000 events on the page; size of the page',
  async run({ folder, phoneFolder, isQuick, browser, atEnd }) {
    const events = isQuick ? 1_000 : 10_000;
    const times = isQuick ? 2 : 10;
    const scrollMs = isQuick ? 1_000 : 5_000;
    makeHostFolder(folder);
    const [session] = fillHistory(folder, [{ title: LONG, events }]);
    if (!session) throw new Error('Nothing was filled.');
    const relay = await startBenchRelay({ folder, phoneFolder });
    const host = await BenchHost.start({ folder, relayOrigin: relay.origin });
    const phone = await pairPhone(await browser(), host, 'Bench phone');
    atEnd(() => phone.close());
    const { page } = phone;
    await page.getByRole('link', { name: LONG }).waitFor();
    // The snapshot is stored while the list is shown.
    await wait(1_000);

    const first = await openFromList(page, session.lastWords);
    const address = page.url();
    const again: number[] = [];
    for (let time = 0; time < times; time += 1) {
      await page.goBack();
      again.push(await openFromList(page, session.lastWords));
    }
    const cold: number[] = [];
    for (let time = 0; time < times; time += 1) cold.push(await openByAddress(page, address, session.lastWords));
    const smooth = await scroll(page, scrollMs);

    const [warm, reload] = [summarize(again), summarize(cold)];
    const size = `${formatNumber(events)} events`;
    return [
      {
        what: 'Tap on the session → its last page is on the screen, first time',
        result: formatMs(first),
        how: size,
        values: { ms: first },
      },
      {
        what: 'The same again',
        result: formatPercentiles(warm),
        how: `${size}, ${times} times`,
        values: percentileValues(warm),
      },
      {
        what: 'Opening its address (page load included) → its last page is on the screen',
        result: formatPercentiles(reload),
        how: `${size}, ${times} times, from storage`,
        values: percentileValues(reload),
      },
      {
        what: `Scrolling back for ${formatMs(scrollMs)}`,
        result: `longest frame ${formatMs(smooth.longestFrameMs)}, p95 ${formatMs(smooth.p95FrameMs)}; ${smooth.longTasks} tasks over 50 ms, longest ${formatMs(smooth.longestTaskMs)}`,
        how: `${smooth.frames} frames, ${formatNumber(smooth.scrolledPx)} px from the end by wheel`,
        values: smooth,
      },
      describeSize(phoneFolder),
    ];
  },
};

async function openFromList(page: Page, lastWords: string): Promise<number> {
  const seen = page.evaluate((words) => window.batonWatch.untilSeen(words), lastWords);
  await page.getByRole('link', { name: LONG }).click();
  const { shownAt } = await seen;
  return shownAt - (await page.evaluate(() => window.batonWatch.lastClickAt));
}

/** By the page's clock, which begins with the navigation. */
async function openByAddress(page: Page, address: string, lastWords: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(address, { waitUntil: 'commit' });
  return await page.evaluate(async (words) => {
    const isThere = document.body?.textContent?.includes(words) ?? false;
    if (isThere) throw new Error('The page was faster than this benchmark.');
    const { shownAt } = await window.batonWatch.untilSeen(words);
    return shownAt - performance.timeOrigin;
  }, lastWords);
}

async function scroll(page: Page, forMs: number) {
  const feed = page.getByRole('feed');
  await feed.hover();
  await page.evaluate(() => window.batonWatch.beginFrames());
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const turn = wait(WHEEL_EVERY_MS);
    await page.mouse.wheel(0, -WHEEL_STEP_PX);
    await turn;
  }
  const smoothness = await page.evaluate(() => window.batonWatch.endFrames());
  const scrolledPx = await feed.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  return { ...smoothness, scrolledPx };
}

function describeSize(phoneFolder: string): Figure {
  const { scriptBytes, styleBytes, laterScriptBytes } = measureFirstLoad(phoneFolder);
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  return {
    what: 'JavaScript that the page loads first',
    result: `${kilobytes(scriptBytes)} gzip (at most 90); styles ${kilobytes(styleBytes)}, loaded later ${kilobytes(laterScriptBytes)}`,
    how: 'what index.html names, and what that imports',
    values: { scriptBytes, styleBytes, laterScriptBytes },
  };
}
