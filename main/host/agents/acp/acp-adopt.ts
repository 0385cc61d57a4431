/** Goes on with a conversation that a former host has begun, with an agent that the keeper has kept running. */

import { client } from '@agentclientprotocol/sdk';
import type { Log } from '#lib/log.ts';
import type { AgentProcess } from '#main/process/agent-process.ts';
import type { ToolCall } from '#protocol/events.ts';
import type {
  AdoptConversation,
  AdoptedConversation,
  AgentPosition,
  PermissionRequest,
  TurnListener,
} from '../agent.ts';
import { AcpConversation } from './acp-conversation.ts';
import { type AcpDeadlines, assemble } from './acp-open.ts';
import type { SavedRest } from './acp-parts.ts';
import { markOf } from './acp-permissions.ts';
import type { ModeState } from './acp-updates.ts';

export interface AdoptAcp extends AdoptConversation {
  readonly agent: AgentProcess;
  readonly log: Log;
  readonly deadlines: AcpDeadlines;
}

/** Written by `AcpConversation.position`, and read by nobody else. */
interface SavedState {
  readonly folder: { tools: ToolCall[]; modes: ModeState | null; title: string | null };
  readonly rest: SavedRest;
}

export function adoptAcpConversation(options: AdoptAcp): AdoptedConversation {
  // What the person would be told on a failed start; this one has started long ago.
  const words = { name: options.agentName, loginHint: '' };
  const saved = JSON.parse(options.position.state) as SavedState;
  const { conversation, wire } = assemble(
    { ...options, words },
    (parts) => new AdoptedAcp(parts, options.agentSession),
  );
  const connection = client({ name: 'baton' }).connect(wire.stream);
  const { agentSession: id, canResume, position } = options;
  conversation.restore({ connection, wire, id, how: 'resumed', version: undefined, canResume }, position, saved);
  return conversation;
}

class AdoptedAcp extends AcpConversation implements AdoptedConversation {
  /** References of questions that the agent may still wait for, and that nobody has claimed yet. */
  readonly #questions = new Map<string, { isOpen: boolean }>();
  #refused: SavedRest['refused'] = [];

  restore(session: Parameters<AcpConversation['start']>[0], position: AgentPosition, saved: SavedState): void {
    const { readFrom, seen } = position;
    const { isReplaying, skip, questions, refused } = saved.rest;
    this.parts.folder.restore(saved.folder);
    this.startAgain(session, isReplaying, { until: seen, begin: { at: readFrom, skip } });
    for (const { reference, isOpen } of questions) this.#questions.set(reference, { isOpen });
    this.#refused = refused;
  }

  hasPrompt(command: string): boolean {
    return this.#marks.has(`prompt:${command}`);
  }

  continueTurn(command: string, listener: TurnListener): void {
    this.beginTurn(command, listener);
  }

  reopen(
    question: Pick<PermissionRequest, 'reference' | 'title' | 'tool' | 'options'>,
    isChosen: boolean,
  ): PermissionRequest | 'answered' | 'closed' {
    const { reference } = question;
    if (this.#marks.has(markOf(reference))) return 'answered';
    if (!isChosen && this.#questions.get(reference)?.isOpen !== true) return 'closed';
    this.#questions.delete(reference);
    return this.parts.permissions.reopen(reference, question);
  }

  begin(): void {
    const { wire } = this.opened;
    for (const reference of this.#questions.keys()) {
      if (!this.#marks.has(markOf(reference))) this.parts.permissions.dismissFormer(reference);
    }
    for (const id of this.#refused) wire.refuse(id);
    this.watch();
    wire.begin();
  }

  get #marks(): ReadonlySet<string> {
    return this.parts.agent.kept?.marks ?? new Set();
  }
}
