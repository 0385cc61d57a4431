/** What every benchmark is: it gets a folder and says what it found. */
import type { Browser } from 'playwright';

export interface BenchContext {
  /** A folder of its own, removed afterwards. */
  readonly folder: string;
  /** The built page of the phone. */
  readonly phoneFolder: string;
  /** Fewer rounds: shows that everything runs, not how fast it is. */
  readonly isQuick: boolean;
  /** Started when it is first asked for; one for all. */
  browser(): Promise<Browser>;
  /** Called when the benchmark is over, however it ended, the last one first. */
  atEnd(dispose: () => unknown): void;
  /** A line for who watches. */
  note(text: string): void;
}

/** One row of the table. */
export interface Figure {
  readonly what: string;
  /** As people read it. */
  readonly result: string;
  /** How it was measured, in a few words. */
  readonly how: string;
  /** The same in numbers; the key names the unit. */
  readonly values: Readonly<Record<string, number>>;
  /** What is not as it has to be; the run fails then. */
  readonly fault?: string | null;
}

export interface Bench {
  /** The letter for `--only`. */
  readonly key: string;
  readonly name: string;
  run(context: BenchContext): Promise<Figure[]>;
}
