/** Looks all the time at what page and terminal claim, and measures for how long a claim stood that could not be true. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Stage } from './stage.ts';

const LOOK_EVERY_MS = 150;
const LOOK_WITHIN_MS = 1_000;

/** What is broken, and so may not be claimed. */
export interface Broken {
  /** Nothing can be proven between page and host: the page may not say that it is connected. */
  readonly page?: boolean;
  /** The terminal may not say that its relay is connected. */
  readonly relay?: boolean;
  /** The terminal may not say that the phone is connected. */
  readonly phone?: boolean;
}

export interface Claim {
  readonly who: keyof Broken;
  readonly text: string;
  forMs: number;
}

const FALSE: Record<keyof Broken, RegExp> = {
  page: /Connected · proven/,
  relay: /● relay connected/,
  phone: /\d connected \(heard/,
};

export class ClaimWatch {
  readonly #stage: Stage;
  #broken: Broken = {};
  #brokenAt = 0;
  #isOver = false;
  /** The false claim of each that stood longest. */
  readonly longest = new Map<keyof Broken, Claim>();
  /** Everything that was said, in order, each once in a row. */
  readonly said: string[] = [];
  readonly #done: Promise<void>;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#done = this.#watch();
  }

  /** From now on. */
  breaks(broken: Broken): void {
    this.#broken = broken;
    this.#brokenAt = performance.now();
  }

  /** Whatever is said from now on may be true. */
  heals(): void {
    this.#broken = {};
  }

  get longestMs(): number {
    return Math.max(0, ...[...this.longest.values()].map(({ forMs }) => forMs));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      // A page that does not answer shows nothing to anybody either.
      const page = await Promise.race([this.#stage.pageLine().catch(() => ''), wait(LOOK_WITHIN_MS, '')]);
      const terminal = this.#stage.terminalLine;
      this.#note(page.replaceAll(/\d+/g, 'N'));
      this.#judge('page', page);
      this.#judge('relay', terminal);
      this.#judge('phone', terminal);
      await wait(LOOK_EVERY_MS);
    }
  }

  #note(text: string): void {
    if (text !== '' && this.said.at(-1) !== text) this.said.push(text);
  }

  #judge(who: keyof Broken, text: string): void {
    if (!this.#broken[who] || !FALSE[who].test(text)) return;
    const forMs = performance.now() - this.#brokenAt;
    if (forMs > (this.longest.get(who)?.forMs ?? 0)) this.longest.set(who, { who, text, forMs });
  }
}
