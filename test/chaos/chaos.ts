/** One run: begin, break things while two people work, let it come to rest, gather what is left, judge it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NeedleScanner } from '../support/chaos/needle-scanner.ts';
import { canScanMemory } from '../support/chaos/process-memory.ts';
import { createRandom } from '../support/chaos/random.ts';
import { readDevice, readHost, readJournal } from './evidence.ts';
import { type FaultKind, planFaults } from './fault-plan.ts';
import { Faults } from './faults.ts';
import { Load } from './load.ts';
import { type Verdict, verify } from './verify.ts';
import { World } from './world.ts';

/** After the last fault everything must be in order again by then. */
const REST_WITHIN_MS = 60_000;
/** Half a million events are fetched page by page. */
const FILL_UP_WITHIN_MS = 5 * 60_000;
const HOST_STOPS_WITHIN_MS = 15_000;

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly folder: string;
  readonly marker: string;
  readonly decoy: string;
}

export interface ChaosReport {
  readonly seed: number;
  /** The same for the same seed and duration. */
  readonly plan: { readonly faults: number; readonly hash: string };
  readonly violations: readonly string[];
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly skippedFaults: number;
  readonly counts: Verdict['counts'];
  readonly connections: { readonly host: number; readonly devices: number };
  readonly sync: { readonly snapshots: number; readonly pages: number };
  readonly traffic: { readonly connections: number; readonly bytes: number };
  readonly memory: { readonly scans: number; readonly bytes: number };
  readonly logLines: number;
  readonly seconds: { readonly begin: number; readonly chaos: number; readonly rest: number; readonly check: number };
}

/** Rejects if something did not even start, or did not come up again; then, too, nothing runs on. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { folder, marker, decoy } = options;
  const watch = startWatch();
  const people: { load: Load | null } = { load: null };
  const world = await World.begin({
    folder,
    marker,
    decoy,
    onMessage: (device, message) => people.load?.handle(device, message),
  });
  try {
    return await breakAndJudge(world, options, people, watch);
  } finally {
    people.load?.stop();
    await world.abandon();
  }
}

async function breakAndJudge(
  world: World,
  options: ChaosOptions,
  people: { load: Load | null },
  watch: () => number,
): Promise<ChaosReport> {
  const { marker, durationMs } = options;
  const random = createRandom(options.seed);
  const plan = planFaults(random.fork(), durationMs, world.devices.length);
  const planHash = createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 12);
  const load = new Load({ random: random.fork(), marker, devices: world.devices, sessions: world.sessions });
  people.load = load;
  const faults = new Faults(world);
  const begin = watch();

  faults.start(plan);
  load.start();
  await wait(durationMs);
  load.stop();
  await faults.stop();
  const chaos = watch();

  const violations: string[] = [];
  if (!(await world.untilAtRest(REST_WITHIN_MS))) {
    violations.push(`It did not come to rest within ${REST_WITHIN_MS / 1000} s: ${world.unrest().join(' ')}`);
  }
  const rest = watch();
  if (!(await world.fillUp(FILL_UP_WITHIN_MS))) violations.push('Older events could not be fetched in time.');
  world.relay.look(world.host.hostId);
  // Read while all is up and quiet: in ending, the host writes a last word that no device gets to hear before its next connection.
  const verdict = verify({
    host: readHost(world.hostFile),
    devices: world.devices.map(({ name }, index) => readDevice(name, world.deviceFile(index))),
    journal: readJournal(world.journal),
    keeperKills: faults.counts['keeper-kill'],
  });
  for (const device of world.devices) device.close();
  if (!(await world.host.stop(HOST_STOPS_WITHIN_MS))) violations.push('The host did not stop in good order.');
  const printed = await world.relay.stop();
  await Promise.all(world.wires.map((wire) => wire.stop()));

  violations.push(...verdict.violations, ...checkSecrecy(world, options, printed), ...(await checkHygiene(world)));
  return {
    seed: options.seed,
    plan: { faults: plan.length, hash: planHash },
    violations,
    faults: faults.counts,
    skippedFaults: faults.skipped,
    counts: verdict.counts,
    connections: { host: world.host.connections, devices: sum(world.devices.map(({ connections }) => connections)) },
    sync: {
      snapshots: sum(world.devices.map(({ snapshots }) => snapshots)),
      pages: sum(world.devices.map(({ pages }) => pages)),
    },
    traffic: {
      connections: sum(world.wires.map(({ connections }) => connections)),
      bytes: sum(world.wires.map(({ bytes }) => bytes)),
    },
    memory: world.relay.memory,
    logLines: printed.logLines,
    seconds: { begin, chaos, rest, check: watch() },
  };
}

/** The marker was nowhere near the relay, and anyone who looked for it could see. */
function checkSecrecy(
  world: World,
  { marker, decoy }: ChaosOptions,
  printed: { inLog: number; inFiles: number },
): string[] {
  const { memory } = world.relay;
  const seen = (text: string) => sum(world.wires.map((wire) => wire.seen(text)));
  const unreadable = world.wires.flatMap(({ unreadable }) => unreadable);
  const hostLog = new NeedleScanner([marker]);
  hostLog.scan(readFileSync(join(world.folder, 'host', 'baton.log')));
  const wrong: readonly (readonly [boolean, string])[] = [
    [seen(marker) > 0, `The traffic held the marker ${seen(marker)} times.`],
    [seen(decoy) === 0, 'The traffic was not read: not even the decoy was seen in it.'],
    [unreadable.length > 0, `Some traffic could not be read: ${[...new Set(unreadable)].join(', ')}.`],
    [printed.inLog > 0, `The relay’s log held the marker ${printed.inLog} times.`],
    [printed.inFiles > 0, `The relay’s files held the marker ${printed.inFiles} times.`],
    [memory.markers > 0, `The relay’s memory held the marker ${memory.markers} times.`],
    [memory.blindScans > 0, `${memory.blindScans} looks into the relay’s memory did not even find what must be there.`],
    [memory.problems.length > 0, `The relay’s memory could not be read: ${memory.problems[0] ?? ''}.`],
    [canScanMemory && memory.scans === 0, 'The relay’s memory was never looked into.'],
    [hostLog.count(marker) > 0, `The host’s log held the marker ${hostLog.count(marker)} times.`],
  ];
  return wrong.flatMap(([isWrong, text]) => (isWrong ? [text] : []));
}

/** Nothing broke by itself, and nothing is left running. */
async function checkHygiene(world: World): Promise<string[]> {
  const agents = await world.agentPids();
  const keeper = await world.keeper();
  return [
    ...world.devices.flatMap(({ name, failures }) =>
      failures.map((text) => `A channel of ${name} broke by itself: ${text}`),
    ),
    ...(world.host.printed === '' ? [] : [`The host printed: ${world.host.printed.slice(0, 2_000)}`]),
    ...(keeper === null ? [] : [`The keeper ${keeper} was left running.`]),
    ...(agents.length > 0 ? [`${agents.length} agent processes were left running.`] : []),
  ];
}

function startWatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
