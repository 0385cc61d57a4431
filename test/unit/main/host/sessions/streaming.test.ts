import { expect, test } from 'vitest';
import { STREAM_INTERVAL_MS } from '#main/host/sessions/streams.ts';
import { CHANGE_INTERVAL_MS } from '#main/host/sessions/supervisor.ts';
import { INLINE_OUTPUT_MAX_BYTES } from '#protocol/limits.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { toolCall } from './scripted-agent.ts';
import { Bench, settle, until } from './support.ts';

test('text that is being written is told whole, at most once per interval, and ends as an event', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const told: string[] = [];
  bench.supervisor.onDidStream(({ text, role, id }) => told.push(`${role} ${id} ${text}`));
  agent.say({ kind: 'delta', role: 'message', id: 'm', text: 'Hel' });
  clock.advance(0);
  for (const text of ['l', 'o', ' ', 'you']) agent.say({ kind: 'delta', role: 'message', id: 'm', text });
  clock.advance(STREAM_INTERVAL_MS);
  expect(told).toEqual(['message m Hel', 'message m Hello you']);
  expect(bench.supervisor.streaming(session)).toEqual([{ session, id: 'm', role: 'message', text: 'Hello you' }]);
  agent.say({ kind: 'text', role: 'message', id: 'm', text: 'Hello you!' });
  await until(() => bench.kinds(session).includes('message'));
  expect(bench.supervisor.streaming(session)).toEqual([]);
  clock.advance(1_000);
  expect(told).toHaveLength(2);
});

test('changes of the state are told together', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  await settle();
  clock.advance(1_000);
  let told = 0;
  bench.supervisor.onDidChange(() => {
    told += 1;
  });
  for (let number = 0; number < 100; number += 1) bench.starter.last.message(`text ${number}`);
  await until(() => bench.history.events.last(session) > 100);
  clock.advance(CHANGE_INTERVAL_MS);
  expect(told).toBe(1);
  expect(bench.supervisor.state().sessions[0]?.seq).toBe(bench.history.events.last(session));
});

test('everything an agent says is in the log, in order; what is only progress is not', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const first = bench.history.events.last(session);
  agent.say({ kind: 'text', role: 'thought', id: 't', text: 'Hm' });
  agent.say({ kind: 'plan', entries: [{ text: 'Think', priority: 'high', state: 'in_progress' }] });
  agent.say({ kind: 'tool', tool: toolCall(), isFinal: true });
  agent.say({ kind: 'tool', tool: toolCall({ state: 'running' }), isFinal: false });
  agent.ask('Edit?');
  agent.say({ kind: 'tool', tool: toolCall({ state: 'done' }), isFinal: true });
  agent.message('Done');
  await until(() => bench.kinds(session).includes('message'));
  expect(
    bench
      .events(session)
      .slice(first)
      .map(({ kind }) => kind),
  ).toEqual(['thought', 'plan', 'tool', 'approval.requested', 'tool', 'message']);
});

test('a flood of updates is written in batches, whole and in order, and the session goes on', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const before = bench.history.events.last(session);
  let commits = 0;
  bench.history.events.onDidAppend(() => {
    commits += 1;
  });
  let transactions = 0;
  const { transaction } = bench.history.database;
  bench.history.database.transaction = function counted<Value>(
    this: typeof bench.history.database,
    work: () => Value,
  ): Value {
    if (!this.connection.inTransaction) transactions += 1;
    return transaction.call(this, work) as Value;
  };
  for (let number = 0; number < 5_000; number += 1) {
    agent.say({ kind: 'delta', role: 'message', id: `m${number}`, text: 'x' });
    agent.message(`text ${number}`, `m${number}`);
  }
  await until(() => bench.history.events.last(session) === before + 5_000);
  expect(commits).toBe(5_000);
  expect(transactions).toBeLessThan(100);
  const texts = bench
    .events(session)
    .slice(before)
    .map(({ body }) => (body as { text: string }).text);
  expect(texts).toEqual(Array.from({ length: 5_000 }, (_, number) => `text ${number}`));
});

test('a message and an output of many megabytes are kept whole, in pieces that can travel', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const huge = 'ä'.repeat(3 * 1024 * 1024);
  agent.message(huge, 'huge');
  agent.say({
    kind: 'tool',
    tool: toolCall({ state: 'done', content: [{ kind: 'text', text: huge }] }),
    isFinal: true,
  });
  agent.message('still alive');
  await until(() => bench.events(session).some(({ body }) => 'text' in body && body.text === 'still alive'));
  const events = bench.events(session);
  const parts = events.filter(
    ({ kind, body }) => kind === 'message' && 'id' in body && String(body.id).startsWith('huge'),
  );
  expect(parts.map(({ body }) => (body as { text: string }).text).join('')).toBe(huge);
  for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(4 * 1024 * 1024);
  const tool = events.find(({ kind }) => kind === 'tool');
  const [piece] = tool?.kind === 'tool' ? tool.body.content : [];
  if (piece?.kind !== 'blob') throw new Error('It was not made a blob.');
  expect(piece.bytes).toBe(huge.length * 2);
  expect(piece.head.length).toBeLessThan(INLINE_OUTPUT_MAX_BYTES);
  expect(bench.history.events.blob(session, piece.blob)).toBe(huge);
  expect(bench.history.events.blob('another session', piece.blob)).toBeNull();
});

test('what an agent says while the disk is full is written, in order, as soon as there is room', async () => {
  const clock = new ManualClock();
  const bench = new Bench({ clock });
  const session = await bench.newSession();
  const agent = bench.starter.last;
  bench.send('prompt', session, { text: 'work' });
  bench.send('prompt', session, { text: 'next' });
  await until(() => agent.turn !== null);
  const { connection } = bench.history.database;
  connection.pragma(`max_page_count = ${connection.pragma('page_count', { simple: true })}`);
  agent.message('x'.repeat(500_000), 'long');
  await until(() => bench.supervisor.state().diskTrouble === 'The disk is full. Free some space.');
  agent.message('short');
  agent.turn?.end({ stop: 'end_turn' });
  await settle();
  clock.advance(10_000);
  expect(bench.stateOf(session)).toBe('working');
  expect(agent.prompts).toEqual(['work']);
  connection.pragma('max_page_count = 1000000');
  clock.advance(2_000);
  await until(() => agent.prompts.length === 2);
  expect(bench.kinds(session).slice(-5)).toEqual([
    'message',
    'message',
    'turn.acknowledged',
    'turn.ended',
    'turn.started',
  ]);
  expect(bench.supervisor.state().diskTrouble).toBe(undefined);
});
