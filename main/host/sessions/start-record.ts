/** What the history holds of an agent's beginning and end. */
import { AgentStartError } from '#main/process/agent-process.ts';
import type { AgentConversation } from '../agents/agent.ts';
import type { SessionContext } from './session-context.ts';

/** Commands that are done when the agent is there. */
export function isStart(kind: string): boolean {
  return kind === 'session.new' || kind === 'session.resume';
}

/** Part of a transaction: the agent is there. `hadMemory`: it was to remember an earlier conversation. */
export function recordReady(
  { history, journal }: SessionContext,
  session: string,
  { conversation, hadMemory }: { conversation: AgentConversation; hadMemory: boolean },
): void {
  const { agentSession, canResume, pid, startTime, how, agentVersion, notice } = conversation;
  history.sessions.setProcess(session, { pid, startTime });
  history.sessions.setAgentSession(session, agentSession, canResume);
  history.agentOutput.remove(session);
  const body = { how, agentSession, ...(agentVersion !== undefined && { agentVersion }) };
  journal.append(session, { kind: 'session.started', body });
  if (hadMemory && how === 'new')
    journal.notice(session, 'warning', 'The agent does not remember what was said before.');
  if (notice !== null) journal.notice(session, 'warning', notice);
  journal.move(session, { kind: 'agent-ready' });
  for (const { id, kind } of history.commands.open(session)) {
    if (isStart(kind)) history.commands.setState(id, 'applied');
  }
}

/** The agent will not be there, and why. */
export function recordStartFailure(context: SessionContext, session: string, error: unknown): void {
  const { history, journal, writer, log } = context;
  const isExpected = error instanceof AgentStartError;
  log[isExpected ? 'warn' : 'error']('An agent could not be started', { session, error });
  const text = isExpected ? error.message : `The agent could not be started: ${String(error)}`;
  const hint = isExpected ? error.hint : undefined;
  writer.write(() => {
    noteEnd(context, session);
    journal.append(session, { kind: 'session.failed', body: { text, ...(hint !== undefined && { hint }) } });
    journal.move(session, { kind: 'start-failed' }, text);
    for (const { id, kind } of history.commands.open(session)) {
      if (isStart(kind)) history.commands.setState(id, 'rejected', hint === undefined ? text : `${text} ${hint}`);
    }
  });
}

/** Part of a transaction: there is no agent any more. */
export function noteEnd({ history }: SessionContext, session: string): void {
  history.sessions.setProcess(session, null);
  history.agentOutput.remove(session);
}
