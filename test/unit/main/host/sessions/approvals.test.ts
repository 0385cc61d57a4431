import { expect, test } from 'vitest';
import { PENDING_APPROVALS_MAX } from '#main/host/sessions/approvals.ts';
import { HandOverUnknown } from '#main/process/agent-process.ts';
import type { ScriptedAgent } from './scripted-agent.ts';
import { Bench, PHONE, settle, TABLET, until } from './support.ts';

async function atWork(bench = new Bench()): Promise<{ bench: Bench; session: string; agent: ScriptedAgent }> {
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'work' });
  const agent = bench.starter.last;
  await until(() => agent.turn !== null);
  return { bench, session, agent };
}

function pending(bench: Bench): string[] {
  return bench.supervisor.state().approvals.map(({ approval }) => approval);
}

test('an answer is stored, handed to the agent, and applied once the agent has it', async () => {
  const { bench, session, agent } = await atWork();
  const question = agent.ask('Edit a.txt?');
  await until(() => bench.stateOf(session) === 'waiting');
  expect(bench.detailOf(session)).toBe('Edit a.txt?');
  const [approval = ''] = pending(bench);
  const arrived = Promise.withResolvers<void>();
  question.holdAnswer = arrived.promise;
  const answer = bench.send('answer', session, { approval, option: 'yes' }, PHONE);
  expect(answer.state).toBe('accepted');
  expect(pending(bench)).toEqual([]);
  expect(bench.stateOf(session)).toBe('working');
  await until(() => bench.receiptOf(answer.command) === 'dispatched');
  expect(bench.kinds(session).slice(-2)).toEqual(['approval.requested', 'approval.answered']);
  arrived.resolve();
  await until(() => bench.receiptOf(answer.command) === 'applied');
  expect(question.answers).toEqual(['yes']);
  expect(bench.events(session).slice(-2)).toMatchObject([
    {
      kind: 'approval.answered',
      body: { approval, option: { id: 'yes', kind: 'allow_once' }, by: { name: PHONE.name } },
    },
    { kind: 'approval.resolved', body: { approval, outcome: 'selected' } },
  ]);
  expect(bench.history.audit.newest(1)[0]).toMatchObject({
    action: 'answer',
    by: { device: 'phone' },
    detail: { approval, title: 'Edit a.txt?', kind: 'allow_once' },
  });
});

test('the first answer wins: a later one is told where it was answered, and the agent hears one only', async () => {
  const { bench, session, agent } = await atWork();
  const question = agent.ask();
  await until(() => pending(bench).length === 1);
  const [approval = ''] = pending(bench);
  const first = bench.command('answer', session, { approval, option: 'yes' });
  expect(bench.supervisor.handleCommand(PHONE, first).state).toBe('accepted');
  expect(bench.send('answer', session, { approval, option: 'no' }, TABLET)).toMatchObject({
    state: 'answered-elsewhere',
    reason: "It was answered on Ada's phone before.",
  });
  await until(() => question.answers.length === 1);
  await settle();
  expect(bench.supervisor.handleCommand(PHONE, first).state).toBe('applied');
  expect(bench.send('answer', session, { approval, option: 'no' }, TABLET).state).toBe('answered-elsewhere');
  await settle();
  expect(question.answers).toEqual(['yes']);
});

test('several questions of one session are all shown and answered one by one', async () => {
  const { bench, session, agent } = await atWork();
  const questions = ['one', 'two', 'three'].map((title) => agent.ask(title));
  await until(() => pending(bench).length === 3);
  expect(bench.supervisor.state().approvals.map(({ title }) => title)).toEqual(['one', 'two', 'three']);
  const [, second = ''] = pending(bench);
  bench.send('answer', session, { approval: second, option: 'no' });
  await until(() => questions[1]?.answers.length === 1);
  expect(bench.stateOf(session)).toBe('waiting');
  expect(bench.detailOf(session)).toBe('one');
  expect(questions.map(({ answers }) => answers)).toEqual([[], ['no'], []]);
});

test('a note with a refusal becomes the next prompt, word for word, before all that wait', async () => {
  const { bench, session, agent } = await atWork();
  bench.send('prompt', session, { text: 'later' });
  agent.ask();
  await until(() => pending(bench).length === 1);
  const [approval = ''] = pending(bench);
  const note = ' Not there.\nUse b.txt ';
  bench.send('answer', session, { approval, option: 'no', note }, PHONE);
  await settle();
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => agent.prompts.length === 2);
  expect(agent.prompts).toEqual(['work', note]);
  expect(bench.events(session).find(({ kind, body }) => kind === 'prompt' && 'note' in body)?.body).toMatchObject({
    text: note,
    note: true,
    by: { device: 'phone' },
  });
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => agent.prompts.length === 3);
  expect(agent.prompts[2]).toBe('later');
});

