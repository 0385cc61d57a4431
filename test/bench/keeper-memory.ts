/** What it costs to have agents outlive the host: the keeper with ten of them, all idle; and what it adds on the way. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import { BenchHost } from '../support/bench/bench-host.ts';
import { startBenchRelay } from '../support/bench/bench-relay.ts';
import { Device } from '../support/device/device.ts';
import { endKeeper } from '../support/keeper/end-keeper.ts';
import type { Bench } from './bench.ts';
import { formatMegabytes, formatMs } from './statistics.ts';

const SESSIONS = 10;

export const keeperMemory: Bench = {
  key: 'k',
  name: `Keeper with ${SESSIONS} idle agents: memory`,
  async run({ folder, phoneFolder, isQuick, atEnd }) {
    const idleMs = isQuick ? 2_000 : 30_000;
    const relay = await startBenchRelay({ folder, phoneFolder });
    const host = await BenchHost.start({ folder, relayOrigin: relay.origin });
    atEnd(() => endKeeper(folder));
    const identity = await host.pairNode('Bench device');
    const device = Device.open({ file: join(folder, 'device.db'), identity });
    atEnd(() => device.dispose());
    await device.until('the state', () => device.state !== null);
    for (let number = 1; number <= SESSIONS; number += 1) {
      device.send('session.new', uuidv7(), { agent: 'demo', folder: host.project, title: `Session ${number}` });
    }
    const countIdle = () => device.state?.sessions.filter(({ state }) => state === 'idle').length ?? 0;
    await device.until('all sessions are idle', () => countIdle() === SESSIONS, 120_000);
    await wait(idleMs);
    const keeper = readState(keeperPathsIn(join(folder, 'keeper')));
    if (!keeper) throw new Error('There is no keeper.');
    const memory = readMemory(keeper.pid);
    return [
      {
        what: `Keeper memory (RSS) with ${SESSIONS} idle agents`,
        result: `${formatMegabytes(memory.rssBytes)}, of which ${formatMegabytes(memory.ownBytes)} are its own (PSS)`,
        how: `idle for ${formatMs(idleMs)}; agents not counted; most of it is Node's program, shared with all that run it`,
        values: memory,
      },
    ];
  },
};

/** Linux only. */
function readMemory(pid: number): { rssBytes: number; ownBytes: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  return { rssBytes: bytes('Rss'), ownBytes: bytes('Pss') };
}
