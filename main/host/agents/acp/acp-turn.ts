/** One turn of an agent, from its prompt to its end. */
import type { TurnEnd, TurnListener } from '../agent.ts';

export class AcpTurn {
  readonly command: string;
  readonly #listener: TurnListener;
  readonly #tell: (event: () => void) => void;
  #isAcknowledged = false;
  #isCancelled = false;
  #cancelTimer: NodeJS.Timeout | undefined;

  /** `tell` runs what is for the listener. */
  constructor(command: string, listener: TurnListener, tell: (event: () => void) => void) {
    this.command = command;
    this.#listener = listener;
    this.#tell = tell;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The agent shows that it has the prompt. */
  acknowledge(): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    this.#tell(() => this.#listener.onAcknowledged());
  }

  /** It is to stop; `onLate` is called unless it is released within `deadlineMs`. False if that was asked before. */
  cancel(deadlineMs: number, onLate: () => void): boolean {
    if (this.#isCancelled) return false;
    this.#isCancelled = true;
    this.#cancelTimer = setTimeout(onLate, deadlineMs);
    return true;
  }

  /** Nobody waits for it to stop any more. */
  release(): void {
    clearTimeout(this.#cancelTimer);
  }

  end(end: TurnEnd): void {
    this.release();
    this.#tell(() => this.#listener.onEnd(end));
  }
}
