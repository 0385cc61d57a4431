/** Changes the mode of an ACP session, in either of the two ways in which agents offer modes. */
import { type ClientConnection, methods } from '@agentclientprotocol/sdk';
import { errorText } from './acp-errors.ts';
import type { ModeState } from './acp-updates.ts';

/** An agent has this long to answer a change of mode. */
export const MODE_DEADLINE_MS = 30_000;

/** Resolves when the agent has taken the mode; rejects, with words for a person, if it does not. */
export async function changeMode(options: {
  connection: ClientConnection;
  session: string;
  modes: ModeState | null;
  mode: string;
  agentName: string;
}): Promise<void> {
  const { connection, session, modes, mode, agentName } = options;
  if (modes?.available.some((offered) => offered.id === mode) !== true) {
    throw new Error(`${agentName} has no mode "${mode}".`);
  }
  const signal = AbortSignal.timeout(MODE_DEADLINE_MS);
  const limits = { cancellationSignal: signal, stopWaitingOnCancel: true };
  try {
    if (modes.configOption === undefined) {
      const change = { sessionId: session, modeId: mode };
      await connection.agent.request<unknown>(methods.agent.session.setMode, change, limits);
    } else {
      const change = { sessionId: session, configId: modes.configOption, value: mode };
      await connection.agent.request<unknown>(methods.agent.session.setConfigOption, change, limits);
    }
  } catch (error) {
    const reason = signal.aborted ? 'it did not answer' : errorText(error);
    throw new Error(`${agentName} did not change its mode: ${reason}`, { cause: error });
  }
}
