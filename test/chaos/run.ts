/**
 * `npm run test:chaos -- [--seconds 30] [--seed N]`: breaks what can break while two people work, then looks whether anything was lost,
 * done twice or shown to the relay. The same seed gives the same faults at the same times. Exit code 1 if the promise was not kept.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { printReport } from './report.ts';

const SECONDS_DEFAULT = 30;
const SECONDS_MAX = 24 * 3600;
const SEED_MAX = 2 ** 32 - 1;

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
});
const seconds = Number(values.seconds ?? SECONDS_DEFAULT);
const seed = values.seed === undefined ? randomInt(SEED_MAX) : Number(values.seed);
if (
  !Number.isInteger(seconds) ||
  seconds < 1 ||
  seconds > SECONDS_MAX ||
  !Number.isInteger(seed) ||
  seed < 0 ||
  seed > SEED_MAX
) {
  console.error(`--seconds is a whole number from 1 to ${SECONDS_MAX}, --seed one from 0 to ${SEED_MAX}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'baton-chaos-'));
console.log(`Chaos for ${seconds} s, seed ${seed} …`);
const isKept = await runChaos({
  seed,
  durationMs: seconds * 1000,
  folder,
  marker: `MARKER-${randomBytes(12).toString('hex')}`,
  decoy: `DECOY-${randomBytes(12).toString('hex')}`,
}).then(
  (report) => {
    printReport(report);
    return report.violations.length === 0;
  },
  (error: unknown) => {
    console.error(`seed ${seed}: the run did not get to its end.`, error);
    return false;
  },
);
if (isKept && !values.keep) rmSync(folder, { recursive: true, force: true });
else console.log(`Files and logs of this run: ${folder}`);
process.exit(isKept ? 0 : 1);
