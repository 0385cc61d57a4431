/** Starts agents: finds the program, starts its process, opens the conversation. */

import type { Log } from '#lib/log.ts';
import { type KeeperClient, KeeperUnavailable } from '#main/keeper/client/keeper-client.ts';
import { type AgentCommand, type AgentProcess, AgentStartError } from '#main/process/agent-process.ts';
import { PROCESS_DEADLINES, type ProcessDeadlines, startAgentProcess } from '#main/process/start-agent-process.ts';
import { StartQueue } from '#main/process/start-queue.ts';
import { adoptAcpConversation } from './acp/acp-adopt.ts';
import { ACP_DEADLINES, type AcpDeadlines, openAcpConversation } from './acp/acp-open.ts';
import type { AgentStarter } from './agent.ts';
import type { AgentRegistry } from './catalogue/registry.ts';

export interface AgentStarterOptions {
  readonly registry: Pick<AgentRegistry, 'resolve'>;
  readonly log: Log;
  /** Absent: agents are the host's own children, and end with it. */
  readonly keeper?: KeeperClient;
  /** Baton's version, told to the agents. */
  readonly version?: string;
  readonly processDeadlines?: ProcessDeadlines;
  readonly deadlines?: AcpDeadlines;
}

/** The one way to a conversation; nothing runs on when `open` rejects. */
export function createAgentStarter(options: AgentStarterOptions): AgentStarter {
  const { registry, log, keeper, version = '0', deadlines = ACP_DEADLINES } = options;
  const queue = new StartQueue();
  return {
    trouble: () => keeper?.trouble ?? null,
    canAdopt: (agent) => keeper?.has(agent) === true,
    adopt({ agentName, position, ...rest }) {
      const agent = keeper?.attach(position.agent, position.readFrom);
      return agent ? adoptAcpConversation({ ...rest, agent, agentName, position, log, deadlines }) : null;
    },
    async open({ agent: id, folder, agentSession, mode, events, signal }) {
      const { profile, command, modes } = await registry.resolve(id, folder);
      if (signal?.aborted) throw new AgentStartError(`${profile.name} is not wanted any more.`);
      const { agent, notice } = await startProcess(command, options, queue);
      log.info(`Started ${profile.name}`, { pid: agent.pid, folder, isKept: agent.kept !== null });
      return openAcpConversation({
        agent,
        words: profile,
        folder,
        agentSession,
        modes: mode === undefined ? modes : [mode, ...modes],
        events,
        signal,
        log,
        version,
        deadlines,
        notice,
      });
    },
  };
}

/** Under the keeper if there can be one. A host that cannot have it still works, and says what that means. */
async function startProcess(
  command: AgentCommand,
  { keeper, log, processDeadlines = PROCESS_DEADLINES }: AgentStarterOptions,
  queue: StartQueue,
): Promise<{ agent: AgentProcess; notice: string | null }> {
  if (!keeper) return { agent: await startAgentProcess(command, processDeadlines, queue), notice: null };
  try {
    return { agent: await keeper.start(command), notice: null };
  } catch (error) {
    if (!(error instanceof KeeperUnavailable)) throw error;
    log.error('Failed to have the keeper; the agent runs as a child of the host', { error });
    const agent = await startAgentProcess(command, processDeadlines, queue);
    return {
      agent,
      notice: `This agent ends when Baton ends, because nothing could be started to keep it: ${error.message}`,
    };
  }
}
