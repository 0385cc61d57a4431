/** The figures as a table for people and a file for programs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './bench.ts';
import type { Machine } from './machine.ts';

export interface Report {
  readonly at: string;
  readonly isQuick: boolean;
  readonly machine: Machine;
  readonly benches: readonly {
    key: string;
    name: string;
    seconds: number;
    error: string | null;
    figures: readonly Figure[];
  }[];
}

export function renderMarkdown(report: Report): string {
  const { machine, benches } = report;
  const lines = [
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, ${machine.system}; Node ${machine.node}, ${machine.chromium}; commit ${machine.commit}.`,
  ];
  if (report.isQuick) lines.push('', 'A quick run: few rounds, so these figures say only that everything works.');
  lines.push('', '| | What | Result | How |', '|---|---|---|---|');
  for (const { key, name, error, figures } of benches) {
    for (const { what, result, how, fault } of figures) {
      lines.push(`| ${key} | ${what} | ${result}${fault ? ` **${fault}**` : ''} | ${how} |`);
    }
    if (error !== null) lines.push(`| ${key} | ${name} | failed | ${error.split('\n')[0]} |`);
  }
  return lines.join('\n');
}

/** What failed or is not as it has to be, a line each. */
export function findFaults(report: Report): string[] {
  return report.benches.flatMap(({ key, name, error, figures }) => [
    ...(error === null ? [] : [`${key} ${name}: ${error.split('\n')[0]}`]),
    ...figures.flatMap(({ what, fault }) => (fault ? [`${key} ${what}: ${fault}`] : [])),
  ]);
}

/** Writes `bench.json` and `bench.md`; answers their paths. */
export function writeReport(report: Report, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const json = join(folder, 'bench.json');
  const markdown = join(folder, 'bench.md');
  writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(markdown, `${renderMarkdown(report)}\n`);
  return [json, markdown];
}
