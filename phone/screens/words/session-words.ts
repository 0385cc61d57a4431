/** States of sessions and tool calls in words, and the order in which sessions are listed. Pure. */
import type { ToolState } from '#protocol/events.ts';
import type { SessionState, SessionSummary } from '#protocol/messages.ts';

export type SessionTone = 'wait' | 'work' | 'calm' | 'warn' | 'bad' | 'mute';

export function sessionStateWords(state: SessionState): { word: string; tone: SessionTone } {
  switch (state) {
    case 'waiting':
      return { word: 'Waits for you', tone: 'wait' };
    case 'working':
      return { word: 'Working', tone: 'work' };
    case 'starting':
      return { word: 'Starting', tone: 'work' };
    case 'idle':
      return { word: 'Idle', tone: 'calm' };
    case 'interrupted':
      return { word: 'Interrupted', tone: 'warn' };
    case 'failed':
      return { word: 'Failed', tone: 'bad' };
    case 'ended':
      return { word: 'Ended', tone: 'mute' };
  }
}

const STATE_RANK: Record<SessionState, number> = {
  waiting: 0,
  working: 1,
  starting: 1,
  idle: 2,
  interrupted: 3,
  failed: 3,
  ended: 4,
};

/** What needs a person first, then what moves, then what rests; within each the latest change first. */
export function sortSessions(sessions: readonly SessionSummary[]): readonly SessionSummary[] {
  return sessions.toSorted(
    (a, b) => STATE_RANK[a.state] - STATE_RANK[b.state] || b.since - a.since || (a.id < b.id ? 1 : -1),
  );
}

export function toolStateWords(state: ToolState, isOver: boolean): { word: string; tone: SessionTone } {
  switch (state) {
    case 'done':
      return { word: 'Done', tone: 'calm' };
    case 'failed':
      return { word: 'Failed', tone: 'bad' };
    case 'running':
      return isOver ? { word: 'Not finished', tone: 'warn' } : { word: 'Running', tone: 'work' };
    case 'pending':
      return isOver ? { word: 'Not run', tone: 'mute' } : { word: 'Pending', tone: 'mute' };
  }
}

/** ACP's ToolKind as a person says it. */
export function toolKindWord(kind: string): string {
  return TOOL_KINDS[kind] ?? 'Tool';
}

const TOOL_KINDS: Record<string, string> = {
  read: 'Read',
  edit: 'Edit',
  delete: 'Delete',
  move: 'Move',
  search: 'Search',
  execute: 'Run',
  think: 'Think',
  fetch: 'Fetch',
  switch_mode: 'Mode',
};
