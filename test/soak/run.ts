/**
 * `npm run soak -- [--minutes 20] [--seed N] [--keep]`: ten sessions and three devices at steady work; prints the slope of memory, descriptors,
 * timers and listeners of each process, and fails when one of them is not flat or anything was lost. Needs `npm run build` first.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BOUNDS } from './gauges.ts';
import { fitLine, isFlat } from './slope.ts';
import { type SoakReport, soak } from './soak.ts';

const MINUTES_DEFAULT = 20;
const MINUTES_MAX = 24 * 60;
/** The beginning, in which caches fill and code is compiled, is not looked at. */
const WARM_UP_SHARE = 0.3;

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
});
const minutes = Number(values.minutes ?? MINUTES_DEFAULT);
const seed = Number(values.seed ?? 1);
if (!(minutes > 0 && minutes <= MINUTES_MAX) || !Number.isInteger(seed)) {
  console.error(`--minutes is a number up to ${MINUTES_MAX}, --seed a whole number.`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'baton-soak-'));
console.log(`Soak for ${minutes} min, seed ${seed} …`);
const durationMs = minutes * 60_000;
const isGood = await soak({ folder, durationMs, seed }).then(judge, (error: unknown) => {
  console.error('The soak did not get to its end.', error);
  return false;
});
if (isGood && !values.keep) rmSync(folder, { recursive: true, force: true });
else console.log(`Files and logs of this run: ${folder}`);
process.exit(isGood ? 0 : 1);

/** Whether all was flat, and nothing was lost. */
function judge({ gauges, violations, counts }: SoakReport): boolean {
  const points = Object.fromEntries(gauges.map((gauge) => [gauge.process, Object.fromEntries(gauge.points)]));
  writeFileSync(join(folder, 'gauges.json'), JSON.stringify(points));
  let isFlatAll = true;
  const rows = gauges.flatMap((gauge) =>
    [...gauge.points].map(([name, points]) => {
      const fit = fitLine(points.filter(({ atMs }) => atMs >= durationMs * WARM_UP_SHARE));
      const bound = BOUNDS[name];
      const isWell = isFlat(fit, bound);
      isFlatAll &&= isWell;
      const growth = `${fit.growth >= 0 ? '+' : ''}${fit.growth.toFixed(2)}`;
      const slope = `${fit.perMinute.toFixed(3)} / min (at most ${bound.perMinuteMax}, noise ${bound.noise})`;
      return `  ${gauge.process.padEnd(7)} ${name.padEnd(12)} mean ${fit.mean.toFixed(1).padStart(7)}  slope ${slope}  in all ${growth}${isWell ? '' : '  NOT FLAT'}`;
    }),
  );
  console.log(rows.join('\n'));
  console.log(
    `${counts.prompts} prompts, ${counts.cuts} cut connections, ${counts.connections} channels, ${counts.events} events compared on ${3} devices`,
  );
  for (const violation of violations.slice(0, 20)) console.error(`  - ${violation}`);
  if (violations.length === 0) console.log('Nothing was lost, nothing happened twice.');
  return isFlatAll && violations.length === 0;
}
