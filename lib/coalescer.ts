import type { Clock } from './clock.ts';
import type { Disposer } from './disposer.ts';

/** Turns many touches into few calls: the first soon, the next ones `intervalMs` apart, and always one after the last touch. */
export class Coalescer {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #emit: () => void;
  #lastAt = Number.NEGATIVE_INFINITY;
  #cancel: Disposer | null = null;

  constructor(clock: Clock, intervalMs: number, emit: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#emit = emit;
  }

  touch(): void {
    if (this.#cancel) return;
    // A wall clock may jump backwards; that must not hold anything up.
    const elapsed = Math.max(0, this.#clock.now() - this.#lastAt);
    this.#cancel = this.#clock.after(Math.max(0, this.#intervalMs - elapsed), () => {
      this.#cancel = null;
      this.#lastAt = this.#clock.now();
      this.#emit();
    });
  }

  dispose(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
