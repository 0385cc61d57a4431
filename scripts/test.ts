/** `npm test`: everything a newcomer needs to trust Baton. Ends with one line `N passed, N failed`. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireChromium, WHAT_TO_INSTALL } from '../test/support/chromium.ts';
import { build, ROOT, run } from './steps.ts';

const results = join(ROOT, 'dist', 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

interface Count {
  passed: number;
  failed: number;
}

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(results, name), 'utf8'));
  } catch {
    return null;
  }
}

/** A part that leaves no report has failed as a whole. */
const NO_REPORT: Count = { passed: 0, failed: 1 };

async function runUnit(): Promise<Count> {
  const file = join(results, 'unit.json');
  const code = await run('vitest', [
    'run',
    '--project',
    'node',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = readJson('unit.json') as { numPassedTests: number; numFailedTests: number } | null;
  if (!report) return NO_REPORT;
  // A file that cannot be loaded fails without a failed test.
  return { passed: report.numPassedTests, failed: Math.max(report.numFailedTests, code === 0 ? 0 : 1) };
}

async function runPages(): Promise<Count> {
  const code = await run(
    'playwright',
    [
      'test',
      '--config',
      'test/playwright.config.ts',
      '--project',
      'browser',
      '--project',
      'e2e',
      '--reporter=list,json',
    ],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: join(results, 'pages.json') },
  );
  const report = readJson('pages.json') as { stats: { expected: number; unexpected: number; flaky: number } } | null;
  if (!report) return NO_REPORT;
  const { expected, unexpected, flaky } = report.stats;
  return { passed: expected + flaky, failed: Math.max(unexpected, code === 0 ? 0 : 1) };
}

async function runStep(program: string, args: string[]): Promise<Count> {
  return (await run(program, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

if (requireChromium() === null) {
  console.error(WHAT_TO_INSTALL);
  process.exit(1);
}
if (!(await build())) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const counts = [
  await runStep('biome', ['check', '.']),
  await runUnit(),
  await runPages(),
  await runStep('node', ['test/chaos/run.ts', '--seconds', '30']),
];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
