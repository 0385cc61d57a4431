/** One row of the matrix: what breaks, and what is said of it. */
import type { Broken } from './claim-watch.ts';
import type { Stage, StageOptions } from './stage.ts';

export interface Row {
  readonly name: string;
  /** Part of the short form, which `npm test` runs. */
  readonly isShort?: boolean;
  readonly stage?: Pick<StageOptions, 'isHostTls' | 'jump'>;
  /** The page has a browser to itself. */
  readonly hasOwnBrowser?: boolean;
  /** The host's data lies on a disk of this size. */
  readonly diskMib?: number;
  /** What may not be claimed between `strike` and `heal`. */
  readonly broken: Broken;
  /** What the page says of its link, or shows, within NOTICE_WITHIN_MS of the fault. */
  readonly says: RegExp;
  /** Where that stands: in what is said of the link, or anywhere on the page. `nowhere`: the page can say nothing. */
  readonly where?: 'link' | 'page' | 'nowhere';
  /** What the terminal's status line says. */
  readonly terminalSays?: RegExp;
  /** Whether the question can be answered and a prompt be sent while it is broken; else both are done before it heals, or after. */
  readonly canAct?: boolean;
  /** Whether prompts may end as *uncertain*: what ran them was killed. */
  readonly mayBeUncertain?: boolean;
  /** Whether the computer may refuse a command with words, without having been able to write down that it did. */
  readonly mayRefuse?: boolean;
  /** Whether so much is said that the page keeps the newest only, and has the rest fetched when it is looked at. */
  readonly mayLackOlder?: boolean;
  strike(stage: Stage): Promise<void> | void;
  heal(stage: Stage): Promise<void> | void;
  /** After the page is connected again, and before what is left is judged. Rejects if something was not as it should be. */
  after?(stage: Stage): Promise<void>;
}

export interface Outcome {
  readonly row: string;
  readonly pageSaid: string;
  readonly terminalSaid: string;
  readonly noticedMs: number | null;
  readonly recoveredMs: number | null;
  readonly falseMs: number;
  readonly lost: number;
  readonly twice: number;
  /** Empty: the promise was kept. */
  readonly problems: readonly string[];
}
