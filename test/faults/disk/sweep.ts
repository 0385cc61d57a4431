/** Sweeps over every write that a process makes: which points there are, several at once, and what came of them all. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '#test/support/chaos/random.ts';
import type { Outcome } from '../row.ts';
import type { SweptDisk } from './disk.ts';

const SEED = 1;
/** Blocks that are left at most when the disk becomes full: a write may then fail in its middle. */
const SPARE_MAX = 3;

/** Where and how the disk becomes full. */
export interface Point<Fate extends string> {
  /** Before the so many-th write. */
  readonly at: number;
  readonly spare: number;
  readonly fate: Fate;
}

/** What one point came to. */
export interface PointOutcome {
  /** The write before which the disk became full; null: there was no such write. */
  readonly what: string | null;
  /** Made in all. */
  readonly writes: number;
  readonly failed: number;
  readonly noticedMs: number | null;
  readonly recoveredMs: number | null;
  readonly problems: readonly string[];
}

export interface SweptStage {
  readonly disk: Pick<SweptDisk, 'isReal'>;
  end(): Promise<void>;
}

export interface SweepOptions {
  readonly folder: string;
  readonly isShort: boolean;
  readonly seed?: number;
}

export interface Sweep<Stage extends SweptStage, Fate extends string> {
  readonly name: string;
  readonly fates: readonly Fate[];
  /** Points of the full form at most, and of the short one. */
  readonly most: number;
  readonly few: number;
  readonly atOnce: number;
  begin(folder: string): Promise<Stage>;
  /** Whether a stage serves for one point only. */
  readonly isFresh?: boolean;
  play(stage: Stage, point: Point<Fate>): Promise<PointOutcome>;
}

/** Every write with every fate; a seeded choice of those if there are more than `most`, in the order of the writes. */
export function choosePoints<Fate extends string>(
  writes: number,
  fates: readonly Fate[],
  most: number,
  seed: number = SEED,
): Point<Fate>[] {
  const random = createRandom(seed);
  const all = Array.from({ length: writes }, (_, index) => index + 1).flatMap((at) =>
    fates.map((fate) => ({ at, fate, spare: random.between(0, SPARE_MAX) })),
  );
  if (all.length <= most) return all;
  return random
    .shuffle(all)
    .slice(0, most)
    .sort((a, b) => a.at - b.at);
}

/** A sweep under way: its stages, and what its points came to so far. */
class SweepRun<Stage extends SweptStage, Fate extends string> {
  readonly problems: string[] = [];
  readonly outcomes: PointOutcome[] = [];
  isReal = true;
  readonly #sweep: Sweep<Stage, Fate>;
  readonly #folder: string;
  #stages = 0;

  constructor(sweep: Sweep<Stage, Fate>, folder: string) {
    this.#sweep = sweep;
    this.#folder = folder;
  }

  /** Answers the stage for the next point, null if this one is used up; and what came of it, null if it broke off. */
  async play(given: Stage | null, point: Point<Fate>): Promise<[Stage | null, PointOutcome | null]> {
    const { name, isFresh = false } = this.#sweep;
    const where = `${name} at write ${point.at} with ${point.spare} blocks left (${point.fate})`;
    let stage = given;
    try {
      stage ??= await this.#begin();
      this.isReal = stage.disk.isReal;
      const outcome = await this.#sweep.play(stage, point);
      this.problems.push(...outcome.problems.map((text) => `${where}, ${outcome.what}: ${text}`));
      if (outcome.problems.length === 0 && !isFresh) return [stage, outcome];
      await stage.end();
      return [null, outcome];
    } catch (error) {
      this.problems.push(`${where}: ${error instanceof Error ? error.message || error.stack : String(error)}`);
      await stage?.end().catch(() => {});
      return [null, null];
    }
  }

  /** All points that are left, one after the other. */
  async work(given: Stage | null, points: Point<Fate>[]): Promise<void> {
    let stage = given;
    for (let next = points.shift(); next; next = points.shift()) {
      const [left, outcome] = await this.play(stage, next);
      stage = left;
      if (outcome) this.outcomes.push(outcome);
    }
    await stage?.end();
  }

  async #begin(): Promise<Stage> {
    this.#stages += 1;
    const folder = join(this.#folder, String(this.#stages));
    mkdirSync(folder, { recursive: true });
    return await this.#sweep.begin(folder);
  }
}

/** Never rejects: what goes wrong is in the outcome. The writes are counted in a first run in which nothing happens. */
export async function runSweep<Stage extends SweptStage, Fate extends string>(
  sweep: Sweep<Stage, Fate>,
  { folder, isShort, seed = SEED }: SweepOptions,
): Promise<Outcome> {
  const run = new SweepRun(sweep, folder);
  const [fate] = sweep.fates as readonly [Fate];
  const [stage, clean] = await run.play(null, { at: Number.MAX_SAFE_INTEGER, spare: 0, fate });
  const points = choosePoints(clean?.writes ?? 0, sweep.fates, isShort ? sweep.few : sweep.most, seed);
  const wanted = points.length;
  const lanes = Math.max(1, Math.min(sweep.atOnce, wanted));
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run.work(lane === 0 ? stage : null, points)));
  const { problems, outcomes } = run;
  const struck = outcomes.filter(({ what }) => what !== null);
  // How many writes there are differs a little from run to run: the last ones may not come.
  if (struck.length === 0 || struck.length < wanted / 2)
    problems.push(`Only ${struck.length} of ${wanted} points were reached.`);
  if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
  else problems.push(`Files: ${folder}`);
  const most = (values: readonly (number | null)[]) => Math.max(0, ...values.map((value) => value ?? 0));
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
  return {
    row: sweep.name,
    pageSaid: `${struck.length} points of ${clean?.writes ?? 0} writes, ${failed} failed`,
    terminalSaid: run.isReal ? 'a real disk' : 'none to be mounted: imitated',
    noticedMs: most(outcomes.map(({ noticedMs }) => noticedMs)) || null,
    recoveredMs: most(outcomes.map(({ recoveredMs }) => recoveredMs)),
    falseMs: 0,
    lost: problems.length,
    twice: 0,
    problems,
  };
}
