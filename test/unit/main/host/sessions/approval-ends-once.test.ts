import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HandOverUnknown } from '#main/process/agent-process.ts';
import type { SessionEvent } from '#protocol/events.ts';
import type { ScriptedAgent, ScriptedQuestion } from './scripted-agent.ts';
import { Bench, PHONE, settle, TABLET, until } from './support.ts';

/** What may happen to questions, in any order. Numbers choose among the questions there were. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('ask' as const), delivery: fc.nat(3) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer-again' as const), which: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('deliver' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take-back' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'prompt' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'cancel' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'turn-end' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'agent-dies' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'session-end' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const ENDS = ['deliver', 'take-back', 'cancel', 'turn-end', 'agent-dies', 'session-end', 'crash', 'restart'] as const;
const ask: [Step, boolean] = [{ kind: 'ask', delivery: 1 }, false];
/** A question that nobody answered, one that was answered in that moment, and one whose answer is on its way. */
const BEFORE: [Step, boolean][][] = [
  [ask],
  [ask, [{ kind: 'answer', which: 0 }, true]],
  [ask, [{ kind: 'answer', which: 0 }, false]],
];
/** Each of them, ended by each cause: tried every time, before what chance brings. */
const EXAMPLES = BEFORE.flatMap((before) =>
  ENDS.map((kind): [[Step, boolean][]] => [[...before, [{ kind, which: 0 }, false]]]),
);

/** A question, and what settles the delivery of its answer. */
interface Asked {
  readonly question: ScriptedQuestion;
  readonly delivery: PromiseWithResolvers<void>;
  readonly how: 'arrives' | 'agent-gone' | 'unknown';
}

/** One host on a real file, with one session after another. */
class World {
  readonly bench = new Bench();
  session = '';
  #sessions: string[] = [];
  #asked: Asked[] = [];
  readonly #answers: string[] = [];