test('a question that the agent takes back is closed for everybody', async () => {
  const { bench, session, agent } = await atWork();
  const question = agent.ask();
  await until(() => pending(bench).length === 1);
  const [approval = ''] = pending(bench);
  question.close('withdrawn');
  await until(() => pending(bench).length === 0);
  expect(bench.stateOf(session)).toBe('working');
  expect(bench.send('answer', session, { approval, option: 'yes' })).toMatchObject({
    state: 'expired',
    reason: 'The agent no longer asks this.',
  });
  expect(question.answers).toEqual([]);
});

test('a question that is taken back in the moment in which it is answered expires that answer', async () => {
  const { bench, session, agent } = await atWork();
  const question = agent.ask();
  await until(() => pending(bench).length === 1);
  const [approval = ''] = pending(bench);
  question.close('withdrawn');
  const answer = bench.send('answer', session, { approval, option: 'yes' });
  await settle();
  expect(bench.receiptOf(answer.command)).toBe('expired');
  expect(bench.history.approvals.open(session)).toEqual([]);
});

test('questions that are open when the turn ends are closed, an answer on its way is not', async () => {
  const { bench, session, agent } = await atWork();
  const answered = agent.ask('answered');
  const open = agent.ask('open');
  await until(() => pending(bench).length === 2);
  const arrived = Promise.withResolvers<void>();
  answered.holdAnswer = arrived.promise;
  const answer = bench.send('answer', session, { approval: pending(bench)[0] ?? '', option: 'no' });
  await settle();
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => bench.stateOf(session) === 'idle');
  expect(open.cancelled).toBe(1);
  expect(bench.history.approvals.open(session).map(({ state }) => state)).toEqual(['answered']);
  arrived.resolve();
  await until(() => bench.receiptOf(answer.command) === 'applied');
});

test('an answer that cannot be handed over expires, in words', async () => {
  const { bench, session, agent } = await atWork();
  const question = agent.ask();
  await until(() => pending(bench).length === 1);
  question.holdAnswer = Promise.reject(new Error('gone'));
  const answer = bench.send('answer', session, { approval: pending(bench)[0] ?? '', option: 'yes' });
  await until(() => bench.receiptOf(answer.command) === 'expired');
  expect(bench.history.commands.get(answer.command)?.reason).toBe('The agent was gone before it got the answer.');
  expect(bench.events(session).at(-1)).toMatchObject({ kind: 'approval.resolved', body: { outcome: 'expired' } });
});

test('an answer of which nobody knows whether it was handed over is uncertain, and never said to have come too late', async () => {
  const { bench, session, agent } = await atWork();
  const question = agent.ask();
  await until(() => pending(bench).length === 1);
  question.holdAnswer = Promise.reject(new HandOverUnknown('The keeper is gone.'));
  const answer = bench.send('answer', session, { approval: pending(bench)[0] ?? '', option: 'yes' });
  await until(() => bench.receiptOf(answer.command) === 'uncertain');
  expect(bench.history.commands.get(answer.command)?.reason).toContain('not known whether the agent got the answer');
  expect(bench.events(session).at(-1)).toMatchObject({ kind: 'command.uncertain', body: { kind: 'answer' } });
});

test('answers to what was never asked, in another session, or with an option that is not there are refused', async () => {
  const { bench, session, agent } = await atWork();
  agent.ask();
  await until(() => pending(bench).length === 1);
  const [approval = ''] = pending(bench);
  const other = await bench.newSession(2);
  expect(bench.send('answer', session, { approval: 'nothing', option: 'yes' }).state).toBe('rejected');
  expect(bench.send('answer', other, { approval, option: 'yes' }).state).toBe('rejected');
  expect(bench.send('answer', session, { approval, option: 'perhaps' }).reason).toBe(
    'The question has no such answer.',
  );
  expect(pending(bench)).toEqual([approval]);
});

test('an agent that asks without end is refused, and nobody is flooded', async () => {
  const { bench, agent } = await atWork();
  const questions = Array.from({ length: PENDING_APPROVALS_MAX + 3 }, () => agent.ask());
  await until(() => pending(bench).length === PENDING_APPROVALS_MAX);
  expect(questions.filter(({ cancelled }) => cancelled > 0)).toHaveLength(3);
});
