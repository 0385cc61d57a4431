import { expect, test } from 'vitest';
import { QUEUED_PROMPTS_MAX } from '#protocol/limits.ts';
import { Bench, HERE, PHONE, settle, TABLET, until } from './support.ts';

test('a prompt is stored, dispatched before the agent gets it, and applied when the agent shows that it has it', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  let stateWhenTheAgentGotIt: string | undefined;
  let kindsWhenTheAgentGotIt: string[] = [];
  agent.onPrompt = () => {
    stateWhenTheAgentGotIt = bench.receiptOf(accepted.command);
    kindsWhenTheAgentGotIt = bench.kinds(session);
  };
  const accepted = bench.send('prompt', session, { text: 'Do it' }, PHONE);
  expect(accepted.state).toBe('accepted');
  await until(() => agent.turn !== null);
  expect(stateWhenTheAgentGotIt).toBe('dispatched');
  expect(kindsWhenTheAgentGotIt.at(-1)).toBe('turn.started');
  expect(bench.stateOf(session)).toBe('working');

  agent.turn?.acknowledge();
  agent.message('Done');
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => bench.stateOf(session) === 'idle');
  expect(bench.receipts.filter(({ command }) => command === accepted.command)).toMatchObject([
    { device: 'phone', state: 'dispatched' },
    { device: 'phone', state: 'applied' },
  ]);
  expect(bench.kinds(session)).toEqual([
    'session.created',
    'session.started',
    'prompt',
    'session.renamed',
    'turn.started',
    'turn.acknowledged',
    'message',
    'turn.ended',
  ]);
  expect(bench.events(session).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('prompts wait their turn: two are never given to an agent at once', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'first' });
  bench.send('prompt', session, { text: 'second' }, PHONE);
  bench.send('prompt', session, { text: 'third' }, TABLET);
  await settle();
  expect(agent.prompts).toEqual(['first']);
  expect(bench.supervisor.state().sessions[0]).toMatchObject({ queued: 2, state: 'working' });
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => agent.prompts.length === 2);
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => agent.prompts.length === 3);
  expect(agent.prompts).toEqual(['first', 'second', 'third']);
});

test('what a person wrote reaches the agent and the log whole, to the last character', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const text = `  ${'long \u{1f600} '.repeat(60_000)}\n\n end `;
  bench.send('prompt', session, { text });
  await until(() => bench.starter.last.turn !== null);
  expect(bench.starter.last.prompts[0]).toBe(text);
  expect(bench.events(session).find(({ kind }) => kind === 'prompt')?.body).toMatchObject({ text });
});

test('an agent that answers with an error has had the prompt; the session says what was wrong and goes on', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const prompt = bench.send('prompt', session, { text: 'fail' });
  await until(() => agent.turn !== null);
  agent.turn?.end({ stop: 'error', error: 'No credit left' });
  await until(() => bench.stateOf(session) === 'idle');
  expect(bench.receiptOf(prompt.command)).toBe('applied');
  expect(bench.detailOf(session)).toBe('No credit left');
  bench.send('prompt', session, { text: 'again' });
  await until(() => agent.prompts.length === 2);
  expect(bench.detailOf(session)).toBe('');
});

test('a prompt that waits can be taken back, one that runs cannot', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const running = bench.send('prompt', session, { text: 'running' }, PHONE);
  const waiting = bench.send('prompt', session, { text: 'waiting' }, PHONE);
  await until(() => agent.turn !== null);
  expect(bench.send('prompt.withdraw', session, { command: waiting.command }, TABLET).state).toBe('applied');
  expect(bench.send('prompt.withdraw', session, { command: running.command })).toMatchObject({
    state: 'rejected',
    reason: 'The agent has it already. Stop the turn instead.',
  });
  expect(bench.send('prompt.withdraw', session, { command: waiting.command }).state).toBe('rejected');
  expect(bench.history.commands.get(waiting.command)).toMatchObject({
    state: 'expired',
    reason: "Ada's tablet took it back before it reached the agent.",
  });
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => bench.stateOf(session) === 'idle');
  await settle();
  expect(agent.prompts).toEqual(['running']);
  expect(bench.kinds(session)).toContain('prompt.withdrawn');
});

