/** How soon phones are caught up after the computer woke, and after the app was started again, with ten sessions at work. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright';
import type { App } from '../support/app/app.ts';
import { WindowPage } from '../support/app/window-page.ts';
import { buildApp, labelDriver, OPEN, startBenchApp, untilTray } from '../support/bench/bench-app.ts';
import { makeHostFolder } from '../support/bench/bench-host.ts';
import { checkClocks, openPhone } from '../support/bench/bench-phone.ts';
import { startBenchRelay } from '../support/bench/bench-relay.ts';
import { Follower, untilShown } from '../support/bench/follower.ts';
import { chromiumArguments, findChromium } from '../support/chromium.ts';
import { pair } from '../support/device/pair.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import type { PhonePage } from '../support/phone-page.ts';
import type { Bench, BenchContext, Figure } from './bench.ts';
import { formatMs, formatPercentiles, percentileValues, type Summary, summarize } from './statistics.ts';

const SESSIONS = 10;
const WATCHED = 'Watched';
const GAP_MS = 50;
const OTHERS_GAP_MS = 250;
/** Of 100 wakings, 95 take no longer. */
const WAKE_P95_MAX_MS = 500;
const COLD_START_MAX_MS = 2_000;

/** Milliseconds since 1970, finer than `Date.now`. */
const now = () => performance.timeOrigin + performance.now();

export const wake: Bench = {
  key: 'j',
  name: `Tray app with ${SESSIONS} sessions at work: waking, cold start`,
  async run(context) {
    await buildApp();
    const stage = await Stage.set(context);
    const wakings = await measureWakings(context, stage);
    const starts = await measureColdStarts(context, stage);
    return [...wakings, ...starts].map((figure) => labelDriver(figure, stage.app.driver));
  },
};

/** A relay of its own, the tray app, a page that shows one session, and a Node device that follows all ten. */
class Stage {
  app: App;
  readonly browser: Browser;
  readonly folder: string;
  readonly follower: Follower;
  readonly phone: PhonePage;
  readonly sessions: readonly string[];

  private constructor(parts: Pick<Stage, 'app' | 'browser' | 'folder' | 'follower' | 'phone' | 'sessions'>) {
    this.app = parts.app;
    this.browser = parts.browser;
    this.folder = parts.folder;
    this.follower = parts.follower;
    this.phone = parts.phone;
    this.sessions = parts.sessions;
  }

  static async set(context: BenchContext): Promise<Stage> {
    const { phoneFolder } = context;
    const folder = join(context.folder, 'host');
    const relay = await startBenchRelay({ folder: context.folder, phoneFolder });
    const executablePath = findChromium();
    const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: chromiumArguments() });
    context.atEnd(() => browser.close());
    makeHostFolder(folder, { relay: relay.origin });
    context.atEnd(() => endKeeper(folder));
    const app = await startBenchApp(browser, folder);
    const phone = await openPhone(await context.browser());
    context.atEnd(() => phone.close());
    await untilTray(app, (status) => /connected/i.test(status));
    await app.clickMenu(OPEN);
    const window = new WindowPage(await app.window());
    await window.pair(phone, 'Bench phone');
    await checkClocks(phone.page);
    // The phone's own page may fetch nothing that is not its own.
    const canvas = await browser.newPage();
    const identity = pair(await window.pairingLink(canvas), 'Bench device');
    await window.request('Bench device').getByRole('button', { name: 'The digits are the same: Allow' }).click();
    const follower = await Follower.start({ file: join(context.folder, 'device.db'), identity: await identity });
    context.atEnd(() => follower.device.dispose());
    const sessions = [await follower.startBusySession(join(folder, 'project'), WATCHED, GAP_MS)];
    while (sessions.length < SESSIONS)
      sessions.push(
        await follower.startBusySession(join(folder, 'project'), `Session ${sessions.length + 1}`, OTHERS_GAP_MS),
      );
    await app.answerNextMessageBox(0);
    await app.closeWindow();
    await phone.openSession(WATCHED);
    await untilShown(phone, now());
    const stage = new Stage({ app, browser, folder, follower, phone, sessions });
    context.atEnd(() => stage.app.kill());
    return stage;
  }

  /** Resolves when the computer is gone for both devices. */
  async untilGone(words: string): Promise<void> {
    const { device } = this.follower;
    await device.until('the computer is gone', () => !device.isConnected);
    await this.phone.page.locator(`.status-pill[aria-label*="${words}"]`).waitFor();
  }

  /** Milliseconds from `since` until the page shows something that happened after it, and until the device has that of all sessions. */
  async untilCaughtUp(since: number): Promise<{ page: number; all: number }> {
    const [shownAt, freshAt] = await Promise.all([
      untilShown(this.phone, since),
      this.follower.untilFresh(since, this.sessions),
    ]);
    return { page: shownAt - since, all: freshAt - since };
  }
}

async function measureWakings(context: BenchContext, stage: Stage): Promise<Figure[]> {
  const rounds = context.isQuick ? 3 : 100;
  const page: number[] = [];
  const one: number[] = [];
  const { follower, sessions } = stage;
  for (let round = 1; round <= rounds; round += 1) {
    await stage.app.emitPower('suspend');
    await stage.untilGone('Asleep since');
    await wait(300 + Math.random() * 400);
    const since = now();
    await stage.app.emitPower('resume');
    const [shownAt, freshAt] = await Promise.all([
      untilShown(stage.phone, since),
      follower.untilFresh(since, sessions.slice(0, 1)),
    ]);
    page.push(shownAt - since);
    one.push(freshAt - since);
  }
  const how = `${rounds} wakings of some 0.5 s, ${SESSIONS} agents at work, one of them says something every ${GAP_MS} ms`;
  return [
    figure('Resume → a Node device has what happened after it', summarize(one), how, WAKE_P95_MAX_MS),
    figure('Resume → the page shows what happened after it', summarize(page), how, WAKE_P95_MAX_MS),
  ];
}

async function measureColdStarts(context: BenchContext, stage: Stage): Promise<Figure[]> {
  const rounds = context.isQuick ? 2 : 20;
  const page: number[] = [];
  const all: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await stage.app.kill();
    await stage.untilGone('offline since');
    await wait(500);
    const since = now();
    stage.app = await startBenchApp(stage.browser, stage.folder);
    const caughtUp = await stage.untilCaughtUp(since);
    context.note(`cold start: page ${formatMs(caughtUp.page)}, all sessions ${formatMs(caughtUp.all)}`);
    page.push(caughtUp.page);
    all.push(caughtUp.all);
  }
  const how = `${rounds} starts after kill -9; ${SESSIONS} agents work on under the keeper`;
  return [
    figure('Start of the app → the page shows what its session did since', summarize(page), how, COLD_START_MAX_MS),
    figure(
      `Start of the app → a Node device has what each of the ${SESSIONS} sessions did since`,
      summarize(all),
      `${how}, each says something every ${OTHERS_GAP_MS} ms at most`,
      COLD_START_MAX_MS,
    ),
  ];
}

function figure(what: string, summary: Summary, how: string, p95MaxMs: number): Figure {
  const isSlow = summary.p95 > p95MaxMs;
  return {
    what,
    result: formatPercentiles(summary),
    how,
    values: percentileValues(summary),
    fault: isSlow ? `p95 is to be at most ${formatMs(p95MaxMs)}.` : null,
  };
}
