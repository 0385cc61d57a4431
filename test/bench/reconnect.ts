/** After the relay was gone: how soon a device has what happened meanwhile. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { BACK_OFF_RESET_AFTER_MS } from '#lib/back-off.ts';
import { BenchHost } from '../support/bench/bench-host.ts';
import { pairPhone } from '../support/bench/bench-phone.ts';
import { type BenchRelay, startBenchRelay } from '../support/bench/bench-relay.ts';
import { Follower, untilShown } from '../support/bench/follower.ts';
import type { PhonePage } from '../support/phone-page.ts';
import type { Bench, BenchContext, Figure } from './bench.ts';
import { formatMs, formatPercentiles, median, percentileValues, summarize } from './statistics.ts';

const GAP_MS = 50;
const DEVICE_RETRY_MS = 50;

const now = () => performance.timeOrigin + performance.now();

type Way = 'killed' | 'restarted';

export const reconnect: Bench = {
  key: 'c',
  name: 'Reconnect and catch-up after a relay restart',
  async run(context) {
    const hosts = context.isQuick ? 1 : 4;
    const rounds: readonly Way[] = context.isQuick
      ? ['killed', 'restarted']
      : ['killed', 'killed', 'killed', 'killed', 'killed', 'restarted', 'restarted', 'restarted'];
    let relay = await startBenchRelay(context);
    const pairs = await Promise.all(
      Array.from({ length: hosts }, (_, index) => startPair(context, `host-${index}`, relay)),
    );
    const phone = await watchFirst(context, pairs);
    const found: Record<Way, { node: number[]; page: number[]; outage: number[] }> = {
      killed: { node: [], page: [], outage: [] },
      restarted: { node: [], page: [], outage: [] },
    };
    for (const way of rounds) {
      // A connection that held for a while starts the back-off again, as one that held for days does.
      await wait(context.isQuick ? 500 : BACK_OFF_RESET_AFTER_MS + 1_000 + Math.random() * 500);
      const goneAt = now();
      await (way === 'killed' ? relay.process.kill() : relay.process.stop());
      relay = await startBenchRelay({ ...context, port: relay.port });
      const backAt = now();
      const done = await Promise.all([...pairs.map((pair) => pair.untilFresh(backAt)), untilShown(phone, backAt)]);
      found[way].outage.push(backAt - goneAt);
      found[way].node.push(...done.slice(0, -1).map((at) => at - backAt));
      found[way].page.push((done.at(-1) as number) - backAt);
      context.note(
        `${way}: away for ${formatMs(backAt - goneAt)}, devices back after ${done.map((at) => formatMs(at - backAt)).join(', ')}`,
      );
    }
    return (['killed', 'restarted'] as const).flatMap((way) => describeFigure(way, found[way], hosts));
  },
};

function describeFigure(
  way: Way,
  found: { node: number[]; page: number[]; outage: number[] },
  hosts: number,
): Figure[] {
  const words = way === 'killed' ? 'killed and started again' : 'restarted in good order (1012)';
  const away = `relay away for ${formatMs(median(found.outage))}`;
  const [node, page] = [summarize(found.node), summarize(found.page)];
  return [
    {
      what: `Relay ${words}: it listens → a Node device has the newest event`,
      result: formatPercentiles(node),
      how: `${node.count} times, ${hosts} hosts at once, ${away}`,
      values: { ...percentileValues(node), outageMs: median(found.outage) },
    },
    {
      what: `Relay ${words}: it listens → the page shows the newest event`,
      result: formatPercentiles(page),
      how: `${page.count} times, ${away}`,
      values: { ...percentileValues(page), outageMs: median(found.outage) },
    },
  ];
}

interface Pair {
  readonly host: BenchHost;
  /** Resolves with the time when the device had an event that happened after `since`, and so all before it. */
  untilFresh(since: number): Promise<number>;
}

/** A host whose agent does something all the time, and a device that follows it. */
async function startPair(context: BenchContext, name: string, relay: BenchRelay): Promise<Pair> {
  const folder = join(context.folder, name);
  mkdirSync(folder);
  const host = await BenchHost.start({ folder, relayOrigin: relay.origin });
  const identity = await host.pairNode('Bench device');
  const follower = await Follower.start({ file: join(folder, 'device.db'), identity, retryMs: DEVICE_RETRY_MS });
  context.atEnd(() => follower.device.dispose());
  const session = await follower.startBusySession(host.project, 'Busy', GAP_MS);
  return { host, untilFresh: (since) => follower.untilFresh(since, [session]) };
}

/** The page, with the first host's session open. */
async function watchFirst(context: BenchContext, pairs: readonly Pair[]): Promise<PhonePage> {
  const [first] = pairs;
  if (!first) throw new Error('There is no host to watch.');
  const phone = await pairPhone(await context.browser(), first.host, 'Bench phone');
  context.atEnd(() => phone.close());
  await phone.openSession('Busy');
  await untilShown(phone, now());
  return phone;
}
