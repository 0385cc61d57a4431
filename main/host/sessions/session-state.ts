/** What a session is, and what may become of it. Pure. */
import type { SessionState } from '#protocol/messages.ts';

export type SessionChange =
  /** Its agent is being started, for the first time or again. */
  | { kind: 'start-begun' }
  | { kind: 'agent-ready' }
  | { kind: 'start-failed' }
  | { kind: 'turn-started' }
  | { kind: 'turn-ended' }
  | { kind: 'approval-asked' }
  /** `pending`: questions nobody has answered. */
  | { kind: 'approval-settled'; pending: number; isTurnRunning: boolean }
  /** The agent died, or Baton did. */
  | { kind: 'agent-gone' }
  | { kind: 'ended' };

/** The state after the change, or null if it cannot happen in this state. */
export function nextSessionState(state: SessionState, change: SessionChange): SessionState | null {
  if (state === 'ended') return null;
  const hasAgent = state === 'idle' || state === 'working' || state === 'waiting';
  switch (change.kind) {
    case 'ended':
      return 'ended';
    case 'start-begun':
      return hasAgent ? null : 'starting';
    case 'agent-ready':
      return state === 'starting' ? 'idle' : null;
    case 'start-failed':
      return state === 'starting' ? 'failed' : null;
    case 'agent-gone':
      return hasAgent || state === 'starting' ? 'interrupted' : null;
    case 'turn-started':
      return state === 'idle' ? 'working' : state === 'waiting' ? 'waiting' : null;
    case 'turn-ended':
      return state === 'working' || state === 'waiting' ? 'idle' : null;
    case 'approval-asked':
      return hasAgent ? 'waiting' : null;
    case 'approval-settled':
      if (state !== 'waiting') return null;
      return change.pending > 0 ? 'waiting' : change.isTurnRunning ? 'working' : 'idle';
  }
}
