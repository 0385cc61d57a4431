/** A device that was away for twenty thousand events: how soon it has them all, stored. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { BenchHost, makeHostFolder } from '../support/bench/bench-host.ts';
import { pairPhone } from '../support/bench/bench-phone.ts';
import { type BenchRelay, startBenchRelay } from '../support/bench/bench-relay.ts';
import { type FilledSession, fillHistory } from '../support/bench/session-filler.ts';
import { Device } from '../support/device/device.ts';
import type { Identity } from '../support/device/device-store.ts';
import type { Bench, BenchContext, Figure } from './bench.ts';
import { checkBlock, formatBlock, formatMegabytes, formatMs, formatNumber } from './statistics.ts';

const SESSIONS = 50;
const TIMEOUT_MS = 180_000;
/** How often the page's database is looked at. */
const LOOK_EVERY_MS = 25;

export const catchUp: Bench = {
  key: 'e',
  name: 'Catch-up of 20,000 events',
  async run(context) {
    const perSession = context.isQuick ? 40 : 400;
    const inOne = context.isQuick ? 2_000 : 20_000;
    // Many sessions with gaps that are replayed event by event, and one whose gap is far too long for that.
    const many = await setUp(
      context,
      'many',
      Array.from({ length: SESSIONS }, (_, index) => ({ title: `Session ${index}`, events: perSession })),
    );
    const figures = [await replayToNode(many), await replayToPage(many)];
    await many.host.quit();
    const one = await setUp(context, 'one', [{ title: 'A long session', events: inOne }]);
    figures.push(await pageToNode(one));
    await one.host.quit();
    return figures;
  },
};

interface Setting {
  readonly host: BenchHost;
  readonly relay: BenchRelay;
  readonly identity: Identity;
  readonly sessions: readonly FilledSession[];
  readonly folder: string;
  /** The page, paired while there was nothing to fetch, and closed since; null if there is none. */
  readonly openPage: () => Promise<Page>;
}

/** Pairs first, with an empty history; then the history comes to be while no device is there. */
async function setUp(context: BenchContext, name: string, plan: { title: string; events: number }[]): Promise<Setting> {
  const folder = join(context.folder, name);
  mkdirSync(folder);
  makeHostFolder(folder);
  const relay = await startBenchRelay({ folder, phoneFolder: context.phoneFolder });
  const before = await BenchHost.start({ folder, relayOrigin: relay.origin });
  const identity = await before.pairNode('Bench device');
  const phone = await pairPhone(await context.browser(), before, 'Bench phone');
  context.atEnd(() => phone.close());
  await phone.page.close();
  await before.quit();
  const sessions = fillHistory(folder, plan);
  const host = await BenchHost.start({ folder, relayOrigin: relay.origin });
  const openPage = async () => {
    const page = await phone.context.newPage();
    await page.goto(relay.origin);
    return page;
  };
  return { host, relay, identity, sessions, folder, openPage };
}

async function replayToNode({ host, identity, sessions, folder }: Setting): Promise<Figure> {
  await host.measured.resetBlocks();
  const expected = sumOf(sessions);
  const missing = new Map(sessions.map(({ id, events }) => [id, events]));
  let bytes = 0;
  let openedAt = 0;
  const device = Device.open({
    file: join(folder, 'device.db'),
    identity,
    onMessage: (message) => {
      if (message.type === 'welcome') openedAt = performance.now();
      if (message.type !== 'events') return;
      bytes += JSON.stringify(message).length;
      const last = message.events.at(-1)?.seq ?? 0;
      if (last >= (missing.get(message.session) ?? Number.POSITIVE_INFINITY)) missing.delete(message.session);
    },
  });
  await device.until('all events', () => missing.size === 0, TIMEOUT_MS);
  const ms = performance.now() - openedAt;
  const stored = sessions.reduce((sum, { id }) => sum + device.store.events(id).length, 0);
  device.dispose();
  if (stored !== expected) throw new Error(`The device stored ${stored} of ${expected} events.`);
  return describeFigure(
    `Catch-up, ${SESSIONS} sessions, Node device with SQLite`,
    expected,
    ms,
    bytes,
    host,
    'replayed under credit',
  );
}

async function replayToPage({ host, sessions, openPage }: Setting): Promise<Figure> {
  await host.measured.resetBlocks();
  const expected = sumOf(sessions);
  const page = await openPage();
  const { doneAt, channelAt, bytes } = await page.evaluate(untilStored, { expected, everyMs: LOOK_EVERY_MS });
  await page.close();
  return describeFigure(
    `Catch-up, ${SESSIONS} sessions, the page with IndexedDB`,
    expected,
    doneAt - channelAt,
    bytes,
    host,
    `replayed under credit; looked at every ${LOOK_EVERY_MS} ms`,
  );
}

async function pageToNode({ host, identity, sessions, folder }: Setting): Promise<Figure> {
  await host.measured.resetBlocks();
  const [{ id, events }] = sessions as [FilledSession];
  let bytes = 0;
  let openedAt = 0;
  let isAsked = false;
  const device = Device.open({
    file: join(folder, 'device.db'),
    identity,
    onMessage: (message) => {
      if (message.type === 'welcome') openedAt = performance.now();
      if (message.type === 'snapshot' || message.type === 'page') bytes += JSON.stringify(message).length;
      if (message.type !== 'snapshot' || isAsked) return;
      isAsked = true;
      device.fillUp(id);
    },
  });
  await device.until('all pages', () => isAsked && device.store.firstSeq(id) === 1, TIMEOUT_MS);
  const ms = performance.now() - openedAt;
  const stored = device.store.events(id).length;
  device.dispose();
  if (stored !== events) throw new Error(`The device stored ${stored} of ${events} events.`);
  return describeFigure(
    'Catch-up, one session, Node device with SQLite',
    events,
    ms,
    bytes,
    host,
    'snapshot, then page after page',
  );
}

async function describeFigure(
  what: string,
  events: number,
  ms: number,
  bytes: number,
  host: BenchHost,
  how: string,
): Promise<Figure> {
  const cost = await host.measured.cost();
  const [eventsPerSecond, bytesPerSecond] = [(events / ms) * 1000, (bytes / ms) * 1000];
  return {
    what,
    result: `${formatNumber(events)} events in ${formatMs(ms)}: ${formatNumber(eventsPerSecond)}/s, ${formatMegabytes(bytesPerSecond)}/s; host: ${formatBlock(cost)}`,
    how: `${how}; ${formatMegabytes(bytes)}`,
    values: { events, ms, bytes, eventsPerSecond, bytesPerSecond, hostLongestOwnBlockMs: cost.longestOwnBlockMs },
    fault: checkBlock(cost),
  };
}

function sumOf(sessions: readonly FilledSession[]): number {
  return sessions.reduce((sum, { events }) => sum + events, 0);
}

/** In the page: resolves when its cursors cover so many events, which are written together with them. */
async function untilStored({ expected, everyMs }: { expected: number; everyMs: number }) {
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await settled(indexedDB.open('baton'));
  for (;;) {
    const cursors: { seq: number }[] = await settled(database.transaction('cursors').objectStore('cursors').getAll());
    if (cursors.reduce((sum, { seq }) => sum + seq, 0) >= expected) break;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  database.close();
  const { now, channelAt, socketBytes } = window.batonWatch;
  return { doneAt: now(), channelAt, bytes: socketBytes };
}
