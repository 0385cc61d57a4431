/** One soak: ten sessions and three devices at steady work, while relay, host and keeper are looked at again and again. */
import { keeperPathsIn, readState } from '#main/keeper/wire/keeper-paths.ts';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { readDevice, readHost, readJournal } from '../chaos/evidence.ts';
import { verify } from '../chaos/verify.ts';
import { BenchHost } from '../support/bench/bench-host.ts';
import { startBenchRelay } from '../support/bench/bench-relay.ts';
import { ROOT, stopAllProcesses } from '../support/bench/measured-process.ts';
import { processesWith, signalIfRunning } from '../support/chaos/processes.ts';
import { createRandom } from '../support/chaos/random.ts';
import { isSettled } from '../support/device/device-store.ts';
import { Gauges } from './gauges.ts';
import { SoakDevice } from './soak-load.ts';

const DEVICES = ['Device one', 'Device two', 'Device three'] as const;
const SESSIONS = 10;
const LOOK_EVERY_MS = 5_000;
const BEGIN_WITHIN_MS = 60_000;
const REST_WITHIN_MS = 60_000;
const JOURNAL_VARIABLE = 'BATON_DEMO_JOURNAL';
/**
 * Of glibc: what is freed goes back to the system at once. Left to itself it keeps pieces to use them again, and the RSS rises with how
 * scattered those are while what is held stays the same; `malloc_info(3)` tells the two apart. Others ignore it.
 */
const GIVE_BACK = { MALLOC_MMAP_THRESHOLD_: String(16 * 1024), MALLOC_TRIM_THRESHOLD_: String(64 * 1024) };

export interface SoakReport {
  readonly gauges: readonly Gauges[];
  /** What was lost or done twice, or did not come to rest; empty if nothing. */
  readonly violations: readonly string[];
  readonly counts: {
    readonly prompts: number;
    readonly cuts: number;
    readonly connections: number;
    readonly events: number;
  };
}

/** Rejects if something did not even start; nothing runs on in any case. */
export async function soak(options: { folder: string; durationMs: number; seed: number }): Promise<SoakReport> {
  const { folder } = options;
  const journal = join(folder, 'journal');
  const devices: SoakDevice[] = [];
  try {
    return await work(options, journal, devices);
  } finally {
    for (const device of devices) device.dispose();
    await stopAllProcesses();
    // Agents may outlive their host, and their keeper ends with the last of them.
    for (const pid of await processesWith(`${JOURNAL_VARIABLE}=${journal}`)) signalIfRunning(pid, 'SIGKILL');
  }
}

async function work(
  { folder, durationMs, seed }: { folder: string; durationMs: number; seed: number },
  journal: string,
  devices: SoakDevice[],
): Promise<SoakReport> {
  const relay = await startBenchRelay({
    folder: join(folder, 'relay'),
    phoneFolder: join(ROOT, 'dist/phone'),
    environment: GIVE_BACK,
  });
  const environment = { ...GIVE_BACK, [JOURNAL_VARIABLE]: journal, BATON_DEMO_PACE_MS: '1' };
  const host = await BenchHost.start({ folder: join(folder, 'host'), relayOrigin: relay.origin, environment });
  const random = createRandom(seed);
  const sessions = Array.from({ length: SESSIONS }, () => uuidv7());
  for (const [index, name] of DEVICES.entries()) {
    const identity = await host.pairNode(name);
    const file = join(folder, `device-${index + 1}.db`);
    devices.push(new SoakDevice({ name, file, identity, random: random.fork(), sessions }));
  }
  const [first] = devices as [SoakDevice, ...SoakDevice[]];
  await first.device.until('a connection', () => first.device.isConnected, BEGIN_WITHIN_MS);
  for (const session of sessions)
    first.device.send('session.new', session, { agent: 'demo', folder: host.project, title: 'A session' });
  const isBegun = () => first.device.state?.sessions.filter(({ state }) => state === 'idle').length === SESSIONS;
  await first.device.until('all sessions idle', isBegun, BEGIN_WITHIN_MS);

  const findKeeper = async () => readState(keeperPathsIn(join(folder, 'host', 'keeper')))?.pid ?? null;
  const gauges = [
    Gauges.of('host', host.measured),
    Gauges.of('relay', relay.process),
    Gauges.outside('keeper', findKeeper),
  ];
  for (const device of devices) device.start();
  const begin = performance.now();
  while (performance.now() - begin < durationMs) {
    await wait(LOOK_EVERY_MS);
    const at = performance.now() - begin;
    await Promise.all(gauges.map((gauge) => gauge.look(at)));
  }
  for (const device of devices) device.rest();
  const violations = await settle(devices, sessions);
  const evidence = {
    host: readHost(join(folder, 'host', 'history.db')),
    devices: devices.map(({ name }, index) => readDevice(name, join(folder, `device-${index + 1}.db`))),
    journal: readJournal(journal),
    hostKills: 0,
    keeperKills: 0,
  };
  const verdict = verify(evidence);
  const sum = (count: (device: SoakDevice) => number) => devices.reduce((total, device) => total + count(device), 0);
  return {
    gauges,
    violations: [...violations, ...verdict.violations],
    counts: {
      prompts: sum(({ prompts }) => prompts),
      cuts: sum(({ cuts }) => cuts),
      connections: sum(({ connections }) => connections),
      events: verdict.counts.events,
    },
  };
}

/** Until nothing is under way and every device has all; what is missing then, in words. */
async function settle(devices: readonly SoakDevice[], sessions: readonly string[]): Promise<string[]> {
  const isQuiet = ({ device }: SoakDevice) => {
    const cursors = new Map(device.store.cursors().map(({ session, seq }) => [session, seq]));
    const isSettledAll = device.store.outbox().every(({ state }) => isSettled(state));
    const seen = device.state?.sessions ?? [];
    return (
      isSettledAll &&
      device.isConnected &&
      seen.every(({ id, seq, state }) => state === 'idle' && cursors.get(id) === seq)
    );
  };
  const countKnown = ({ device }: SoakDevice) => device.store.cursors().reduce((sum, { seq }) => sum + seq, 0);
  try {
    do {
      for (const one of devices) {
        await one.device.until(`${one.name} to be at rest`, () => isQuiet(one), REST_WITHIN_MS);
        for (const session of sessions) one.device.fillUp(session);
        const isWhole = () => sessions.every((session) => one.device.store.firstSeq(session) === 1);
        await one.device.until(`older events of ${one.name}`, isWhole, REST_WITHIN_MS);
      }
      // What one of them has sent last may be under way after another was at rest.
    } while (!devices.every(isQuiet) || new Set(devices.map(countKnown)).size > 1);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
