import type { History } from '../history/history.ts';
import type { SessionRecord } from '../history/session-store.ts';

/** Whether the agent has a conversation of this session to pick up again. Agents forget one in which nothing was said. */
export function hasConversation(
  history: History,
  session: Pick<SessionRecord, 'id' | 'agentSession' | 'canResume'>,
): boolean {
  return session.canResume && session.agentSession !== null && history.events.has(session.id, 'turn.started');
}
