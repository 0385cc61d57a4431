/** Pure: the sessions that are open as a table for a terminal, with what the process tree of each takes of the computer. */

import { durationWords } from '#lib/duration-words.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import type { SessionState, SessionSummary } from '#protocol/messages.ts';
import type { OwnMemory } from '../host/own-memory.ts';
import type { Usage, UsageBySession } from '../host/sessions/process-usage.ts';
import { fitText, measureText } from './fit-text.ts';

/** As many as there are digits to press. */
export const SESSIONS_PER_PAGE = 9;

const TITLE_MIN_CELLS = 10;
const AGENT_MAX_CELLS = 14;
const GAP = '  ';
const UNKNOWN = '–';

const STATES: Record<SessionState, { readonly words: string; readonly rank: number }> = {
  waiting: { words: 'waits for you', rank: 0 },
  working: { words: 'works', rank: 1 },
  starting: { words: 'starts', rank: 1 },
  idle: { words: 'idle', rank: 2 },
  interrupted: { words: 'interrupted', rank: 3 },
  failed: { words: 'failed', rank: 3 },
  ended: { words: 'ended', rank: 4 },
};

/** Those that have not ended: what needs a person first, then what moves; within each the latest change first. */
export function listOpenSessions(sessions: readonly SessionSummary[]): readonly SessionSummary[] {
  return sessions
    .filter(({ state }) => state !== 'ended')
    .toSorted((a, b) => STATES[a.state].rank - STATES[b.state].rank || b.since - a.since);
}

/** "640 KB", "312 MB", "1.4 GB". */
export function describeBytes(bytes: number): string {
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} KB`;
  if (bytes < 999_500_000) return `${Math.round(bytes / 1_000_000)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

function describeCpu(percent: number | null | undefined): string {
  return percent == null ? UNKNOWN : `${Math.round(percent)} %`;
}

export interface SessionListFacts {
  /** From `listOpenSessions`; at least one. */
  readonly sessions: readonly SessionSummary[];
  readonly usage: UsageBySession;
  readonly own: OwnMemory | null;
  /** The first one to show; `SESSIONS_PER_PAGE` of them are shown. */
  readonly from: number;
  readonly now: number;
  /** Width of the terminal in cells. */
  readonly columns: number;
}

/** A row for each, numbered from 1, and the total of all. Only the title gives way where the terminal is narrow. */
export function renderSessionList({ sessions, usage, own, from, now, columns }: SessionListFacts): string[] {
  const shown = sessions.slice(from, from + SESSIONS_PER_PAGE);
  const rows = shown.map((session) => {
    const used = usage[session.id];
    return {
      title: toPlainLine(session.title),
      rest: [
        fitAgent(toPlainLine(session.agentName)),
        STATES[session.state].words,
        durationWords(now - session.since),
        used ? describeBytes(used.memoryBytes) : UNKNOWN,
        describeCpu(used?.cpuPercent),
      ],
    };
  });
  const heads = ['Agent', 'State', 'For', 'Memory', 'CPU'];
  const widths = heads.map((head, at) =>
    Math.max(...[head, ...rows.map(({ rest }) => rest[at] ?? '')].map(measureText)),
  );
  const taken = widths.reduce((sum, width) => sum + GAP.length + width, GAP.length + 1 + GAP.length);
  const wanted = Math.max(...['Session', ...rows.map(({ title }) => title)].map(measureText));
  // A terminal that is filled to its last cell may wrap there.
  const titleCells = Math.min(wanted, Math.max(TITLE_MIN_CELLS, columns - 1 - taken));
  const line = (number: string, title: string, rest: readonly string[]) =>
    [
      `${GAP}${number}`,
      fitText(title, titleCells),
      ...rest.map((text, at) => fitText(text, widths[at] ?? 0, at < 3 ? 'left' : 'right')),
    ].join(GAP);
  return [
    line(' ', 'Session', heads),
    ...rows.map(({ title, rest }, index) => line(String(index + 1), title, rest)),
    ...describeTotals(sessions, usage, own).map((words) => `${GAP} ${GAP}${words}`),
  ];
}

function fitAgent(name: string): string {
  return fitText(name, Math.min(AGENT_MAX_CELLS, measureText(name)));
}

function describeTotals(sessions: readonly SessionSummary[], usage: UsageBySession, own: OwnMemory | null): string[] {
  const used = sessions.flatMap(({ id }) => usage[id] ?? []);
  const lines: string[] = [];
  if (used.length > 0) lines.push(`${countSessions(sessions.length)} ${describeSum(used)}`);
  else lines.push('No process of theirs runs, or the system does not say what it uses.');
  if (own) {
    const keeper = own.keeper === null ? '' : `, the keeper of its agents ${describeBytes(own.keeper)}`;
    lines.push(`Baton itself: ${describeBytes(own.host)}${keeper}`);
  }
  return lines;
}

function countSessions(count: number): string {
  return count === 1 ? 'In all:' : `All ${count} sessions:`;
}

function describeSum(used: readonly Usage[]): string {
  const sum = (pick: (usage: Usage) => number) => used.reduce((total, usage) => total + pick(usage), 0);
  const processes = sum((usage) => usage.processes);
  const cpu = used.some(({ cpuPercent }) => cpuPercent === null)
    ? ''
    : `, ${Math.round(sum((usage) => usage.cpuPercent ?? 0))} % of one core`;
  const memory = describeBytes(sum((usage) => usage.memoryBytes));
  return `${processes} ${processes === 1 ? 'process' : 'processes'}, ${memory}${cpu}`;
}

/** What is asked before a session is ended. The same is said in the window. */
export function describeEnding({ title, agentName, state }: SessionSummary): string[] {
  const agent = toPlainLine(agentName);
  const isMoving = state === 'working' || state === 'waiting';
  return [
    `End “${toPlainLine(title)}”?`,
    isMoving
      ? `  ${agent} is in the middle of a turn, which is stopped. What it has done so far stays.`
      : `  ${agent} is stopped.`,
    '  The conversation is kept and can still be read, but it cannot go on.',
    '  y  end it   any other key  keep it',
  ];
}
