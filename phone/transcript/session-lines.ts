/** Sentences for what became of a session and of a turn. Pure. */
import type { AgentMode, SessionEvent, StopReason } from '#protocol/events.ts';

export function startedWords(how: 'new' | 'loaded' | 'resumed'): string {
  switch (how) {
    case 'new':
      return 'The agent is ready';
    case 'loaded':
      return 'The agent is back and has read the conversation so far';
    case 'resumed':
      return 'The agent is back and remembers the conversation';
  }
}

/** The prompt whose turn runs at the end of these events; null if none does, or it began before them. */
export function runningTurn(events: readonly SessionEvent[]): string | null {
  const last = events.findLast(
    ({ kind }) =>
      kind === 'turn.started' || kind === 'turn.ended' || kind === 'session.interrupted' || kind === 'session.ended',
  );
  return last?.kind === 'turn.started' ? last.body.command : null;
}

/** A mode's name as the agent gives it; its id if the agent never listed it. */
export function unresolvedModeName(available: readonly AgentMode[], id: string): string {
  return available.find((mode) => mode.id === id)?.name ?? id;
}

/** How a turn ended when it was not simply done. */
export function stopWords(stop: Exclude<StopReason, 'end_turn'>): { tone: 'info' | 'warning' | 'error'; text: string } {
  switch (stop) {
    case 'cancelled':
      return { tone: 'info', text: 'Stopped' };
    case 'max_tokens':
      return { tone: 'warning', text: 'The agent stopped: its answer reached the token limit' };
    case 'max_turn_requests':
      return { tone: 'warning', text: 'The agent stopped: it reached its limit of requests for one turn' };
    case 'refusal':
      return { tone: 'warning', text: 'The agent refused to go on' };
    case 'error':
      return { tone: 'error', text: 'The agent reported an error' };
    case 'interrupted':
      return { tone: 'warning', text: 'Interrupted in the middle of the turn' };
  }
}