test('only so many prompts may wait', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'runs' });
  await until(() => bench.starter.last.turn !== null);
  for (let number = 0; number < QUEUED_PROMPTS_MAX; number += 1) {
    expect(bench.send('prompt', session, { text: `number ${number}` }).state).toBe('accepted');
  }
  expect(bench.send('prompt', session, { text: 'too many' })).toMatchObject({
    state: 'rejected',
    reason: `${QUEUED_PROMPTS_MAX} prompts wait in this session already.`,
  });
});

test('an empty prompt is refused', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  expect(bench.send('prompt', session, { text: ' \n ' })).toMatchObject({
    state: 'rejected',
    reason: 'The prompt is empty.',
  });
});

test('a cancelled turn ends, its questions are closed, and the wish is applied when it has ended', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'work' });
  await until(() => agent.turn !== null);
  agent.obeysCancel = false;
  const question = agent.ask();
  await until(() => bench.stateOf(session) === 'waiting');
  const cancel = bench.send('cancel', session, {}, PHONE);
  await until(() => agent.cancels === 1);
  expect(question.cancelled).toBe(1);
  expect(bench.receiptOf(cancel.command)).toBe('dispatched');
  expect(bench.supervisor.state().approvals).toEqual([]);
  agent.turn?.end({ stop: 'cancelled' });
  await until(() => bench.stateOf(session) === 'idle');
  expect(bench.receiptOf(cancel.command)).toBe('applied');
  expect(bench.events(session).find(({ kind }) => kind === 'approval.resolved')?.body).toMatchObject({
    outcome: 'cancelled',
  });
});

test('there is nothing to cancel in an idle session', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  expect(bench.send('cancel', session, {})).toMatchObject({
    state: 'rejected',
    reason: 'Nothing is running in this session.',
  });
});

test('after a cancelled turn the next prompt runs', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'one' });
  bench.send('prompt', session, { text: 'two' });
  await until(() => agent.turn !== null);
  bench.send('cancel', session, {});
  await until(() => agent.prompts.length === 2);
  expect(agent.prompts).toEqual(['one', 'two']);
});

test('the first prompt names the session, a person names it for good', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: '```\ncode\n```\n# Fix the *login* page\nplease' });
  expect(bench.supervisor.state().sessions[0]?.title).toBe('Fix the *login* page');
  bench.send('prompt', session, { text: 'Something else' });
  expect(bench.supervisor.state().sessions[0]?.title).toBe('Fix the *login* page');
  bench.starter.last.say({ kind: 'title', title: 'Login' });
  await until(() => bench.supervisor.state().sessions[0]?.title === 'Login');
  expect(bench.send('session.rename', session, { title: '  My   session ' }).state).toBe('applied');
  bench.starter.last.say({ kind: 'title', title: 'Login again' });
  await settle();
  expect(bench.supervisor.state().sessions[0]?.title).toBe('My session');
});

test('prompts are in the audit, by their hash', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const prompt = bench.send('prompt', session, { text: 'secret words' }, PHONE);
  const [row] = bench.history.audit.newest(1);
  expect(row).toMatchObject({
    action: 'prompt',
    by: { device: 'phone', name: PHONE.name },
    detail: { command: prompt.command },
  });
  expect(JSON.stringify(row)).not.toContain('secret words');
  expect(bench.history.audit.verify()).toEqual({ kind: 'intact', rows: 2 });
  expect(HERE.device).toBeNull();
});

test('a wish to stop one turn does not stop the next one', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const first = bench.send('prompt', session, { text: 'First' });
  bench.send('prompt', session, { text: 'Second' });
  await until(() => agent.turn?.text === 'First');
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => agent.turn?.text === 'Second');
  const late = bench.send('cancel', session, { turn: first.command });
  await settle();
  expect({ state: late.state, cancels: agent.cancels }).toEqual({ state: 'rejected', cancels: 0 });
});
