/**
 * `npm run test:faults -- [--only row,row] [--seed N] [--short] [--at-once N] [--keep] [--report FILE]`: breaks one thing after the other under a prompt and an
 * approval in flight, against real processes and a real browser, and prints what the screens said and what was lost. Then the disks of
 * host, keeper and relay are full at every one of their writes. `--seed` orders the rows and chooses the points of those sweeps; needs
 * `npm run build` first. Exit code 1 if a row failed.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createRandom } from '../support/chaos/random.ts';
import { chromiumArguments, requireChromium, WHAT_TO_INSTALL } from '../support/chromium.ts';
import { SWEEPS } from './disk/sweeps.ts';
import type { Outcome, Row } from './row.ts';
import { ROWS } from './rows.ts';
import { runRow } from './run-row.ts';
import { printTable } from './table.ts';

const AT_ONCE = 3;
/** Of the short form: all at once is more than two cores can do in time. */
const AT_ONCE_WHEN_SHORT = 4;
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    short: { type: 'boolean' },
    keep: { type: 'boolean' },
    'at-once': { type: 'string' },
    report: { type: 'string' },
  },
});

const wanted = values.only?.split(',');
const names = [...ROWS, ...SWEEPS].map(({ name }) => name);
const strange = wanted?.filter((name) => !names.includes(name)) ?? [];
if (strange.length > 0) {
  console.error(`There is no row ${strange.join(', ')}. There are: ${names.join(', ')}`);
  process.exit(2);
}
const executablePath = requireChromium();
if (executablePath === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
const chosen = ROWS.filter((row) => (wanted ? wanted.includes(row.name) : !values.short || row.isShort));
const rows = values.seed === undefined ? chosen : createRandom(Number(values.seed)).shuffle(chosen);
const folder = mkdtempSync(join(tmpdir(), 'baton-faults-'));
const begin = performance.now();
const launch = () => chromium.launch({ executablePath, args: chromiumArguments() });
const browser = await launch();
const outcomes = await inParallel(rows, Number(values['at-once'] ?? (values.short ? AT_ONCE_WHEN_SHORT : AT_ONCE)));
await browser.close();
// After the rows, which are measured by the second; most of a sweep is waiting, too.
const sweeps = SWEEPS.filter(({ name }) => wanted?.includes(name) ?? true);
outcomes.push(...(await Promise.all(sweeps.map(runOneSweep))));
printTable(outcomes);
const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
const took = ((performance.now() - begin) / 1000).toFixed(0);
console.log(`\n${outcomes.length - failed} of ${outcomes.length} faults as they should be, in ${took} s.`);
if (values.report !== undefined)
  writeFileSync(values.report, JSON.stringify({ passed: outcomes.length - failed, failed }));
process.exit(failed === 0 && outcomes.length > 0 ? 0 : 1);

/** Most of a row is waiting; each has a stage of its own. The outcomes are in the order of the rows. */
async function inParallel(all: readonly Row[], atOnce: number): Promise<Outcome[]> {
  const waiting = [...all.entries()];
  const done: Outcome[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, row] = next;
      done[at] = await runRow(row, { browser, launch, folder: join(folder, row.name), isKept: values.keep ?? false });
      console.log(`${done[at].problems.length === 0 ? '✓' : '✗'} ${row.name}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}

async function runOneSweep({ name, run }: (typeof SWEEPS)[number]): Promise<Outcome> {
  const outcome = await run({
    folder: join(folder, name),
    isShort: values.short ?? false,
    ...(values.seed !== undefined && { seed: Number(values.seed) }),
  });
  console.log(`${outcome.problems.length === 0 ? '✓' : '✗'} ${name}: ${outcome.pageSaid}`);
  return outcome;
}
