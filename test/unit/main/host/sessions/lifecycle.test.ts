import { expect, test } from 'vitest';
import { RESTARTS_MAX } from '#main/host/sessions/restart-policy.ts';
import { AgentStartError } from '#main/process/agent-process.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { testId } from '../history/support.ts';
import { Bench, PHONE, settle, TABLET, until } from './support.ts';

test('an agent that dies in the middle of a turn is restarted with its conversation, and the prompt is not run again', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const acknowledged = bench.send('prompt', session, { text: 'dies' });
  const waiting = bench.send('prompt', session, { text: 'waits' });
  await until(() => agent.turn !== null);
  agent.turn?.acknowledge();
  agent.say({ kind: 'delta', role: 'message', id: 'm', text: 'half a sen' });
  agent.ask();
  await until(() => bench.stateOf(session) === 'waiting');
  agent.die({ code: 1, signal: null }, 'first line\nOut of memory\n');
  await until(() => bench.stateOf(session) === 'interrupted');
  expect(bench.detailOf(session)).toBe('The agent stopped with exit code 1: Out of memory');
  expect(bench.supervisor.state().approvals).toEqual([]);

  clock.advance(1_000);
  await until(() => bench.starter.agents.length === 2);
  const second = bench.starter.last;
  expect(second.options.agentSession).toBe(agent.agentSession);
  await until(() => second.turn !== null);
  expect(second.prompts).toEqual(['waits']);
  expect(bench.receiptOf(acknowledged.command)).toBe('applied');
  expect(bench.receiptOf(waiting.command)).toBe('dispatched');
  expect(bench.kinds(session).slice(6)).toEqual([
    'turn.acknowledged',
    'approval.requested',
    'message',
    'approval.resolved',
    'turn.ended',
    'session.interrupted',
    'notice',
    'session.started',
    'turn.started',
  ]);
  expect(bench.events(session).find(({ kind }) => kind === 'message')?.body).toEqual({ id: 'm', text: 'half a sen' });
  expect(bench.events(session).find(({ kind }) => kind === 'turn.ended')?.body).toMatchObject({ stop: 'interrupted' });
});

test('a prompt that the agent never acknowledged before it died is uncertain, and a person decides', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const prompt = bench.send('prompt', session, { text: 'perhaps' }, PHONE);
  await until(() => bench.starter.last.turn !== null);
  bench.starter.last.die();
  await until(() => bench.stateOf(session) === 'interrupted');
  expect(bench.history.commands.get(prompt.command)).toMatchObject({
    state: 'uncertain',
    reason: 'The agent was killed (SIGKILL). It is not known whether the agent got this prompt.',
  });
  clock.advance(1_000);
  await until(() => bench.stateOf(session) === 'idle');
  expect(bench.starter.last.prompts).toEqual([]);

  const again = bench.send('prompt.resolve', session, { command: prompt.command, decision: 'run-again' }, TABLET);
  expect(again.state).toBe('accepted');
  await until(() => bench.starter.last.turn !== null);
  expect(bench.starter.last.prompts).toEqual(['perhaps']);
  bench.starter.last.turn?.end({ stop: 'end_turn' });
  await until(() => bench.receiptOf(again.command) === 'applied');
  expect(bench.receiptOf(prompt.command)).toBe('uncertain');
  expect(bench.events(session).find(({ kind }) => kind === 'command.resolved')?.body).toEqual({
    command: prompt.command,
    decision: 'run-again',
    by: { device: 'tablet', name: TABLET.name },
  });
  expect(bench.send('prompt.resolve', session, { command: prompt.command, decision: 'run-again' })).toMatchObject({
    state: 'rejected',
    reason: 'It was decided already.',
  });
});

test('an uncertain prompt can be left as it is; what is not uncertain cannot be decided about', async () => {
  const bench = new Bench({ clock: new ManualClock() });
  const session = await bench.newSession();
  const prompt = bench.send('prompt', session, { text: 'perhaps' });
  await until(() => bench.starter.last.turn !== null);
  expect(bench.send('prompt.resolve', session, { command: prompt.command, decision: 'dismiss' }).state).toBe(
    'rejected',
  );
  bench.starter.last.die();
  await until(() => bench.receiptOf(prompt.command) === 'uncertain');
  expect(bench.send('prompt.resolve', session, { command: prompt.command, decision: 'dismiss' }).state).toBe('applied');
  expect(bench.history.commands.countQueued(session)).toBe(0);
});

