import { expect, test } from 'vitest';
import { Bench, PHONE, settle, until } from './support.ts';

test('after a crash in the middle of a turn nothing runs twice: what was dispatched is uncertain, what waited runs', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const dispatched = bench.send('prompt', session, { text: 'dispatched' }, PHONE);
  const waiting = bench.send('prompt', session, { text: 'waiting' }, PHONE);
  await until(() => agent.turn !== null);
  agent.message('I begin');
  agent.ask();
  await until(() => bench.stateOf(session) === 'waiting');
  const before = bench.events(session);
  const ended = Promise.withResolvers<void>();
  bench.holdOrphans = ended.promise;

  bench.crash();
  expect(bench.events(session).slice(0, before.length)).toEqual(before);
  expect(bench.receiptOf(dispatched.command)).toBe('uncertain');
  expect(bench.receiptOf(waiting.command)).toBe('accepted');
  expect(bench.supervisor.state().approvals).toEqual([]);
  expect(bench.supervisor.state().sessions[0]).toMatchObject({
    detail: expect.stringMatching(/^Baton stopped unexpectedly, some time after \d{4}-\d\d-\d\d \d\d:\d\d\.$/),
  });
  expect(bench.kinds(session).slice(before.length)).toEqual([
    'approval.resolved',
    'turn.ended',
    'command.uncertain',
    'session.interrupted',
  ]);
  await settle();
  expect(bench.orphans).toEqual([{ pid: agent.pid, startTime: 'then' }]);
  // Not before the orphan is gone: two agents must not work in one conversation.
  expect(bench.starter.agents).toHaveLength(1);
  ended.resolve();
  await until(() => bench.starter.agents.length === 2 && bench.starter.last.turn !== null);
  expect(bench.starter.last.options.agentSession).toBe(agent.agentSession);
  expect(bench.starter.last.prompts).toEqual(['waiting']);
  expect(bench.receiptOf(waiting.command)).toBe('dispatched');
});

test('after a crash, an idle session waits to be resumed by a person', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.crash();
  await bench.supervisor.ready;
  await settle();
  expect(bench.stateOf(session)).toBe('interrupted');
  expect(bench.starter.agents).toHaveLength(1);
  expect(bench.history.sessions.get(session)?.process).toBeNull();
  const resume = bench.send('session.resume', session, {});
  await until(() => bench.receiptOf(resume.command) === 'applied');
  expect(bench.stateOf(session)).toBe('idle');
});

test('a session that is resumed while its orphan is being ended waits for that end', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const ended = Promise.withResolvers<void>();
  bench.holdOrphans = ended.promise;
  bench.crash();
  bench.send('session.resume', session, {});
  await settle();
  expect(bench.stateOf(session)).toBe('starting');
  expect(bench.starter.agents).toHaveLength(1);
  ended.resolve();
  await until(() => bench.stateOf(session) === 'idle');
});

test('a prompt that the agent had acknowledged stays applied after a crash, and its turn is ended', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const prompt = bench.send('prompt', session, { text: 'x' });
  await until(() => bench.starter.last.turn !== null);
  bench.starter.last.turn?.acknowledge();
  bench.crash();
  expect(bench.receiptOf(prompt.command)).toBe('applied');
  expect(bench.kinds(session).slice(-2)).toEqual(['turn.ended', 'session.interrupted']);
});

test('an answer that was on its way when Baton crashed is uncertain; it is not handed over again', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'x' });
  await until(() => bench.starter.last.turn !== null);
  const question = bench.starter.last.ask();
  question.holdAnswer = new Promise(() => {});
  await until(() => bench.supervisor.state().approvals.length === 1);
  const approval = bench.supervisor.state().approvals[0]?.approval ?? '';
  const command = bench.command('answer', session, { approval, option: 'yes' });
  bench.supervisor.handleCommand(PHONE, command);
  await until(() => bench.receiptOf(command.id) === 'dispatched');
  bench.crash();
  expect(bench.supervisor.handleCommand(PHONE, command)).toMatchObject({ state: 'uncertain' });
  expect(bench.send('answer', session, { approval, option: 'no' }, PHONE)).toMatchObject({
    state: 'expired',
    reason: 'The agent that asked is gone.',
  });
});

test('a session that was being started or resumed in the moment of the crash can be resumed', async () => {
  const bench = new Bench();
  bench.starter.hold = new Promise(() => {});
  const begun = bench.send('session.new', '01890000-0000-7000-8000-000000000001', {
    agent: 'demo',
    folder: bench.folder,
  });
  await settle();
  bench.starter.hold = null;
  bench.crash();
  expect(bench.receiptOf(begun.command)).toBe('expired');
  expect(bench.stateOf(begun.command)).toBeUndefined();
  expect(bench.stateOf('01890000-0000-7000-8000-000000000001')).toBe('interrupted');

  const resume = bench.command('session.resume', '01890000-0000-7000-8000-000000000001', {});
  bench.supervisor.handleCommand(PHONE, resume);
  bench.crash();
  expect(bench.receiptOf(resume.id)).toBe('expired');
});

test('a crash while a session was being ended leaves no agent and no open command behind', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  agent.stop = () => new Promise(() => {});
  const end = bench.send('session.end', session, {});
  await settle();
  expect(bench.receiptOf(end.command)).toBe('dispatched');
  bench.crash();
  await bench.supervisor.ready;
  expect(bench.orphans).toEqual([{ pid: agent.pid, startTime: 'then' }]);
  expect(bench.receiptOf(end.command)).toBe('applied');
  expect(bench.stateOf(session)).toBe('ended');
});

test('a cancelled turn that a crash ended counts as cancelled', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'x' });
  await until(() => bench.starter.last.turn !== null);
  bench.starter.last.obeysCancel = false;
  const cancel = bench.send('cancel', session, {});
  await settle();
  bench.crash();
  expect(bench.receiptOf(cancel.command)).toBe('applied');
});

test('an agent’s process is known from its first moment, so that a crash during its start leaves no orphan', async () => {
  const bench = new Bench();
  bench.starter.hold = new Promise(() => {});
  const { open } = bench.starter;
  bench.starter.open = (options) => {
    options.events.onProcess?.({ pid: 4321, startTime: 'just now' });
    return open.call(bench.starter, options);
  };
  bench.send('session.new', '01890000-0000-7000-8000-000000000001', { agent: 'demo', folder: bench.folder });
  await settle();
  bench.crash();
  await bench.supervisor.ready;
  expect(bench.orphans).toEqual([{ pid: 4321, startTime: 'just now' }]);
});
