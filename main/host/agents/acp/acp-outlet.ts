/** The one way from a conversation to its owner: silent until it is opened, and for ever once it is closed. */
import type { AgentEvents } from '../agent.ts';

type Life =
  /** `held`: what happened before the owner could know the conversation. */
  { readonly kind: 'silent'; readonly held: (() => void)[] } | { readonly kind: 'open' } | { readonly kind: 'closed' };

export class AcpOutlet {
  readonly #events: Pick<AgentEvents, 'onOutput'>;
  readonly #onFailure: (error: unknown) => void;
  #life: Life = { kind: 'silent', held: [] };

  /** `onFailure`: the owner threw over what it was told. */
  constructor(events: Pick<AgentEvents, 'onOutput'>, onFailure: (error: unknown) => void) {
    this.#events = events;
    this.#onFailure = onFailure;
  }

  get kind(): Life['kind'] {
    return this.#life.kind;
  }

  /** Runs a callback of the owner now, or as soon as the outlet is opened. */
  tell(event: () => void): void {
    if (this.#life.kind === 'silent') this.#life.held.push(event);
    if (this.#life.kind !== 'open') return;
    try {
      event();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Wraps what one piece of output brings, so that its owner can store it as one. */
  tellTogether(take: () => void): void {
    if (this.#life.kind === 'closed') return;
    if (this.#life.kind === 'open' && this.#events.onOutput) this.#events.onOutput(take);
    else take();
  }

  open(): void {
    if (this.#life.kind !== 'silent') return;
    const { held } = this.#life;
    this.#life = { kind: 'open' };
    this.tellTogether(() => {
      for (const event of held) this.tell(event);
    });
  }

  close(): void {
    this.#life = { kind: 'closed' };
  }
}