test('an agent that keeps dying is restarted five times, later each time, and then Baton says so', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  for (let number = 1; number <= RESTARTS_MAX; number += 1) {
    bench.starter.last.die();
    await until(() => bench.stateOf(session) === 'interrupted');
    clock.advance(30_000);
    await until(() => bench.stateOf(session) === 'idle');
  }
  expect(bench.starter.agents).toHaveLength(1 + RESTARTS_MAX);
  bench.starter.last.die();
  await until(() => bench.stateOf(session) === 'interrupted');
  clock.advance(120_000);
  await settle();
  expect(bench.starter.agents).toHaveLength(1 + RESTARTS_MAX);
  expect(bench.detailOf(session)).toContain('Resume the session to try once more.');

  expect(bench.send('session.resume', session, {}).state).toBe('accepted');
  await until(() => bench.stateOf(session) === 'idle');
  bench.starter.last.die();
  await until(() => bench.stateOf(session) === 'interrupted');
  clock.advance(1_000);
  await until(() => bench.stateOf(session) === 'idle');
});

test('a prompt to an interrupted session resumes it first', async () => {
  const bench = new Bench({ clock: new ManualClock() });
  const session = await bench.newSession();
  const first = bench.starter.last;
  bench.send('prompt', session, { text: 'one' });
  await until(() => first.turn !== null);
  first.turn?.end({ stop: 'end_turn' });
  await until(() => bench.stateOf(session) === 'idle');
  first.die();
  await until(() => bench.stateOf(session) === 'interrupted');
  bench.send('prompt', session, { text: 'two' });
  await until(() => bench.starter.agents.length === 2 && bench.starter.last.turn !== null);
  expect(bench.starter.last.prompts).toEqual(['two']);
  expect(bench.starter.last.options.agentSession).toBe(first.agentSession);
  expect(
    bench
      .events(session)
      .filter(({ kind }) => kind === 'session.started')
      .at(-1)?.body,
  ).toMatchObject({ how: 'resumed' });
});

test('an agent that cannot pick up a conversation is not restarted behind the person’s back, and says that it forgot', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  bench.starter.canResume = false;
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'one' });
  await until(() => bench.starter.last.turn !== null);
  bench.starter.last.die();
  await until(() => bench.stateOf(session) === 'interrupted');
  clock.advance(60_000);
  await settle();
  expect(bench.starter.agents).toHaveLength(1);
  bench.send('prompt', session, { text: 'two' });
  await until(() => bench.starter.agents.length === 2 && bench.starter.last.turn !== null);
  expect(bench.starter.last.options.agentSession).toBeUndefined();
  expect(
    bench
      .events(session)
      .filter(({ kind }) => kind === 'notice')
      .at(-1)?.body,
  ).toMatchObject({
    text: 'The agent does not remember what was said before.',
  });
});

test('a conversation in which nothing was said is begun again, since agents do not keep it', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  await bench.newSession();
  bench.starter.last.die();
  await settle();
  clock.advance(1_000);
  await until(() => bench.starter.agents.length === 2);
  expect(bench.starter.last.options.agentSession).toBeUndefined();
});

test('a turn that died without an exit is taken for dead after a moment, and no prompt goes to the corpse', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'one' });
  bench.send('prompt', session, { text: 'two' });
  await until(() => agent.turn !== null);
  agent.turn?.end({ stop: 'interrupted' });
  await settle();
  expect(agent.prompts).toEqual(['one']);
  clock.advance(2_000);
  await until(() => bench.stateOf(session) === 'interrupted');
  expect(agent.stops).toBe(1);
});

