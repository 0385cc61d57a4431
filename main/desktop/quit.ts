/** The one way out: asks if an agent is working, then ends everything in good order, and in the end also without. */
import type { MessageBoxOptions } from 'electron';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import type { AskPerson } from './remote-switch.ts';

const QUIT_BUTTON = 0;
const STAY_BUTTON = 1;
const LEAVE_BUTTON = 2;

/** A last resort: agents and phones have deadlines of their own, which are shorter. */
export const QUIT_WITHIN_MS = 15_000;

export interface QuitOptions {
  /** Titles of the sessions in the middle of a turn, those included whose agent waits for a person. */
  readonly working: () => readonly string[];
  readonly ask: AskPerson;
  /** Tells phones, closes what is open, and ends agents, unless they are to be left: then they work on under the keeper. */
  readonly close: (options: { leaveAgents: boolean }) => Promise<void>;
  /** Ends the process. */
  readonly exit: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class Quit {
  readonly #options: QuitOptions;
  #isAsking = false;
  #isQuitting = false;

  constructor(options: QuitOptions) {
    this.#options = options;
  }

  /** From here on windows close instead of being hidden. */
  get isQuitting(): boolean {
    return this.#isQuitting;
  }

  /** A person wants to quit. */
  async request(): Promise<void> {
    if (this.#isQuitting || this.#isAsking) return;
    const working = this.#options.working();
    let leaveAgents = false;
    if (working.length > 0) {
      this.#isAsking = true;
      const button = await this.#options.ask(renderQuitQuestion(working)).finally(() => {
        this.#isAsking = false;
      });
      if (button !== QUIT_BUTTON && button !== LEAVE_BUTTON) return;
      leaveAgents = button === LEAVE_BUTTON;
    }
    await this.now({ leaveAgents });
  }

  /** The system ends, or the answer was given: without a question. */
  async now(options = { leaveAgents: false }): Promise<void> {
    if (this.#isQuitting) return;
    this.#isQuitting = true;
    const { close, exit, clock, log } = this.#options;
    let stopWaiting: Disposer = () => {};
    const deadline = new Promise<'late'>((resolve) => {
      stopWaiting = clock.after(QUIT_WITHIN_MS, () => resolve('late'));
    });
    const closed = close(options).catch((error: unknown) => log.error('Quitting did not go in good order', { error }));
    if ((await Promise.race([closed, deadline])) === 'late') log.error('Quitting took too long and was cut short');
    stopWaiting();
    exit();
  }
}

/** Pure. */
export function renderQuitQuestion(working: readonly string[]): MessageBoxOptions {
  const shown = working.slice(0, 3).map((title) => `“${title}”`);
  const others = working.length > shown.length ? ` and ${working.length - shown.length} more` : '';
  return {
    type: 'question',
    title: 'Quit Baton',
    message:
      working.length === 1
        ? 'An agent is working. Quit all the same?'
        : `${working.length} agents are working. Quit all the same?`,
    detail: `${shown.join(', ')}${others}: Quit stops what is under way; the sessions can be resumed when Baton runs again. Left at work, they go on without Baton, and phones see what they did when it is back.`,
    buttons: ['Quit', 'Keep Baton running', 'Quit, leave agents at work'],
    defaultId: STAY_BUTTON,
    cancelId: STAY_BUTTON,
    noLink: true,
  };
}
