/** What a previous host has left open with an agent: prompts and answers that were handed over, and questions that may still wait. */

import type { AdoptedConversation } from '../agent.ts';
import type { SavedRest } from './acp-parts.ts';
import { markOf, type Permissions } from './acp-permissions.ts';
import type { AcpWire } from './acp-wire.ts';

export class PreviousLife {
  readonly #permissions: Permissions;
  readonly #wire: AcpWire;
  readonly #marks: ReadonlySet<string>;
  /** References of questions that the agent may still wait for, and that nobody has claimed yet. */
  readonly #questions: Map<string, { readonly isOpen: boolean }>;
  readonly #refused: SavedRest['refused'];

  /** `marks`: of writes that the keeper took for the agent. */
  constructor(permissions: Permissions, wire: AcpWire, marks: ReadonlySet<string>, saved: SavedRest) {
    this.#permissions = permissions;
    this.#wire = wire;
    this.#marks = marks;
    this.#questions = new Map(saved.questions.map(({ reference, isOpen }) => [reference, { isOpen }]));
    this.#refused = saved.refused;
  }

  /** Whether the prompt of this command was taken for the agent's stdin. */
  hasPrompt(command: string): boolean {
    return this.#marks.has(`prompt:${command}`);
  }

  /** See `AdoptedConversation.reopen`. */
  reopen(
    question: Parameters<AdoptedConversation['reopen']>[0],
    isChosen: boolean,
  ): ReturnType<AdoptedConversation['reopen']> {
    const { reference } = question;
    if (this.#marks.has(markOf(reference))) return 'answered';
    if (!isChosen && this.#questions.get(reference)?.isOpen !== true) return 'closed';
    this.#questions.delete(reference);
    return this.#permissions.reopen(reference, question);
  }

  /** Questions that nobody has claimed are answered `cancelled`; what was refused, and perhaps not told, is refused again. */
  settle(): void {
    for (const reference of this.#questions.keys()) {
      if (!this.#marks.has(markOf(reference))) this.#permissions.dismissPrevious(reference);
    }
    this.#questions.clear();
    for (const id of this.#refused) this.#wire.refuse(id);
  }
}
