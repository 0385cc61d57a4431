import { expect, test } from 'vitest';
import { Bench, HERE, PHONE, until } from './support.ts';

/** A session in which something was said, that has ended; its agent is gone. */
async function endedSession(bench: Bench): Promise<string> {
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'remember this' });
  await until(() => agent.turn !== null);
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => bench.stateOf(session) === 'idle');
  const end = bench.send('session.end', session, {});
  await until(() => bench.receiptOf(end.command) === 'applied');
  return session;
}

const canResume = (bench: Bench) => bench.supervisor.state({ remote: true }).sessions[0]?.canResume;

test('a session that has ended goes on with its conversation when it is resumed, however often that is asked', async () => {
  const bench = new Bench();
  const session = await endedSession(bench);
  const { agentSession } = bench.starter.last;
  expect(canResume(bench)).toBe(true);
  const command = bench.command('session.resume', session, {});
  expect(bench.supervisor.handleCommand(PHONE, command).state).toBe('accepted');
  await until(() => bench.stateOf(session) === 'idle');
  expect(bench.supervisor.handleCommand(PHONE, command).state).toBe('applied');
  expect(bench.starter.agents.map(({ options }) => options.agentSession)).toEqual([undefined, agentSession]);
  expect(canResume(bench)).toBeUndefined();
  expect(bench.kinds(session).slice(-2)).toEqual(['session.ended', 'session.started']);
  expect(bench.history.audit.newest(1)[0]).toMatchObject({
    action: 'session.resume',
    by: { name: PHONE.name },
    session,
  });

  bench.send('prompt', session, { text: 'and on' });
  await until(() => bench.starter.last.turn !== null);
  expect(bench.starter.last.prompts).toEqual(['and on']);
  bench.send('session.end', session, {});
  await until(() => canResume(bench) === true);
});

test('a session of which the agent keeps nothing stays ended, and nobody is offered anything else', async () => {
  const bench = new Bench();
  bench.starter.canResume = false;
  const session = await endedSession(bench);
  expect(canResume(bench)).toBe(false);
  expect(bench.send('session.resume', session, {})).toMatchObject({
    state: 'rejected',
    reason: expect.stringContaining('has nothing of it to pick up'),
  });
  expect([bench.stateOf(session), bench.starter.agents.length]).toEqual(['ended', 1]);
});

test('a session in which nothing was said has no conversation to resume', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const end = bench.send('session.end', session, {});
  await until(() => bench.receiptOf(end.command) === 'applied');
  expect([canResume(bench), bench.send('session.resume', session, {}).state]).toEqual([false, 'rejected']);
});

test('no second agent begins while the first is on its way out', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const gone = Promise.withResolvers<void>();
  agent.holdStop = gone.promise;
  bench.send('prompt', session, { text: 'remember this' });
  await until(() => agent.turn !== null);
  const end = bench.send('session.end', session, {});
  expect(bench.supervisor.handleCommand(HERE, bench.command('session.resume', session, {}))).toMatchObject({
    state: 'rejected',
    reason: expect.stringContaining('still being ended'),
  });
  gone.resolve();
  await until(() => bench.receiptOf(end.command) === 'applied');
  expect(bench.send('session.resume', session, {}).state).toBe('accepted');
  await until(() => bench.stateOf(session) === 'idle');
});
