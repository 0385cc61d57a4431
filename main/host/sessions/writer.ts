import { type HistoryDatabase, storageFailure } from '../history/database.ts';
import type { Disposer } from '../history/emitter.ts';
import type { Log } from '../log.ts';
import type { Clock } from './clock.ts';

const RETRY_AFTER_MS = 2_000;

/**
 * Writes what happened in sessions, in order, one transaction each. When the disk fails, what happened is kept here and tried again
 * until it is stored: an agent does not forget that it ended a turn because the disk was full at that moment.
 */
export class Writer {
  readonly #database: HistoryDatabase;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: () => void;
  #waiting: { work: () => void; then: () => void }[] = [];
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
    if (this.#isClosed) return;
    this.#waiting.push({ work, then });
    if (this.#trouble === null && this.#waiting.length === 1) this.#drain();
  }

  dispose(): void {
    this.#isClosed = true;
    this.#retry?.();
    this.#waiting = [];
  }

  #drain(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      try {
        this.#database.transaction(next.work);
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
      try {
        next.then();
      } catch (error) {
        // A bug in what follows one step must not keep all later ones from being stored.
        this.#log.error('Failed to go on after what happened in a session was recorded', { error });
      }
      if (this.#isClosed) return;
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
