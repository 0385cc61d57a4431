/** Goes on with a conversation that a previous host has begun, with an agent that the keeper has kept running. */

import { client } from '@agentclientprotocol/sdk';
import type { Log } from '#lib/log.ts';
import type { AgentProcess } from '#main/process/agent-process.ts';
import type { AdoptConversation, AdoptedConversation } from '../agent.ts';
import { type AcpDeadlines, assemble } from './acp-open.ts';
import type { SavedRest } from './acp-parts.ts';
import { PreviousLife } from './acp-previous-life.ts';
import type { SavedFold } from './acp-updates.ts';

export interface AdoptAcp extends AdoptConversation {
  readonly agent: AgentProcess;
  readonly log: Log;
  readonly deadlines: AcpDeadlines;
}

/** Written by `AcpConversation.position`, and read by nobody else. */
interface SavedState {
  readonly folder: SavedFold;
  readonly rest: SavedRest;
}

export function adoptAcpConversation(options: AdoptAcp): AdoptedConversation {
  const { agentSession: id, canResume, position } = options;
  // What the person would be told on a failed start; this one has started long ago.
  const words = { name: options.agentName, loginHint: '' };
  const saved = JSON.parse(position.state) as SavedState;
  const { conversation, wire, parts } = assemble({ ...options, words });
  const connection = client({ name: 'baton' }).connect(wire.stream);
  const previous = new PreviousLife(parts.permissions, wire, parts.agent.kept?.marks ?? new Set(), saved.rest);
  parts.folder.restore(saved.folder);
  conversation.startAgain(
    { connection, wire, id, how: 'resumed', version: undefined, canResume },
    {
      previous,
      isReplaying: saved.rest.isReplaying,
      readBefore: { until: position.seen, begin: { at: position.readFrom, skip: saved.rest.skip } },
    },
  );
  return {
    conversation,
    hasPrompt: (command) => previous.hasPrompt(command),
    continueTurn: (command, listener) => conversation.continueTurn(command, listener),
    reopen: (question, isChosen) => previous.reopen(question, isChosen),
  };
}
