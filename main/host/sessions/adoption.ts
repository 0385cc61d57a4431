/**
 * Takes up a session whose agent a previous host has left running, as that host has stored it.
 *
 * Where certainty ends: that a prompt or an answer was handed over is proven by the keeper, which takes what is for an agent's stdin
 * whole or not at all, and remembers by its mark what it took. So after a crash of the host each of them was handed over once, or
 * is handed over now. Between the keeper and the agent there is the kernel's pipe: if keeper or agent die, it is not known whether
 * the agent has read what was in it, and what it has not acknowledged becomes `uncertain`, as ever.
 */
import type { AdoptedConversation } from '../agents/agent.ts';
import type { AgentRun } from './agent-run.ts';
import type { SessionContext } from './session-context.ts';

/** Null if the agent is not there any more. */
export function adoptConversation(session: string, context: SessionContext, run: AgentRun): AdoptedConversation | null {
  const { history, journal, starter } = context;
  const { agentName, agentSession, canResume } = journal.record(session);
  const position = history.agentOutput.get(session);
  if (position === null || agentSession === null) return null;
  return run.adopt(starter, { agentName, agentSession, canResume, position });
}

/** The turn that runs goes on; its prompt is handed over now if it never was. */
export function continueTurn(
  session: string,
  { history, log }: SessionContext,
  { run, adopted, turn }: { run: AgentRun; adopted: AdoptedConversation; turn: string },
): void {
  const isAcknowledged = history.commands.get(turn)?.state === 'applied';
  if (isAcknowledged || adopted.hasPrompt(turn)) {
    run.continueTurn(adopted, turn);
    return;
  }
  log.info('A prompt that was stored and not handed over is handed over now', { session, command: turn });
  run.prompt(turn, history.commands.body<'prompt'>(turn).text);
}
