import type { History } from '../history/history.ts';
import type { SessionJournal } from './session-journal.ts';

/** What a previous host left behind in one session. */
export interface LeftBehind {
  readonly session: string;
  /** An agent that may still run; null if none can. */
  readonly process: { readonly pid: number; readonly startTime: string | null } | null;
  /** Prompts were accepted that never reached an agent: the session is to be resumed for them. */
  readonly hasQueue: boolean;
  /** Its agent runs on, or ended, under the keeper: the session goes on where it was. */
  readonly isAdoptable: boolean;
}

/**
 * Brings the history to where nothing claims to be alive that is not, after a host that died without a word: one transaction. What
 * was handed to an agent that is gone and never confirmed becomes uncertain; what only waited, waits on. `canAdopt`: whether the
 * keeper has an agent.
 */
export function recover(history: History, journal: SessionJournal, canAdopt: (agent: string) => boolean): LeftBehind[] {
  return history.database.transaction(() => {
    const left: LeftBehind[] = [];
    for (const { id, state, process } of history.sessions.list()) {
      const hasAgent = state === 'idle' || state === 'working' || state === 'waiting';
      const agent = hasAgent ? (history.agentOutput.get(id)?.agent ?? null) : null;
      if (agent !== null && canAdopt(agent)) {
        left.push({ session: id, process, hasQueue: false, isAdoptable: true });
        continue;
      }
      history.agentOutput.remove(id);
      const isAlive = state === 'starting' || hasAgent;
      if (!isAlive && state !== 'ended') journal.expireUnderWay(id, 'Baton stopped before it was done.');
      if (isAlive) journal.interrupt(id, describeStop(history, id));
      if (state === 'ended') {
        // Its agent is ended below, or is gone.
        for (const command of history.commands.open(id)) history.commands.setState(command.id, 'applied');
      }
      const hasQueue = state !== 'ended' && history.commands.countQueued(id) > 0;
      if (process !== null || hasQueue) left.push({ session: id, process, hasQueue, isAdoptable: false });
    }
    return left;
  });
}

/** What a person is told of a session whose agent is gone together with the host. */
export function describeStop(history: History, session: string): string {
  return `Baton stopped unexpectedly, some time after ${formatTime(history.events.lastAt(session))}.`;
}

/** "2026-10-04 14:05", in the computer's own time zone. */
function formatTime(at: number | null): string {
  if (at === null) return 'it was started';
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