  async begin(): Promise<void> {
    this.session = await this.bench.newSession(this.#sessions.length + 1);
    this.#sessions.push(this.session);
    await this.#prompt();
  }

  /** Null if it happened at once, with nothing that follows of it. */
  take(next: Step): Promise<void> | null {
    const { bench, session } = this;
    switch (next.kind) {
      case 'ask':
        this.#ask(next.delivery);
        break;
      case 'answer': {
        const pending = bench.supervisor.state().approvals;
        const { approval } = pending[next.which % Math.max(1, pending.length)] ?? {};
        if (approval !== undefined)
          this.#answers.push(bench.send('answer', session, { approval, option: 'yes' }, PHONE).command);
        break;
      }
      case 'answer-again': {
        const all = this.#requested(session);
        const approval = all[next.which % Math.max(1, all.length)];
        if (approval === undefined) break;
        const before = bench.history.approvals.get(approval)?.state;
        const receipt = bench.send('answer', session, { approval, option: 'no' }, TABLET);
        if (before !== 'pending') expect(['expired', 'answered-elsewhere']).toContain(receipt.state);
        else this.#answers.push(receipt.command);
        break;
      }
      case 'deliver':
        this.#settleDelivery(this.#asked[next.which % Math.max(1, this.#asked.length)]);
        break;
      case 'take-back':
        this.#asked[next.which % Math.max(1, this.#asked.length)]?.question.close('withdrawn');
        break;
      case 'prompt':
        bench.send('prompt', session, { text: 'go on' });
        break;
      case 'cancel':
        bench.send('cancel', session, {});
        break;
      case 'turn-end':
        this.#agent?.turn?.end({ stop: 'end_turn' });
        break;
      case 'agent-dies':
        this.#agent?.die();
        break;
      case 'session-end':
        bench.send('session.end', session, {});
        return this.#beginAnother();
      case 'crash':
        bench.crash();
        break;
      case 'restart':
        return bench.restart();
    }
    return null;
  }

  /** What must hold after every step: log, row, state and receipt tell of each question the same, and of one end at most. */
  check(): void {
    const shown = this.bench.supervisor.state().approvals.map(({ approval }) => approval);
    for (const session of this.#sessions) {
      const log = this.bench.events(session);
      for (const approval of this.#requested(session)) {
        const row = this.bench.history.approvals.get(approval);
        const ends = log.filter((event) => event.kind === 'approval.resolved' && event.body.approval === approval);
        const answers = log.filter((event) => event.kind === 'approval.answered' && event.body.approval === approval);
        expect(answers.length).toBe(row?.command === null ? 0 : 1);
        expect(shown.includes(approval)).toBe(row?.state === 'pending');
        expect(ends.map(outcomeOf)).toEqual(row?.state === 'resolved' ? [row.outcome] : []);
        const receipt = row?.command == null ? null : this.bench.receiptOf(row.command);
        if (row?.state === 'answered') expect(['accepted', 'dispatched']).toContain(receipt);
        else if (receipt !== null) expect(['applied', 'expired', 'uncertain']).toContain(receipt);
        expect(row?.outcome === 'selected').toBe(receipt === 'applied');
        // Nobody is told that an answer did not reach the agent if it did.
        const heard = this.#asked.find(({ question }) => question.title === row?.title)?.question.answers ?? [];
        if (receipt === 'expired') expect(heard).toEqual([]);
      }
    }
    // The agent never hears two answers to one question.
    for (const { question } of this.#asked) expect(question.answers.length).toBeLessThanOrEqual(1);
  }

  /** Every delivery comes to its end, then the session does: nothing may stay open. */
  async finish(): Promise<void> {
    for (const asked of this.#asked) this.#settleDelivery(asked);
    await settle();
    this.check();
    this.#agent?.turn?.end({ stop: 'end_turn' });
    await settle();
    this.check();
    // With the turn over and everything delivered, no question waits for the end of its session.
    for (const session of this.#sessions) expect(this.bench.history.approvals.open(session)).toEqual([]);
    for (const answer of this.#answers)
      expect(['applied', 'expired', 'uncertain']).toContain(this.bench.receiptOf(answer));
    const selected = this.#sessions
      .flatMap((session) => this.bench.events(session))
      .filter((event) => event.kind === 'approval.resolved' && event.body.outcome === 'selected');
    const heard = this.#asked.filter(({ question }) => question.answers.length === 1);
    expect(selected.length).toBeLessThanOrEqual(heard.length);
  }

  get #agent(): ScriptedAgent | null {
    const agent = this.bench.starter.agents.at(-1);
    return agent && !agent.isGone ? agent : null;
  }

  async #beginAnother(): Promise<void> {
    await settle();
    this.check();
    await this.begin();
  }

  async #prompt(): Promise<void> {
    this.bench.send('prompt', this.session, { text: 'work' });
    await until(() => this.#agent?.turn != null);
  }

  #ask(delivery: number): void {
    if (!this.#agent?.turn) return;
    const question = this.#agent.ask(`question ${this.#asked.length}`);
    const how = (['arrives', 'arrives', 'agent-gone', 'unknown'] as const)[delivery] ?? 'arrives';
    const asked: Asked = { question, delivery: Promise.withResolvers(), how };
    // At once, or when a step says so.
    if (delivery > 0) question.holdAnswer = asked.delivery.promise;
    asked.delivery.promise.catch(() => {});
    this.#asked.push(asked);
  }

  #settleDelivery(asked: Asked | undefined): void {
    if (asked?.how === 'arrives') asked.delivery.resolve();
    else if (asked?.how === 'agent-gone') asked.delivery.reject(new Error('The agent is gone.'));
    else asked?.delivery.reject(new HandOverUnknown('The keeper is gone.'));
  }

  #requested(session: string): string[] {
    return this.bench
      .events(session)
      .flatMap((event) => (event.kind === 'approval.requested' ? [event.body.approval] : []));
  }
}

function outcomeOf(event: SessionEvent): string | null {
  return event.kind === 'approval.resolved' ? event.body.outcome : null;
}

test('whatever happens to a question, and whatever is hurried: it ends once, in the log, in its row and in the state', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, fc.boolean()), { minLength: 4, maxLength: 30, size: 'max' }),
      async (steps) => {
        const world = new World();
        await world.begin();
        for (const [next, isHasty] of steps) {
          const done = world.take(next);
          if (done) await done;
          if (!isHasty) await settle();
          world.check();
        }
        await world.finish();
      },
    ),
    { numRuns: EXAMPLES.length + 25, examples: EXAMPLES },
  );
}, 120_000);

test('an answer that is given in the moment in which the turn ends reaches the agent all the same', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'work' });
  const agent = bench.starter.last;
  await until(() => agent.turn !== null);
  const question = agent.ask();
  await until(() => bench.supervisor.state().approvals.length === 1);
  const [{ approval } = { approval: '' }] = bench.supervisor.state().approvals;
  const answer = bench.send('answer', session, { approval, option: 'yes' });
  agent.turn?.end({ stop: 'end_turn' });
  await settle();
  expect([question.answers, question.cancelled, bench.receiptOf(answer.command)]).toEqual([['yes'], 0, 'applied']);
  expect(bench.history.approvals.open(session)).toEqual([]);
});
