import type { Disposer } from '#lib/disposer.ts';
import type { AgentRun } from './agent-run.ts';

/** How a session stands with its agent. */
export type SessionLife =
  /** It has no agent. */
  | { readonly kind: 'resting' }
  /** `opening` settles when the agent is there, or will never be. */
  | { readonly kind: 'starting'; readonly run: AgentRun; readonly opening: Promise<void> }
  | { readonly kind: 'running'; readonly run: AgentRun }
  /** A turn was cut off: the agent's end is waited for, and taken for granted unless `stopWaiting` is called. */
  | { readonly kind: 'dying'; readonly run: AgentRun; readonly stopWaiting: Disposer }
  /** Baton is being quit, and the turn has a moment to end. */
  | { readonly kind: 'closing'; readonly run: AgentRun; readonly onTurnEnded: () => void }
  /** No agent is started for it any more. */
  | { readonly kind: 'over' };
