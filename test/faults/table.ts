/** The matrix as a person reads it. */
import { seconds } from './play.ts';
import type { Outcome } from './row.ts';

const SAID_MAX_CHARS = 44;

export function printTable(outcomes: readonly Outcome[]): void {
  const head = ['fault', 'the page said', 'the terminal said', 'noticed', 'back', 'false', 'lost', 'twice', ''];
  const time = (ms: number | null) => (ms === null ? '–' : `${seconds(ms)} s`);
  const body = outcomes.map((one) => [
    one.row,
    clip(one.pageSaid),
    clip(one.terminalSaid.replace(/ · .*/, '')),
    time(one.noticedMs),
    time(one.recoveredMs),
    time(one.falseMs),
    String(one.lost),
    String(one.twice),
    one.problems.length === 0 ? 'ok' : 'FAILED',
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...body.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  console.log([line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n'));
  for (const { row, problems } of outcomes) {
    if (problems.length > 0) console.error(`\n${row}\n${problems.map((text) => `  - ${text}`).join('\n')}`);
  }
}

function clip(text: string): string {
  return text.length <= SAID_MAX_CHARS ? text : `${text.slice(0, SAID_MAX_CHARS - 1)}…`;
}