test('an agent that cannot be started fails the session with words, and a later prompt tries again', async () => {
  const bench = new Bench({ clock: new ManualClock() });
  bench.starter.failures.push(new AgentStartError('Demo is not logged in.', 'Run: demo login'));
  const started = bench.send('session.new', testId(1), { agent: 'demo', folder: bench.folder });
  const prompt = bench.send('prompt', testId(1), { text: 'hello' });
  await until(() => bench.stateOf(testId(1)) === 'failed');
  expect(bench.detailOf(testId(1))).toBe('Demo is not logged in.');
  expect(bench.history.commands.get(started.command)).toMatchObject({
    state: 'rejected',
    reason: 'Demo is not logged in. Run: demo login',
  });
  expect(bench.events(testId(1)).at(-1)).toMatchObject({ kind: 'session.failed', body: { hint: 'Run: demo login' } });
  expect(bench.receiptOf(prompt.command)).toBe('accepted');
  bench.send('session.resume', testId(1), {});
  await until(() => bench.starter.agents.length === 1 && bench.starter.last.turn !== null);
  expect(bench.starter.last.prompts).toEqual(['hello']);
});

test('ending a session stops its agent, closes what is open and takes back what waits', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'runs' });
  const waiting = bench.send('prompt', session, { text: 'waits' }, PHONE);
  await until(() => agent.turn !== null);
  agent.say({ kind: 'delta', role: 'thought', id: 't', text: 'I was thin' });
  const question = agent.ask();
  await until(() => bench.stateOf(session) === 'waiting');
  const end = bench.send('session.end', session, {}, PHONE);
  expect(bench.stateOf(session)).toBe('ended');
  await until(() => bench.receiptOf(end.command) === 'applied');
  expect(agent.stops).toBe(1);
  expect(question.cancelled).toBe(1);
  expect(bench.receiptOf(waiting.command)).toBe('expired');
  expect(bench.history.sessions.get(session)?.process).toBeNull();
  expect(bench.kinds(session).slice(-6)).toEqual([
    'approval.requested',
    'thought',
    'approval.resolved',
    'turn.ended',
    'prompt.withdrawn',
    'session.ended',
  ]);
  expect(bench.send('cancel', session, {})).toMatchObject({ state: 'rejected', reason: 'This session has ended.' });
  expect(bench.send('prompt', session, { text: 'more' }).state).toBe('rejected');
  expect(bench.send('session.end', session, {}).state).toBe('applied');
  agent.message('too late');
  await settle();
  expect(bench.kinds(session).at(-1)).toBe('session.ended');
});

test('a session that is ended while its agent starts stops that agent when it is there', async () => {
  const bench = new Bench();
  const started = Promise.withResolvers<void>();
  bench.starter.hold = started.promise;
  const begun = bench.send('session.new', testId(1), { agent: 'demo', folder: bench.folder });
  await settle();
  const end = bench.send('session.end', testId(1), {});
  await settle();
  expect(bench.receiptOf(end.command)).toBe('dispatched');
  started.resolve();
  await until(() => bench.receiptOf(end.command) === 'applied');
  expect(bench.starter.last.stops).toBe(1);
  expect(bench.receiptOf(begun.command)).toBe('expired');
});

test('a mode is changed by the agent’s own word, and who wished it is in the log', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const available = [
    { id: 'ask', name: 'Ask' },
    { id: 'auto', name: 'Auto' },
  ];
  expect(bench.send('mode.set', session, { mode: 'ask' }).state).toBe('rejected');
  agent.say({ kind: 'mode', current: 'ask', available });
  await until(() => bench.supervisor.state().sessions[0]?.mode === 'ask');
  const wish = bench.send('mode.set', session, { mode: 'auto' }, PHONE);
  await until(() => bench.receiptOf(wish.command) === 'applied');
  agent.say({ kind: 'mode', current: 'auto', available });
  await settle();
  expect(
    bench
      .events(session)
      .filter(({ kind }) => kind === 'mode')
      .map(({ body }) => body),
  ).toEqual([
    { current: 'ask', available, by: null },
    { current: 'auto', available, by: { device: 'phone', name: PHONE.name } },
  ]);
  expect(agent.options.mode).toBeUndefined();
  agent.refusesModes = 'Not now.';
  const refused = bench.send('mode.set', session, { mode: 'ask' });
  await until(() => bench.receiptOf(refused.command) === 'rejected');
  expect(bench.history.commands.get(refused.command)?.reason).toBe('The agent did not change its mode: Not now.');
});

