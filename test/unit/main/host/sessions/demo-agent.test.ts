import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { createAgentStarter } from '#main/host/agents/agent-starter.ts';
import { AgentRegistry } from '#main/host/agents/catalogue/registry.ts';
import { temporaryFolder } from '../history/support.ts';
import { Bench, PHONE, until } from './support.ts';

/** The real demo agent in a process of its own, spoken to over the Agent Client Protocol. */
function benchWithDemoAgent(): Bench {
  const folder = temporaryFolder();
  const settings = { get: () => bench.settings.get(), onDidChange: () => () => {} };
  const registry = new AgentRegistry({
    settings,
    log: silentLog,
    isDemoOffered: true,
    readEnvironment: async () => ({ PATH: process.env.PATH ?? '' }),
  });
  onTestFinished(() => registry.dispose());
  const bench = new Bench({ folder, starter: createAgentStarter({ registry, log: silentLog }) });
  return bench;
}

test('a whole turn: thought, plan, an approved edit that is really made, and the receipts of all of it', async () => {
  const bench = benchWithDemoAgent();
  const session = await bench.newSession();
  const prompt = bench.send('prompt', session, { text: 'Add a line' }, PHONE);
  await until(() => bench.supervisor.state().approvals.length === 1);
  const [approval] = bench.supervisor.state().approvals;
  const option = approval?.options.find(({ kind }) => kind === 'allow_once');
  const answer = bench.send('answer', session, { approval: approval?.approval ?? '', option: option?.id ?? '' }, PHONE);
  await until(() => bench.stateOf(session) === 'idle');
  expect([bench.receiptOf(prompt.command), bench.receiptOf(answer.command)]).toEqual(['applied', 'applied']);
  expect(readFileSync(join(bench.folder, 'baton-demo.md'), 'utf8')).toContain('Add a line');
  const kinds = bench.kinds(session);
  for (const kind of [
    'thought',
    'plan',
    'tool',
    'approval.requested',
    'approval.answered',
    'approval.resolved',
    'message',
  ]) {
    expect(kinds).toContain(kind);
  }
  expect(kinds.at(-1)).toBe('turn.ended');
});

test('an agent killed in the middle of a turn comes back with its conversation, and its prompt is not run again', async () => {
  const bench = benchWithDemoAgent();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'echo: first' });
  await until(() => bench.kinds(session).includes('turn.ended'));
  const slow = bench.send('prompt', session, { text: 'slow 60' });
  const next = bench.send('prompt', session, { text: 'echo: after' });
  await until(() => bench.receiptOf(slow.command) === 'applied');
  const { process: agent } = bench.history.sessions.get(session) ?? {};
  process.kill(agent?.pid ?? 0, 'SIGKILL');
  await until(() => bench.receiptOf(next.command) === 'applied' && bench.stateOf(session) === 'idle');
  const events = bench.events(session);
  expect(events.filter(({ kind }) => kind === 'turn.started')).toHaveLength(3);
  expect(
    events.filter(({ kind }) => kind === 'session.started').map(({ body }) => (body as { how: string }).how),
  ).toEqual(['new', expect.stringMatching(/loaded|resumed/)]);
  expect(events.find(({ kind }) => kind === 'session.interrupted')?.body).toMatchObject({
    text: expect.stringContaining('SIGKILL'),
  });
  expect(events.filter(({ kind }) => kind === 'message').at(-1)?.body).toMatchObject({ text: 'after' });
});

test('a flood of text does not keep the computer from anything else, and is whole in the log', async () => {
  const bench = benchWithDemoAgent();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'flood 4096' });
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  await until(() => bench.history.sessions.get(session)?.state === 'working');
  await until(() => bench.history.sessions.get(session)?.state === 'idle');
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(5);
  const text = bench
    .events(session)
    .flatMap(({ kind, body }) => (kind === 'message' && 'text' in body ? [body.text] : []));
  expect(text.join('').length).toBe(4096 * 1024);
});
