/** Starts agents: finds the program, starts its process, opens the conversation. */
import type { Log } from '../log.ts';
import { ACP_DEADLINES, type AcpDeadlines, openAcpConversation } from './acp-open.ts';
import { AgentStartError, type AgentStarter } from './agent.ts';
import { PROCESS_DEADLINES, type ProcessDeadlines, startAgentProcess } from './agent-process.ts';
import type { AgentRegistry } from './registry.ts';
import { StartQueue } from './start-queue.ts';

export interface AgentStarterOptions {
  readonly registry: Pick<AgentRegistry, 'resolve'>;
  readonly log: Log;
  /** Baton's version, told to the agents. */
  readonly version?: string;
  readonly processDeadlines?: ProcessDeadlines;
  readonly deadlines?: AcpDeadlines;
}

/** The one way to a conversation; nothing runs on when `open` rejects. */
export function createAgentStarter(options: AgentStarterOptions): AgentStarter {
  const { registry, log, version = '0', processDeadlines = PROCESS_DEADLINES, deadlines = ACP_DEADLINES } = options;
  const queue = new StartQueue();
  return {
    async open({ agent: id, folder, agentSession, mode, events, signal }) {
      const { profile, command, modes } = await registry.resolve(id, folder);
      if (signal?.aborted) throw new AgentStartError(`${profile.name} is not wanted any more.`);
      const agent = await startAgentProcess(command, processDeadlines, queue);
      log.info(`Started ${profile.name}`, { pid: agent.pid, folder });
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
      });
    },
  };
}
