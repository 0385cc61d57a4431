/** The list of sessions in a terminal, in which one can be ended. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { THIS_COMPUTER } from '../host/access.ts';
import type { Host } from '../host/host.ts';
import type { OwnMemory } from '../host/own-memory.ts';
import { LOOK_EVERY_MS, type UsageBySession } from '../host/sessions/process-usage.ts';
import type { Question } from './question.ts';
import type { Screen } from './screen.ts';
import { describeEnding, listOpenSessions, renderSessionList, SESSIONS_PER_PAGE } from './session-list.ts';

/** CPU is a share of the time between two looks. On Windows, which is asked seldom, that is the time since the list was shown last. */
export const BETWEEN_LOOKS_MS = Math.min(LOOK_EVERY_MS + 100, 1_000);
/** Then the list is shown without what is not known yet. */
export const LOOK_WITHIN_MS = 5_000;

interface Found {
  readonly usage: UsageBySession;
  readonly own: OwnMemory | null;
}

export class SessionDialog {
  readonly #options: {
    host: Pick<Host, 'supervisor' | 'usage' | 'ownMemory'>;
    screen: Screen;
    clock: Clock;
    log: Log;
    ask: (question: Question | null) => void;
  };
  readonly #disposers = new Set<Disposer>();
  #isDisposed = false;

  constructor(options: {
    host: Pick<Host, 'supervisor' | 'usage' | 'ownMemory'>;
    screen: Screen;
    clock: Clock;
    log: Log;
    /** Puts a question to the person; null: there is none any more. */
    ask: (question: Question | null) => void;
  }) {
    this.#options = options;
  }

  /** Looks at what the sessions use, then lists them. Until then keys are not heard: the list decides what a digit means. */
  open(): void {
    const { screen, ask } = this.#options;
    if (this.#listOpen().length === 0) {
      screen.print('No session is running.');
      return;
    }
    ask({ keys: {} });
    const shown = this.#look().then((found) => {
      if (!this.#isDisposed) this.#show(found, 0);
    });
    unawaited(shown, 'list the sessions', this.#options.log);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const dispose of this.#disposers) dispose();
  }

  #listOpen(): readonly SessionSummary[] {
    return listOpenSessions(this.#options.host.supervisor.state().sessions);
  }

  /** Never rejects. */
  async #look(): Promise<Found> {
    const { host } = this.#options;
    const late = this.#wait(LOOK_WITHIN_MS);
    const between = this.#wait(BETWEEN_LOOKS_MS);
    const looking = async (): Promise<Found> => {
      const [own] = await Promise.all([host.ownMemory(), host.usage()]);
      await between.over;
      return { usage: await host.usage(), own };
    };
    const found = await Promise.race([looking(), late.over.then(() => ({ usage: {}, own: null }))]);
    late.cancel();
    between.cancel();
    return found;
  }

  #wait(ms: number): { over: Promise<void>; cancel: Disposer } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#options.clock.after(ms, resolve);
    const cancel = () => {
      stop();
      this.#disposers.delete(cancel);
    };
    this.#disposers.add(cancel);
    return { over: promise, cancel };
  }

  #show(found: Found, from: number): void {
    const { screen, clock, ask } = this.#options;
    const sessions = this.#listOpen();
    if (sessions.length === 0) {
      screen.print('No session is running any more.');
      ask(null);
      return;
    }
    const list = { ...found, sessions, from, now: clock.now(), columns: screen.columns };
    for (const line of renderSessionList(list)) screen.print(line);
    const shown = sessions.slice(from, from + SESSIONS_PER_PAGE);
    const next = from + SESSIONS_PER_PAGE;
    const rest = sessions.length - next;
    const more = rest > 0 ? ` m for ${rest === 1 ? 'the last one' : `${rest} more`},` : '';
    screen.print(`Press a number to end that session,${more} any other key to go back.`);
    ask({
      keys: {
        ...Object.fromEntries(shown.map(({ id }, index) => [String(index + 1), () => this.#confirm(id)])),
        ...(rest > 0 && { m: () => this.#show(found, next) }),
      },
      otherwise: () => ask(null),
    });
  }

  #confirm(id: string): void {
    const { screen, ask } = this.#options;
    const session = this.#listOpen().find((one) => one.id === id);
    if (!session) {
      screen.print('That session has ended already.');
      ask(null);
      return;
    }
    for (const line of describeEnding(session)) screen.print(line);
    ask({
      keys: { y: () => this.#end(session) },
      otherwise: () => {
        screen.print(`“${toPlainLine(session.title)}” goes on.`);
        ask(null);
      },
    });
  }

  #end({ id, title }: SessionSummary): void {
    const { host, screen, clock, ask } = this.#options;
    const name = `“${toPlainLine(title)}”`;
    const command = crypto.randomUUID();
    const stop = host.supervisor.onDidReceipt((_, receipt) => {
      if (receipt.command !== command || receipt.state !== 'applied') return;
      screen.print(`${name} has ended; its agent is gone.`);
      forget();
    });
    const forget = () => {
      stop();
      this.#disposers.delete(forget);
    };
    this.#disposers.add(forget);
    const wire = { id: command, session: id, kind: 'session.end', body: {}, at: clock.now() };
    const receipt = host.supervisor.handleCommand(THIS_COMPUTER, wire);
    if (receipt.state === 'accepted') screen.print(`Ending ${name} …`);
    else {
      forget();
      screen.print(
        receipt.state === 'applied'
          ? `${name} has ended already.`
          : `${name} was not ended: ${receipt.reason ?? 'Baton refused it.'}`,
      );
    }
    ask(null);
  }
}
