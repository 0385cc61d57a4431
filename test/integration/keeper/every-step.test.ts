import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WireEvent } from '#protocol/events.ts';
import { LoneHost } from '#test/support/keeper/lone-host.ts';

/**
 * The same turn (thoughts, a plan, a tool, a question that a person answers, an edit, words) with a host that dies by SIGKILL at one
 * of its steps, and another that goes on: what is in the log and what the agent did must be what they are without that.
 */
const PROMPT = 'Show me what you can do';
const STEPS: readonly (readonly [step: string, isLater: boolean])[] = [
  ['receipt:accepted:prompt', false],
  ['receipt:dispatched:prompt', false],
  ['receipt:dispatched:prompt', true],
  ['event:turn.acknowledged', false],
  ['stream', false],
  ['event:thought', false],
  ['event:tool', true],
  ['event:approval.requested', false],
  ['event:approval.requested', true],
  ['receipt:accepted:answer', false],
  ['receipt:dispatched:answer', false],
  ['receipt:dispatched:answer', true],
  ['event:approval.resolved', false],
  ['event:message', false],
  ['event:turn.ended', false],
];

let host: LoneHost;
let undisturbed: unknown[];

/** Answers the question when it comes, until the turn is over. */
async function runToEnd(session: string): Promise<void> {
  const isOver = () => host.stateOf(session) === 'idle' && host.kinds(session).includes('turn.ended');
  for (const answered = new Set<string>(); ; ) {
    const open = () => host.state.approvals.find(({ approval }) => !answered.has(approval));
    await host.until('a question or the end', () => open() !== undefined || isOver());
    const question = open();
    if (!question) return;
    answered.add(question.approval);
    const option = question.options.find(({ kind }) => kind === 'allow_once')?.id ?? '';
    host.send('answer', session, { approval: question.approval, option });
  }
}

/**
 * The log without what differs from run to run. That an answer was handed over is noted when the pipe has taken it, which may be
 * before or after the agent's next words.
 */
function normalised(events: readonly WireEvent[]): unknown[] {
  const rest = events.filter(({ kind }) => kind !== 'approval.resolved');
  const log = [...rest, ...events.filter(({ kind }) => kind === 'approval.resolved')];
  const names = new Map<string, string>();
  const name = (id: string) => names.get(id) ?? names.set(id, `id-${names.size + 1}`).get(id);
  const text = JSON.stringify(log.map(({ kind, body }) => ({ kind, body })));
  return JSON.parse(
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => name(id) ?? id)
      .replaceAll(host.folder, '/folder'),
  ) as unknown[];
}

beforeAll(async () => {
  host = new LoneHost();
  try {
    await host.start();
    const session = await host.newSession();
    host.send('prompt', session, { text: PROMPT });
    await host.untilState(session, 'waiting');
    await runToEnd(session);
    undisturbed = normalised(host.log(session));
  } finally {
    await host.clear();
  }
}, 60_000);

describe('whatever step of a turn the host dies at', () => {
  afterEach(async () => {
    await host.clear();
  });

  test.for(STEPS)('%s, also with what was ready then: %s', { timeout: 20_000 }, async ([step, isLater]) => {
    host = new LoneHost();
    await host.start();
    const session = await host.newSession();
    host.dieAt(step, isLater);
    host.send('prompt', session, { text: PROMPT });
    await Promise.race([host.gone(), runToEnd(session).catch(() => undefined)]);
    await host.gone();

    await host.start();
    await runToEnd(session);
    expect(normalised(host.log(session))).toEqual(undisturbed);
    expect(host.executions(PROMPT)).toBe(1);
    expect([...new Set(host.evidence().commands.values())]).toEqual(['applied']);
  });
});
