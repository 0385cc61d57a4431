import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFinalReceipt, type ReceiptState, type WireCommand } from '#protocol/commands.ts';
import type { SessionEvent } from '#protocol/events.ts';
import type { ScriptedAgent } from './scripted-agent.ts';
import { Bench, PHONE, settle, TABLET, until } from './support.ts';

/** What may happen, in any order. Numbers choose among what there is. */
type Step =
  | { kind: 'prompt'; device: number }
  | { kind: 'replay'; command: number }
  | { kind: 'forge'; command: number }
  | { kind: 'withdraw'; command: number }
  | { kind: 'resolve'; command: number }
  | { kind: 'cancel' }
  | { kind: 'answer'; device: number }
  | { kind: 'acknowledge' }
  | { kind: 'end-turn' }
  | { kind: 'ask' }
  | { kind: 'say' }
  | { kind: 'agent-dies' }
  | { kind: 'crash' }
  | { kind: 'quit' }
  | { kind: 'resume' };

const nat = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('prompt' as const), device: nat }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('replay' as const), command: nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forge' as const), command: nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), command: nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resolve' as const), command: nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), device: nat }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end-turn' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('say' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('agent-dies' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quit' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume' as const) }) },
);

const DEVICES = [PHONE, TABLET] as const;

/** One world: a host on a real file, an agent that does as told, and what both devices remember of it. */
class World {
  readonly bench = new Bench();
  session = '';
  readonly sent: { wire: WireCommand; device: (typeof DEVICES)[number]; last: ReceiptState }[] = [];
  #log: SessionEvent[] = [];
  #prompts = 0;

  async begin(): Promise<void> {
    this.session = await this.bench.newSession();
  }

  get #agent(): ScriptedAgent | null {
    const agent = this.bench.starter.agents.at(-1);
    return agent && !agent.isGone ? agent : null;
  }

  async take(step: Step, isHasty: boolean): Promise<void> {
    const { bench } = this;
    switch (step.kind) {
      case 'prompt':
        this.#prompts += 1;
        this.#send('prompt', { text: `prompt ${this.#prompts}` }, step.device);
        break;
      case 'replay':
        this.#replay(step.command);
        break;
      case 'forge': {
        const entry = this.#pick(step.command);
        if (!entry) break;
        const forged = { ...entry.wire, body: { text: 'forged' } };
        expect(bench.supervisor.handleCommand(entry.device, forged).state).toBe('rejected');
        break;
      }
      case 'withdraw':
      case 'resolve': {
        const target = this.#pick(step.command)?.wire.id;
        if (target === undefined) break;
        if (step.kind === 'withdraw') this.#send('prompt.withdraw', { command: target }, 0);
        else this.#send('prompt.resolve', { command: target, decision: 'run-again' }, 1);
        break;
      }
      case 'cancel':
        this.#send('cancel', {}, 0);
        break;
      case 'answer': {
        const [pending] = bench.supervisor.state().approvals;
        if (pending) this.#send('answer', { approval: pending.approval, option: 'yes' }, step.device);
        break;
      }
      case 'acknowledge':
        this.#agent?.turn?.acknowledge();
        break;
      case 'end-turn':
        this.#agent?.turn?.end({ stop: 'end_turn' });
        break;
      case 'ask':
        if (this.#agent?.turn) this.#agent.ask();
        break;
      case 'say':
        this.#agent?.message(`said ${this.#log.length}`);
        break;
      case 'agent-dies':
        this.#agent?.die();
        break;
      case 'crash':
        bench.crash();
        break;
      case 'quit':
        await bench.restart();
        break;
      case 'resume':
        this.#send('session.resume', {}, 0);
    }
    // Sometimes the next thing happens before anything could come of this one.
    if (!isHasty) await settle();
    this.check();
  }

  /** What must hold after every step. */
  check(): void {
    const { bench, session } = this;
    const log = bench.events(session);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    // What was in the log once is there for ever, crash or not.
    expect(log.slice(0, this.#log.length)).toEqual(this.#log);
    this.#log = log;
    const given = bench.starter.agents.flatMap(({ prompts }) => prompts);
    expect(new Set(given).size + this.#allowedRepeats(given)).toBe(given.length);
    expect(log.filter(({ kind }) => kind === 'turn.started')).toHaveLength(given.length);
    for (const entry of this.sent) {
      const now = bench.receiptOf(entry.wire.id);
      // A final receipt never changes.
      if (isFinalReceipt(entry.last)) expect(now).toBe(entry.last);
      expect(now).toBeDefined();
      entry.last = now as ReceiptState;
    }
  }

  /** All is quiet: every command has come to its end, and every prompt was given to an agent once, or it is known why not. */
  async finish(): Promise<void> {
    const { bench, session } = this;
    this.#send('session.resume', {}, 0);
    await until(() => {
      this.#agent?.turn?.acknowledge();
      this.#agent?.turn?.end({ stop: 'end_turn' });
      return bench.stateOf(session) === 'idle' && bench.history.commands.open(session).length === 0;
    });
    this.check();
    const started = this.#log.flatMap(({ kind, body }) =>
      kind === 'turn.started' && 'command' in body ? [body.command] : [],
    );
    for (const { wire, last } of this.sent) {
      expect(isFinalReceipt(last)).toBe(true);
      const isRun = wire.kind === 'prompt' || wire.kind === 'prompt.resolve';
      if (isRun)
        expect(started.filter((id) => id === wire.id)).toHaveLength(last === 'applied' || last === 'uncertain' ? 1 : 0);
    }
    expect(bench.history.approvals.open(session)).toEqual([]);
    expect(bench.history.audit.verify().kind).toBe('intact');
  }

  /** A prompt that a person had run again was given more than once, and rightly so. */
  #allowedRepeats(given: readonly string[]): number {
    const decided = this.#log.filter(
      ({ kind, body }) => kind === 'command.resolved' && 'decision' in body && body.decision === 'run-again',
    );
    const repeats = given.length - new Set(given).size;
    expect(repeats).toBeLessThanOrEqual(decided.length);
    return repeats;
  }

  #send(kind: Parameters<Bench['command']>[0], body: object, device: number): void {
    const wire = this.bench.command(kind, this.session, body as never);
    const from = DEVICES[device % 2] ?? PHONE;
    const { state } = this.bench.supervisor.handleCommand(from, wire);
    this.sent.push({ wire, device: from, last: state });
  }

  #replay(number: number): void {
    const entry = this.#pick(number);
    if (!entry) return;
    const before = this.bench.events(this.session).length;
    const now = this.bench.receiptOf(entry.wire.id);
    expect(this.bench.supervisor.handleCommand(entry.device, structuredClone(entry.wire)).state).toBe(now);
    expect(this.bench.events(this.session)).toHaveLength(before);
  }

  #pick(number: number): (typeof this.sent)[number] | undefined {
    return this.sent[number % Math.max(1, this.sent.length)];
  }
}

test('whatever is sent twice, taken back, forged, and anyone who crashes in between: each command happens once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = new World();
      await world.begin();
      for (const [next, isHasty] of steps) await world.take(next, isHasty);
      await world.finish();
    }),
    { numRuns: 25 },
  );
}, 120_000);
