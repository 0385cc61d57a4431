/** A conversation with the odd agent, fresh for each test: its processes are ended and its folder is removed afterwards. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { ACP_DEADLINES, type AcpDeadlines, openAcpConversation } from '#main/host/agents/acp/acp-open.ts';
import type { AgentConversation } from '#main/host/agents/agent.ts';
import type { AgentProcess } from '#main/process/agent-process.ts';
import { PROCESS_DEADLINES, startAgentProcess } from '#main/process/start-agent-process.ts';
import { AgentRecorder, runPrompt } from '#test/support/agent-recorder.ts';
import { type OddScript, oddAgent, type Step } from '#test/support/odd-agent.ts';

export interface ConversationOptions {
  agentSession?: string;
  modes?: string[];
  deadlines?: Partial<AcpDeadlines>;
  signal?: AbortSignal;
}

export const conversationTest = test
  .extend('recorder', () => new AgentRecorder())
  /** All agents that were started, in order. */
  .extend('processes', (): AgentProcess[] => [])
  .extend('folder', async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'baton-conversation-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    return folder;
  })
  .extend(
    'open',
    ({ folder, recorder, processes, onTestFinished }) =>
      async (script: OddScript, options: ConversationOptions = {}): Promise<AgentConversation> => {
        const deadlines = { ...PROCESS_DEADLINES, stdinCloseGraceMs: 1_000, sigkillAfterMs: 300 };
        const agent = await startAgentProcess(oddAgent(script, folder), deadlines);
        onTestFinished(() => agent.stop());
        processes.push(agent);
        return openAcpConversation({
          agent,
          words: { name: 'Odd', loginHint: 'Run `odd login`.' },
          folder,
          agentSession: options.agentSession,
          modes: options.modes ?? [],
          events: recorder,
          signal: options.signal,
          log: recorder.log,
          version: '0',
          deadlines: { ...ACP_DEADLINES, ...options.deadlines },
        });
      },
  );

export const prompt = (conversation: AgentConversation, text = 'do it') => runPrompt(conversation, text);

export const say = (text: string): Step => ({
  update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
});

export const ask = (id: number | string, fields: object = {}): Step => ({
  send: {
    id,
    method: 'session/request_permission',
    params: {
      sessionId: 's1',
      toolCall: { toolCallId: `tool-${id}`, title: `Question ${id}` },
      options: [
        { optionId: 'y', name: 'Yes', kind: 'allow_once' },
        { optionId: 'n', name: 'No', kind: 'reject_once' },
      ],
      ...fields,
    },
  },
});

export const end = (stopReason = 'end_turn', extra: object = {}): Step => ({ respond: { stopReason, ...extra } });
