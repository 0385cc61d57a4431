import type { Disposer } from './disposer.ts';
import type { Log } from './log.ts';

/** Listeners of one thing that happens. A listener that throws is logged and never keeps the others from hearing. */
export class Emitter<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Arguments) => void>();
  readonly #name: string;
  readonly #log: Log;

  constructor(name: string, log: Log) {
    this.#name = name;
    this.#log = log;
  }

  /** Each call registers once, even with the same function. */
  on(listener: (...args: Arguments) => void): Disposer {
    const own = (...args: Arguments) => listener(...args);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  fire(...args: Arguments): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...args);
      } catch (error) {
        this.#log.error(`A listener of ${this.#name} failed`, { error });
      }
    }
  }
}