test('the mode that a person chose is set again when the agent starts again', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const available = [
    { id: 'ask', name: 'Ask' },
    { id: 'auto', name: 'Auto' },
  ];
  bench.starter.last.say({ kind: 'mode', current: 'ask', available });
  await until(() => bench.supervisor.state().sessions[0]?.mode === 'ask');
  const wish = bench.send('mode.set', session, { mode: 'auto' });
  await until(() => bench.receiptOf(wish.command) === 'applied');
  // What the agent does of its own accord is not a person's choice.
  bench.starter.last.say({ kind: 'mode', current: 'ask', available });
  await until(() => bench.supervisor.state().sessions[0]?.mode === 'ask');
  bench.starter.last.die();
  await settle();
  clock.advance(1_000);
  await until(() => bench.starter.agents.length === 2);
  expect(bench.starter.agents.map(({ options }) => options.mode)).toEqual([undefined, 'auto']);
});

test('quitting ends the turn and the agent, and the session can be resumed at the next start', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const prompt = bench.send('prompt', session, { text: 'runs' });
  const waiting = bench.send('prompt', session, { text: 'waits' });
  await until(() => agent.turn !== null);
  agent.turn?.acknowledge();
  await bench.restart();
  expect(agent.cancels).toBe(1);
  expect(agent.stops).toBe(1);
  expect(bench.receiptOf(prompt.command)).toBe('applied');
  expect(
    bench.events(session).filter(({ kind }) => kind === 'turn.ended' || kind === 'session.interrupted'),
  ).toMatchObject([{ body: { stop: 'interrupted' } }, { body: { text: 'Baton was closed.' } }]);
  // A prompt was accepted and has not run: the session is resumed for it.
  await until(() => bench.starter.agents.length === 2 && bench.starter.last.turn !== null);
  expect(bench.starter.last.prompts).toEqual(['waits']);
  expect(bench.receiptOf(waiting.command)).toBe('dispatched');
  expect(bench.orphans).toEqual([]);
});

test('quitting does not wait for ever for an agent that does not stop', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  await bench.newSession();
  bench.starter.last.stop = () => new Promise(() => {});
  const disposed = bench.supervisor.dispose();
  await settle();
  clock.advance(10_000);
  await disposed;
  expect(bench.supervisor.handleCommand(PHONE, bench.command('cancel', testId(1), {}))).toMatchObject({
    state: 'rejected',
  });
});

test('a command that was done is not called refused because it comes once more while Baton is being closed', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const rename = bench.command('session.rename', session, { title: 'Done' });
  expect(bench.supervisor.handleCommand(PHONE, rename).state).toBe('applied');
  bench.starter.last.stop = () => new Promise(() => {});
  const disposed = bench.supervisor.dispose();
  expect(bench.supervisor.handleCommand(PHONE, rename).state).toBe('applied');
  // Of another device it tells nothing.
  expect(bench.supervisor.handleCommand(TABLET, rename).state).toBe('rejected');
  await settle();
  clock.advance(10_000);
  await disposed;
  bench.history.close();
  expect(bench.supervisor.handleCommand(PHONE, rename).state).toBe('rejected');
});

test('an agent that died is known by its process until nothing of it is left, and no other begins before', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const left = Promise.withResolvers<void>();
  agent.holdStop = left.promise;
  agent.die();
  await until(() => bench.stateOf(session) === 'interrupted');
  bench.send('session.resume', session, {});
  await until(() => bench.stateOf(session) === 'starting');
  const process = () => bench.history.sessions.get(session)?.process?.pid;
  expect([process(), bench.starter.agents.length]).toEqual([agent.pid, 1]);
  left.resolve();
  await until(() => bench.stateOf(session) === 'idle');
  expect(process()).toBe(bench.starter.last.pid);
});
