/** What it costs to keep twenty agents waiting: the host alone, with its agents counted apart. */

import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import { BenchHost } from '../support/bench/bench-host.ts';
import { startBenchRelay } from '../support/bench/bench-relay.ts';
import { readProcessTree } from '../support/bench/measured-process.ts';
import { Device } from '../support/device/device.ts';
import type { Bench, Figure } from './bench.ts';
import { checkBlock, formatBlock, formatMegabytes, formatMs } from './statistics.ts';

const SESSIONS = 20;

export const idleSessions: Bench = {
  key: 'g',
  name: 'Host with 20 idle sessions: memory, longest block of its event loop',
  async run({ folder, phoneFolder, isQuick, note, atEnd }) {
    const settleMs = isQuick ? 1_000 : 15_000;
    const idleMs = isQuick ? 3_000 : 60_000;
    const relay = await startBenchRelay({ folder, phoneFolder });
    const host = await BenchHost.start({ folder, relayOrigin: relay.origin });
    const identity = await host.pairNode('Bench device');
    const device = Device.open({ file: join(folder, 'device.db'), identity });
    atEnd(() => device.dispose());
    await device.until('the state', () => device.state !== null);
    await wait(settleMs);
    const empty = await host.measured.cost();

    await host.measured.resetBlocks();
    const began = performance.now();
    for (let number = 1; number <= SESSIONS; number += 1) {
      device.send('session.new', uuidv7(), { agent: 'demo', folder: host.project, title: `Session ${number}` });
    }
    const countIdle = () => device.state?.sessions.filter(({ state }) => state === 'idle').length ?? 0;
    await device.until('all sessions are idle', () => countIdle() === SESSIONS, 120_000);
    const startMs = performance.now() - began;
    const started = await host.measured.cost();
    note(`${SESSIONS} sessions started in ${formatMs(startMs)}`);

    await wait(settleMs);
    await host.measured.resetBlocks();
    const before = await host.measured.cost();
    await wait(idleMs);
    const after = await host.measured.cost();
    // Agents run under the keeper.
    const keeper = readState(keeperPathsIn(join(folder, 'keeper')))?.pid ?? 0;
    const tree = await readProcessTree(keeper);
    const agents = [...(tree ?? [])].filter(([pid]) => pid !== keeper).map(([, bytes]) => bytes);

    const cpuPercent = ((after.cpuMicros - before.cpuMicros) / 1000 / (after.at - before.at)) * 100;
    const figures: Figure[] = [
      {
        what: `Host memory (RSS) with ${SESSIONS} idle sessions`,
        result: `${formatMegabytes(after.rssBytes)} (${formatMegabytes(empty.rssBytes)} with none; heap ${formatMegabytes(after.heapBytes)})`,
        how: `host process alone, idle for ${formatMs(idleMs)}, one device connected`,
        values: { rssBytes: after.rssBytes, emptyRssBytes: empty.rssBytes, heapBytes: after.heapBytes },
      },
      {
        what: 'Its event loop meanwhile',
        result: `${formatBlock(after)}, ${cpuPercent.toFixed(2)} % of a core`,
        how: 'looked at every 10 ms, which is part of the cost',
        values: { longestOwnBlockMs: after.longestOwnBlockMs, longestBlockMs: after.longestBlockMs, cpuPercent },
        fault: checkBlock(after),
      },
      {
        what: `Starting ${SESSIONS} sessions at once`,
        result: `${formatMs(startMs)}, ${formatBlock(started)}`,
        how: 'until the device sees all of them idle',
        values: { startMs, longestOwnBlockMs: started.longestOwnBlockMs, longestBlockMs: started.longestBlockMs },
        fault: checkBlock(started),
      },
    ];
    if (agents.length > 0) {
      const bytes = agents.reduce((sum, one) => sum + one, 0);
      figures.push({
        what: `The ${agents.length} demo agents, apart`,
        result: `${formatMegabytes(bytes)} in all, ${formatMegabytes(bytes / agents.length)} each`,
        how: 'RSS, shared pages counted for each',
        values: { agents: agents.length, rssBytes: bytes },
      });
    }
    return figures;
  },
};
