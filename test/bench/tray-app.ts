/** The tray app: how soon it is in the tray, how soon its window is there, and what both hold in memory with twenty sessions. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright';
import type { App } from '../support/app/app.ts';
import { WindowPage } from '../support/app/window-page.ts';
import { buildApp, labelDriver, OPEN, startBenchApp, until, untilTray } from '../support/bench/bench-app.ts';
import { findRenderer, readRss } from '../support/bench/renderer-memory.ts';
import { chromiumArguments, findChromium } from '../support/chromium.ts';
import type { Bench, BenchContext, Figure } from './bench.ts';
import { formatMegabytes, formatPercentiles, percentileValues, summarize } from './statistics.ts';

const SESSIONS = 20;

export const trayApp: Bench = {
  key: 'i',
  name: 'Tray app: start, window, memory with 20 sessions',
  async run(context) {
    await buildApp();
    const executablePath = findChromium();
    const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: chromiumArguments() });
    context.atEnd(() => browser.close());
    const start = async (name: string): Promise<App> => {
      const app = await startBenchApp(browser, join(context.folder, name));
      context.atEnd(() => app.kill());
      return app;
    };
    const times = await measureTimes(context, start);
    const app = await start('sessions');
    const memory = await measureMemory(context, app, browser);
    const driver = app.driver;
    await app.quit();
    return [...times, ...memory].map((figure) => labelDriver(figure, driver));
  },
};

async function measureTimes(context: BenchContext, start: (name: string) => Promise<App>): Promise<Figure[]> {
  const rounds = context.isQuick ? 3 : 20;
  const shown: number[] = [];
  const connected: number[] = [];
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const began = now();
    const app = await start(`start-${round}`);
    await untilTray(app, () => true);
    shown.push(now() - began);
    await untilTray(app, (status) => /connected/i.test(status));
    connected.push(now() - began);
    first.push(await measureOpening(app));
    await app.answerNextMessageBox(0);
    await app.closeWindow();
    await until('the window is hidden', async () => !(await app.isWindowVisible()));
    again.push(await measureOpening(app));
    await app.quit();
  }
  const figure = (what: string, how: string, values: readonly number[]): Figure => {
    const summary = summarize(values);
    return { what, result: formatPercentiles(summary), how, values: percentileValues(summary) };
  };
  return [
    figure('Start → icon and menu in the tray', `${rounds} starts, hidden, empty history`, shown),
    figure('Start → tray says that the relay is connected', `${rounds} starts, relay of its own`, connected),
    figure('Tray click → window painted, first time', `${rounds} times, page load included`, first),
    figure('Tray click → window painted, hidden before', `${rounds} times`, again),
  ];
}

/** From the click on the menu to the second frame in which the window has its heading. */
async function measureOpening(app: App): Promise<number> {
  const began = now();
  await app.clickMenu(OPEN);
  const page = await app.window();
  return (await page.evaluate(untilPainted)) - began;
}

async function measureMemory(context: BenchContext, app: App, browser: Browser): Promise<Figure[]> {
  const settleMs = context.isQuick ? 1_000 : 30_000;
  await untilTray(app, (status) => /connected/i.test(status));
  const mainBefore = await readRss(app.pid);
  await app.clickMenu(OPEN);
  const page = await app.window();
  await page.evaluate(untilPainted);
  const renderer = await findRenderer(app, browser, page);
  const windowBefore = renderer === null ? null : await readRss(renderer);
  await startSessions(new WindowPage(page), SESSIONS);
  await wait(settleMs);
  const how = `RSS, ${settleMs / 1000} s after all were idle, window open; the agents apart`;
  const figure = (what: string, before: number | null, after: number | null): Figure[] =>
    before === null || after === null
      ? []
      : [
          {
            what: `${what} with ${SESSIONS} sessions`,
            result: `${formatMegabytes(after)} (${formatMegabytes(before)} with none)`,
            how,
            values: { rssBytes: after, emptyRssBytes: before },
          },
        ];
  return [
    ...figure('Memory of the main process', mainBefore, await readRss(app.pid)),
    ...figure("Memory of the window's process", windowBefore, renderer === null ? null : await readRss(renderer)),
  ];
}

/** Milliseconds since 1970, finer than `Date.now`. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** In the page. Answers when it was, in milliseconds since 1970. */
async function untilPainted(): Promise<number> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  while (document.querySelector('h1') === null) await frame();
  await frame();
  await frame();
  return performance.timeOrigin + performance.now();
}

/** As a person does it; each is idle before the next one is started. */
async function startSessions(window: WindowPage, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) await window.startSession(/Demo/, `Session ${number}`);
}
