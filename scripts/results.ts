/** What a test runner counted, whatever it calls it. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './steps.ts';

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

const FOLDER = join(ROOT, 'dist', 'test-results');
/** A part that leaves no report has failed as a whole. */
const NO_REPORT: Count = { passed: 0, failed: 1 };

export function clearResults(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
}

function readReport<Report>(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}

/** Runs one project of Vitest. */
export async function runVitest(project: string): Promise<Count> {
  const file = join(FOLDER, `vitest-${project}.json`);
  const code = await run('vitest', [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = readReport<{ numPassedTests: number; numFailedTests: number }>(file);
  if (!report) return NO_REPORT;
  // A file that cannot be loaded fails without a failed test.
  return { passed: report.numPassedTests, failed: Math.max(report.numFailedTests, code === 0 ? 0 : 1) };
}

/** Runs projects of Playwright. */
export async function runPlaywright(...projects: string[]): Promise<Count> {
  const file = join(FOLDER, `playwright-${projects.join('-')}.json`);
  const chosen = projects.map((project) => `--project=${project}`);
  const args = ['test', '--config', 'test/playwright.config.ts', ...chosen, '--reporter=list,json'];
  const code = await run('playwright', args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const report = readReport<{ stats: { expected: number; unexpected: number; flaky: number } }>(file);
  if (!report) return NO_REPORT;
  const { expected, unexpected, flaky } = report.stats;
  return { passed: expected + flaky, failed: Math.max(unexpected, code === 0 ? 0 : 1) };
}

/** Runs the rows of the fault matrix that are told most. */
export async function runFaults(): Promise<Count> {
  const file = join(FOLDER, 'faults.json');
  const code = await run('node', ['test/faults/run.ts', '--short', '--report', file]);
  const report = readReport<Count>(file);
  return report ? { ...report, failed: Math.max(report.failed, code === 0 ? 0 : 1) } : NO_REPORT;
}

/** Runs something that passes or fails as a whole. */
export async function runStep(program: string, args: readonly string[]): Promise<Count> {
  return (await run(program, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Prints the sum as one line, and makes it the exit code. */
export function report(counts: readonly Count[]): void {
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
