/** Has an agent change its mode, as a command of a person. */
import type { Actor } from '#protocol/events.ts';
import type { AgentConversation } from '../agents/agent.ts';
import type { SessionContext } from './session-context.ts';
import type { UpdateRecorder } from './update-recorder.ts';

export interface ModeTarget {
  readonly session: string;
  readonly conversation: AgentConversation;
  readonly recorder: UpdateRecorder;
  /** Whether that agent is still the session's. */
  readonly isCurrent: () => boolean;
}

export function changeMode(
  { history, writer, log }: SessionContext,
  { session, conversation, recorder, isCurrent }: ModeTarget,
  { command, mode, by }: { command: string; mode: string; by: Actor },
): void {
  recorder.expectMode(mode, by);
  writer.write(() => history.commands.setState(command, 'dispatched'));
  conversation.setMode(mode).then(
    () => {
      if (isCurrent()) recorder.confirmMode(mode);
      writer.write(() => history.commands.setState(command, 'applied'));
    },
    (error: unknown) => {
      log.warn('An agent refused a mode', { session, mode, error });
      const reason = `The agent did not change its mode: ${error instanceof Error ? error.message : String(error)}`;
      writer.write(() => history.commands.setState(command, 'rejected', reason));
    },
  );
}
