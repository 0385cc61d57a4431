import { expect, test } from 'vitest';
import { SETTLED_SHOWN_MS, SettledApprovals, TROUBLE_SHOWN_MS } from '#main/desktop/ipc/settled-approvals.ts';
import { Bench, PHONE, type ScriptedAgent, until } from '#test/unit/main/host/sessions/support.ts';

async function atWork(bench: Bench): Promise<{ session: string; agent: ScriptedAgent }> {
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'work' });
  const agent = bench.starter.last;
  await until(() => agent.turn !== null);
  return { session, agent };
}

/** What the window would show of a bench at `now`. */
function createReader(bench: Bench) {
  let now = 0;
  const settled = new SettledApprovals(() => now);
  return (at: number) => {
    now = at;
    return settled.look(bench.supervisor.state().approvals, bench.history).map(({ text, tone }) => [tone, text]);
  };
}

const pending = (bench: Bench) => bench.supervisor.state().approvals.map(({ approval }) => approval);

test('an answer is followed: on the computer, being handed over, with the agent; then it leaves', async () => {
  const bench = new Bench();
  const { session, agent } = await atWork(bench);
  const question = agent.ask('Edit a.txt?');
  await until(() => pending(bench).length === 1);
  const look = createReader(bench);
  expect(look(0)).toEqual([]);
  const arrived = Promise.withResolvers<void>();
  question.holdAnswer = arrived.promise;
  const [approval = ''] = pending(bench);
  const answer = bench.send('answer', session, { approval, option: 'yes' }, PHONE);
  const who = `“Allow” from ${PHONE.name} — `;
  expect(look(1)).toEqual([['quiet', `${who}on your computer, not yet with the agent.`]]);
  await until(() => bench.receiptOf(answer.command) === 'dispatched');
  expect(look(10 * TROUBLE_SHOWN_MS)).toEqual([['quiet', `${who}being handed to the agent.`]]);
  arrived.resolve();
  await until(() => bench.receiptOf(answer.command) === 'applied');
  const done = 11 * TROUBLE_SHOWN_MS;
  expect(look(done)).toEqual([['good', `${who}the agent has it.`]]);
  expect(look(done + SETTLED_SHOWN_MS - 1)).toHaveLength(1);
  expect(look(done + SETTLED_SHOWN_MS)).toEqual([]);
});

test('a question that the agent took back says so; an answer that may not have arrived stays until somebody has looked', async () => {
  const bench = new Bench();
  const { session, agent } = await atWork(bench);
  const look = createReader(bench);
  agent.ask('One?').close('withdrawn');
  const kept = agent.ask('Two?');
  kept.holdAnswer = new Promise(() => {});
  await until(() => pending(bench).length === 1);
  look(0);
  const [approval = ''] = pending(bench);
  const answer = bench.send('answer', session, { approval, option: 'no' });
  await until(() => bench.receiptOf(answer.command) === 'dispatched');
  look(1);
  bench.crash();
  const [[tone, text] = []] = look(2);
  expect(tone).toBe('bad');
  expect(text).toMatch(
    /^“.+” from this computer — uncertain: .*It is not known whether the agent got the answer\. Look/,
  );
  expect(look(1 + TROUBLE_SHOWN_MS)).toHaveLength(1);
  expect(look(2 + TROUBLE_SHOWN_MS)).toEqual([]);
});
