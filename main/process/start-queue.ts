import { setImmediate as nextTurn } from 'node:timers/promises';

/** Starting a process holds up the event loop for some 20 ms, so each gets a turn of the loop to itself. */
export class StartQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves in a turn in which no other caller's does; in the order of the calls. */
  turn(): Promise<void> {
    const mine = this.#last.then(() => nextTurn());
    this.#last = mine;
    return mine;
  }
}
