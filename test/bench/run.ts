/**
 * `npm run bench`: measures the whole path on this machine, prints a table, and writes it to dist/bench.
 *   --only a,c   only these
 *   --quick      few rounds: shows that everything runs
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright';
import { compile, run } from '#scripts/steps.ts';
import { ROOT, stopAllProcesses } from '../support/bench/measured-process.ts';
import { chromiumArguments, findChromium, WHAT_TO_INSTALL } from '../support/chromium.ts';
import type { Bench, BenchContext, Figure } from './bench.ts';
import { catchUp } from './catch-up.ts';
import { fullTextSearch } from './full-text-search.ts';
import { idleSessions } from './idle-sessions.ts';
import { keeperMemory } from './keeper-memory.ts';
import { longSession } from './long-session.ts';
import { describeMachine } from './machine.ts';
import { reconnect } from './reconnect.ts';
import { relayForwarding } from './relay-forwarding.ts';
import { findFaults, type Report, renderMarkdown, writeReport } from './report.ts';
import { promptLatency, textLatency } from './text-latency.ts';
import { trayApp } from './tray-app.ts';
import { wake } from './wake.ts';

const BENCHES: readonly Bench[] = [
  textLatency,
  promptLatency,
  reconnect,
  relayForwarding,
  catchUp,
  fullTextSearch,
  idleSessions,
  longSession,
  keeperMemory,
  trayApp,
  wake,
];

function readOptions(): { only: readonly Bench[]; isQuick: boolean } | { wrong: string } {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean' } } });
    const keys = values.only?.split(',').map((key) => key.trim());
    const unknown = keys?.find((key) => !BENCHES.some((bench) => bench.key === key));
    if (unknown !== undefined) {
      return {
        wrong: `There is no benchmark "${unknown}". ${BENCHES.map(({ key, name }) => `${key}: ${name}`).join('; ')}`,
      };
    }
    return { only: BENCHES.filter(({ key }) => keys?.includes(key) ?? true), isQuick: values.quick ?? false };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if ('wrong' in options) {
    console.error(options.wrong);
    return 1;
  }
  const executablePath = findChromium();
  if (executablePath === null) {
    console.error(WHAT_TO_INSTALL);
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'));
  const phoneFolder = join(folder, 'phone');
  let browser: Promise<Browser> | null = null;
  const cleanUp = async () => {
    await stopAllProcesses();
    await (await browser)?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  try {
    if ((await compile('main', 'relay')) !== 0) return 1;
    if ((await run('vite', ['build', 'phone', '--outDir', phoneFolder, '--logLevel', 'warn'])) !== 0) return 1;
    const tools = {
      phoneFolder,
      isQuick: options.isQuick,
      browser: () => {
        browser ??= chromium.launch({ executablePath, args: chromiumArguments() });
        return browser;
      },
    };
    const benches: Report['benches'][number][] = [];
    const report: Report = {
      at: new Date().toISOString(),
      isQuick: options.isQuick,
      machine: describeMachine(),
      benches,
    };
    for (const bench of options.only) benches.push(await runOne(bench, join(folder, bench.key), tools));
    const paths = writeReport(report, join(ROOT, 'dist', 'bench'));
    console.log(`\n${renderMarkdown(report)}\n\nWritten to ${paths.join(' and ')}.`);
    const faults = findFaults(report);
    for (const fault of faults) console.error(fault);
    return faults.length > 0 ? 1 : 0;
  } finally {
    await cleanUp();
  }
}

/** One benchmark in its folder. Whatever it started is gone afterwards; its failure is part of the report. */
async function runOne(
  bench: Bench,
  folder: string,
  tools: Pick<BenchContext, 'phoneFolder' | 'isQuick' | 'browser'>,
): Promise<Report['benches'][number]> {
  console.log(`\n${bench.key}  ${bench.name}`);
  const began = performance.now();
  const disposers: (() => unknown)[] = [];
  mkdirSync(folder);
  let figures: Figure[] = [];
  let error: string | null = null;
  try {
    figures = await bench.run({
      ...tools,
      folder,
      atEnd: (dispose) => void disposers.unshift(dispose),
      note: (text) => console.log(`   ${text}`),
    });
    for (const { what, result } of figures) console.log(`   ${what}: ${result}`);
  } catch (cause) {
    error = inspect(cause);
    console.error(error);
  }
  for (const dispose of disposers) await dispose();
  await stopAllProcesses();
  rmSync(folder, { recursive: true, force: true });
  return { key: bench.key, name: bench.name, seconds: (performance.now() - began) / 1000, error, figures };
}

// What a failed benchmark left open must not keep the process.
process.exit(await main());
