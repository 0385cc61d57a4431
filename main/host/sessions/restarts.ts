/** Starts the agent of one session again after it died: by itself, a few times, and then not any more. */
import type { Disposer } from '#lib/disposer.ts';
import { nextRestart, RESTARTS_MAX } from './restart-policy.ts';
import type { SessionContext } from './session-context.ts';

export class Restarts {
  readonly #session: string;
  readonly #context: SessionContext;
  readonly #delegate: { isWanted(): boolean; start(): void };
  #earlier: number[] = [];
  #timer: Disposer | null = null;

  /** `isWanted`: asked when it is time; else nothing is started. */
  constructor(session: string, context: SessionContext, delegate: { isWanted(): boolean; start(): void }) {
    this.#session = session;
    this.#context = context;
    this.#delegate = delegate;
  }

  /** Whether what is going on was begun by Baton itself. */
  get isUnderWay(): boolean {
    return this.#earlier.length > 0;
  }

  /** A turn ended well, or a person wants it to run: earlier deaths count no more. */
  reset(): void {
    this.#earlier = [];
  }

  stop(): void {
    this.#timer?.();
  }

  plan(): void {
    const { history, journal, writer, clock } = this.#context;
    const { canResume, state } = journal.record(this.#session);
    if (state === 'ended') return;
    if (!canResume && history.events.has(this.#session, 'turn.started')) {
      const text =
        'This agent cannot pick up a conversation again. The next prompt starts it again; it will not remember what was said before.';
      writer.write(() => journal.notice(this.#session, 'warning', text));
      return;
    }
    const plan = nextRestart(this.#earlier, clock.now());
    if (plan.kind === 'give-up') {
      writer.write(() => {
        journal.notice(this.#session, 'error', plan.text);
        history.sessions.setState(this.#session, journal.record(this.#session).state, plan.text);
      });
      return;
    }
    this.#timer?.();
    this.#timer = clock.after(plan.afterMs, () => {
      if (!this.#delegate.isWanted()) return;
      this.#earlier.push(clock.now());
      writer.write(() =>
        journal.notice(this.#session, 'info', `Restarting the agent (${plan.number} of ${RESTARTS_MAX}).`),
      );
      this.#delegate.start();
    });
  }
}
