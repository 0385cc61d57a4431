import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { storageFailure } from '#lib/storage-failure.ts';
import type { HistoryDatabase } from '../history/database.ts';

const RETRY_AFTER_MS = 2_000;

interface Step {
  readonly work: () => void;
  readonly then: () => void;
}

/**
 * Writes what happened in sessions, in order, one transaction each. When the disk fails, what happened is kept here and tried again
 * until it is stored: an agent does not forget that it ended a turn because the disk was full at that moment.
 */
export class Writer {
  readonly #database: HistoryDatabase;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: () => void;
  /** One transaction each. */
  #waiting: (readonly Step[])[] = [];
  #group: Step[] | null = null;
  #trouble: string | null = null;
  #retry: Disposer | null = null;
  #isClosed = false;

  constructor(database: HistoryDatabase, clock: Clock, log: Log, onChange: () => void) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** What is wrong with the disk, in words; null if nothing is. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** `work` reads what it needs from the history itself, as it may run later. `then` runs once it is safe on disk. */
  write(work: () => void, then: () => void = () => {}): void {
    if (this.#group) this.#group.push({ work, then });
    else this.#enqueue([{ work, then }]);
  }

  /**
   * Everything that is written inside of `gather` is one transaction: all of it is on disk, or nothing. `last` may add to it, and is
   * told whether there is anything yet.
   */
  group(gather: () => void, last: (isAnything: boolean) => void): void {
    if (this.#group) {
      gather();
      return;
    }
    const group: Step[] = [];
    this.#group = group;
    try {
      gather();
      last(group.length > 0);
    } finally {
      this.#group = null;
      if (group.length > 0) this.#enqueue(group);
    }
  }

  get isGrouping(): boolean {
    return this.#group !== null;
  }

  #enqueue(steps: readonly Step[]): void {
    if (this.#isClosed) return;
    this.#waiting.push(steps);
    if (this.#trouble === null && this.#waiting.length === 1) this.#drain();
  }

  dispose(): void {
    this.#isClosed = true;
    this.#retry?.();
    this.#waiting = [];
  }

  #drain(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      let done: readonly Step[];
      try {
        done = this.#store(next);
      } catch (error) {
        const text = storageFailure(error);
        if (text === null) {
          // A bug in one step must not keep all later ones from being stored.
          this.#log.error('Failed to record what happened in a session', { error });
          this.#waiting.shift();
          continue;
        }
        this.#fail(text, error);
        return;
      }
      this.#waiting.shift();
      this.#recover();
      this.#onChange();
      for (const step of done) this.#follow(step);
      if (this.#isClosed) return;
    }
  }

  /** Answers the steps that were stored: all, or of several those that did not fail by a bug of their own. */
  #store(steps: readonly Step[]): readonly Step[] {
    return this.#database.transaction(() => {
      const [only] = steps;
      if (steps.length === 1 && only) {
        only.work();
        return steps;
      }
      return steps.filter(({ work }) => {
        try {
          this.#database.part(work);
          return true;
        } catch (error) {
          if (storageFailure(error) !== null) throw error;
          this.#log.error('Failed to record what happened in a session', { error });
          return false;
        }
      });
    });
  }

  #follow({ then }: Step): void {
    try {
      then();
    } catch (error) {
      // A bug in what follows one step must not keep all later ones from being stored.
      this.#log.error('Failed to go on after what happened in a session was recorded', { error });
    }
  }

  #fail(text: string, error: unknown): void {
    if (this.#trouble === null) {
      this.#log.error('Failed to write the history; trying again until it works', { error });
      this.#trouble = text;
      this.#onChange();
    }
    this.#retry?.();
    this.#retry = this.#clock.after(RETRY_AFTER_MS, () => this.#drain());
  }

  #recover(): void {
    if (this.#trouble === null) return;
    this.#log.info('The history can be written again');
    this.#trouble = null;
  }
}
