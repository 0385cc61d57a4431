/** What the demo agent says during one turn. Everything stops at once when the turn is cancelled. */
import { setTimeout as wait } from 'node:timers/promises';
import type {
  AgentContext,
  PermissionOption,
  PlanEntry,
  SessionUpdate,
  ToolCallUpdate,
} from '@agentclientprotocol/sdk';

/** Thrown out of the script when the turn was cancelled. */
export class TurnCancelled extends Error {
  override name = 'TurnCancelled';
}

export type Decision = 'allowed' | 'always-allowed' | 'rejected';

const OPTIONS: PermissionOption[] = [
  { optionId: 'allow', name: 'Allow', kind: 'allow_once' },
  { optionId: 'always', name: 'Always allow in this session', kind: 'allow_always' },
  { optionId: 'reject', name: 'Deny', kind: 'reject_once' },
];
const DECISIONS: Readonly<Record<string, Decision>> = { allow: 'allowed', always: 'always-allowed' };

export interface TurnWriterOptions {
  readonly client: AgentContext;
  readonly sessionId: string;
  readonly signal: AbortSignal;
  readonly paceMs: number;
  onSaid(text: string): void;
}

export class TurnWriter {
  readonly #options: TurnWriterOptions;

  constructor(options: TurnWriterOptions) {
    this.#options = options;
  }

  /** Streams a message word by word. */
  async say(text: string): Promise<void> {
    for (const piece of words(text)) {
      await this.pause(this.#options.paceMs);
      await this.sayAtOnce(piece);
    }
  }

  /** Sends a piece of a message without a pause. */
  async sayAtOnce(text: string): Promise<void> {
    await this.update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
    this.#options.onSaid(text);
  }

  /** Streams a thought word by word. */
  async think(text: string): Promise<void> {
    for (const piece of words(text)) {
      await this.pause(this.#options.paceMs);
      await this.update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: piece } });
    }
  }

  /** Shows a plan of which the first `done` steps are completed and the next one is in progress. */
  async plan(steps: readonly string[], done: number): Promise<void> {
    const entries = steps.map((content, index): PlanEntry => {
      const status = index < done ? 'completed' : index === done ? 'in_progress' : 'pending';
      return { content, priority: 'medium', status };
    });
    await this.update({ sessionUpdate: 'plan', entries });
  }

  async update(update: SessionUpdate): Promise<void> {
    this.#throwIfCancelled();
    await this.#options.client.notify('session/update', { sessionId: this.#options.sessionId, update });
  }

  /** Asks for permission; a question that is answered `cancelled` ends the turn. */
  async ask(toolCall: ToolCallUpdate): Promise<Decision> {
    this.#throwIfCancelled();
    const { client, sessionId, signal } = this.#options;
    const cancelled = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new TurnCancelled()), { once: true });
    });
    const answer = client.request('session/request_permission', { sessionId, toolCall, options: OPTIONS });
    const { outcome } = await Promise.race([answer, cancelled]);
    if (outcome.outcome === 'cancelled') throw new TurnCancelled();
    return DECISIONS[outcome.optionId] ?? 'rejected';
  }

  /** Waits; a cancelled turn waits no longer. */
  async pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.#options.signal }).catch(() => undefined);
    this.#throwIfCancelled();
  }

  #throwIfCancelled(): void {
    if (this.#options.signal.aborted) throw new TurnCancelled();
  }
}

/** The text in small pieces, each a word with the space after it. */
function words(text: string): string[] {
  return text.match(/\S+\s*|^\s+/g) ?? [];
}
