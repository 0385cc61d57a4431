import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND_BODY_MAX_BYTES, SESSIONS_MAX } from '#protocol/limits.ts';
import { testId } from '../history/support.ts';
import { Bench, PHONE, settle, TABLET, until } from './support.ts';

test('a command that arrives again gets its receipt as it is now, and happens once', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const agent = bench.starter.last;
  const prompt = bench.command('prompt', session, { text: 'once' });
  const first = bench.supervisor.handleCommand(PHONE, prompt);
  expect(first.state).toBe('accepted');
  expect(bench.supervisor.handleCommand(PHONE, structuredClone(prompt))).toEqual(first);
  await until(() => agent.turn !== null);
  expect(bench.supervisor.handleCommand(PHONE, prompt).state).toBe('dispatched');
  agent.turn?.end({ stop: 'end_turn' });
  await until(() => bench.stateOf(session) === 'idle');
  expect(bench.supervisor.handleCommand(PHONE, { ...prompt, at: 5 }).state).toBe('applied');
  await settle();
  expect(agent.prompts).toEqual(['once']);
  expect(bench.kinds(session).filter((kind) => kind === 'prompt')).toHaveLength(1);
});

test('the order of the keys in a body makes no other command of it', async () => {
  const bench = new Bench();
  const wire = bench.command('session.new', testId(1), { agent: 'demo', folder: bench.folder });
  expect(bench.supervisor.handleCommand(PHONE, wire).state).toBe('accepted');
  const turned = { ...wire, body: { folder: bench.folder, agent: 'demo' } };
  expect(bench.supervisor.handleCommand(PHONE, turned).state).not.toBe('rejected');
});

test('the same id with another body, kind, session or device is refused and changes nothing', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const prompt = bench.command('prompt', session, { text: 'mine' });
  bench.supervisor.handleCommand(PHONE, prompt);
  await until(() => bench.starter.last.turn !== null);
  const before = bench.kinds(session);
  for (const [from, other] of [
    [PHONE, { ...prompt, body: { text: 'other' } }],
    [PHONE, { ...prompt, kind: 'cancel' }],
    [PHONE, { ...prompt, session: testId(2) }],
    [TABLET, prompt],
  ] as const) {
    expect(bench.supervisor.handleCommand(from, other)).toMatchObject({
      state: 'rejected',
      reason: 'Another command was given under this id before.',
    });
  }
  expect(bench.kinds(session)).toEqual(before);
  expect(bench.supervisor.handleCommand(PHONE, prompt).state).toBe('dispatched');
});

test('a refusal is stored too: what was refused once is not done when it arrives again', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const watcher = { ...PHONE, scope: 'watch' as const };
  const prompt = bench.command('prompt', session, { text: 'no' });
  const refused = bench.supervisor.handleCommand(watcher, prompt);
  expect(refused).toMatchObject({ state: 'rejected', reason: expect.stringContaining('may only watch') });
  expect(bench.supervisor.handleCommand(PHONE, prompt)).toEqual(refused);
  await settle();
  expect(bench.starter.last.prompts).toEqual([]);
});

test('a device does what its scope allows and no more', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const watcher = { ...PHONE, scope: 'watch' as const };
  const answerer = { ...TABLET, scope: 'answer' as const };
  expect(bench.send('prompt', session, { text: 'a' }, watcher).state).toBe('rejected');
  expect(bench.send('cancel', session, {}, watcher).state).toBe('rejected');
  expect(bench.send('prompt', session, { text: 'a' }, answerer).state).toBe('accepted');
  expect(bench.send('session.end', session, {}, answerer).state).toBe('rejected');
  expect(bench.send('session.rename', session, { title: 'x' }, answerer).state).toBe('rejected');
  expect(bench.send('session.new', testId(5), { agent: 'demo', folder: bench.folder }, answerer).state).toBe(
    'rejected',
  );
  expect(bench.send('session.rename', session, { title: 'x' }, PHONE).state).toBe('applied');
});

test('an unknown kind, a malformed body, one too large or too deep are each refused in words', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const good = bench.command('prompt', session, { text: 'x' });
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const answers = [
    { ...good, id: testId(1), kind: 'fly' },
    { ...good, id: testId(2), body: { text: 5 } },
    { ...good, id: testId(3), body: null },
    { ...good, id: testId(4), body: { text: 'x'.repeat(COMMAND_BODY_MAX_BYTES) } },
    { ...good, id: testId(5), body: { text: deep } },
  ].map((wire) => bench.supervisor.handleCommand(PHONE, wire));
  expect(answers.map(({ state }) => state)).toEqual(Array(5).fill('rejected'));
  expect(answers.map(({ reason }) => reason)).toEqual([
    'This version of Baton does not know the command "fly". Update Baton on the computer.',
    'The command "prompt" is malformed at "text".',
    'The command "prompt" is malformed at "".',
    'It is too large: at most 1024 KiB fit into one command.',
    'The command is malformed.',
  ]);
  expect(bench.kinds(session)).not.toContain('prompt');
});

test('a session is not made twice, without its agent, or where there is no folder', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const file = join(bench.folder, 'file');
  writeFileSync(file, '');
  const reasonFor = (id: string, agent: string, folder: string) =>
    bench.send('session.new', id, { agent, folder }).reason;
  expect(reasonFor(session, 'demo', bench.folder)).toBe('A session with this id exists already.');
  expect(reasonFor(testId(2), 'nobody', bench.folder)).toBe('The agent "nobody" is not known on the computer.');
  expect(reasonFor(testId(2), 'missing', bench.folder)).toBe(
    'Missing is not installed on the computer. To install it: npm install missing',
  );
  expect(reasonFor(testId(2), 'demo', 'project')).toBe('The folder must be given with its whole path.');
  expect(reasonFor(testId(2), 'demo', file)).toBe(`${file} is not a folder.`);
  expect(reasonFor(testId(2), 'demo', join(bench.folder, 'gone'))).toContain('There is no folder');
  expect(bench.supervisor.state().sessions).toHaveLength(1);
});

test('only so many sessions are open at once; ending one makes room', async () => {
  const bench = new Bench();
  for (let number = 1; number <= SESSIONS_MAX; number += 1) {
    expect(bench.send('session.new', testId(number), { agent: 'demo', folder: bench.folder }).state).toBe('accepted');
  }
  const refused = bench.send('session.new', testId(100), { agent: 'demo', folder: bench.folder });
  expect(refused.reason).toBe(`${SESSIONS_MAX} sessions are open; end one of them first.`);
  bench.send('session.end', testId(1), {});
  expect(bench.send('session.new', testId(101), { agent: 'demo', folder: bench.folder }).state).toBe('accepted');
  const shown = bench.supervisor.state().sessions;
  expect(shown).toHaveLength(SESSIONS_MAX);
  expect(shown.map(({ id }) => id)).not.toContain(testId(1));
});

test('commands to a session that is not there are refused', () => {
  const bench = new Bench();
  for (const kind of ['cancel', 'session.end', 'session.resume'] as const) {
    expect(bench.send(kind, testId(7), {}).reason).toBe('This session is not known on the computer.');
  }
  expect(bench.send('prompt', testId(7), { text: 'x' }).state).toBe('rejected');
});

test('a session that was deleted is not known as if it had never been: anyone who prompts it hears that it was deleted', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const end = bench.send('session.end', session, {});
  await until(() => bench.receiptOf(end.command) === 'applied');
  expect(bench.history.database.transaction(() => bench.history.deletion.markEnded())).toEqual([session]);
  const words = 'This session was deleted on the computer.';
  expect(bench.send('prompt', session, { text: 'x' }, PHONE).reason).toBe(words);
  expect(bench.send('session.new', session, { agent: 'demo', folder: bench.folder }, PHONE).reason).toBe(words);
  expect(bench.send('session.rename', session, { title: 'x' }).reason).toBe(words);
  await bench.history.deletion.run();
  expect(bench.send('prompt', session, { text: 'x' }, PHONE).reason).toBe(words);
});

test('a revoked device learns nothing of what it gave before, and leaves nothing behind on the disk', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const revoked = { ...PHONE, revokedAt: 1 };
  const before = bench.command('prompt', session, { text: 'before' });
  expect(bench.supervisor.handleCommand(PHONE, before).state).toBe('accepted');
  const after = bench.command('prompt', session, { text: 'after' });
  for (const wire of [before, after]) {
    expect(bench.supervisor.handleCommand(revoked, wire)).toMatchObject({
      state: 'rejected',
      reason: 'This device was revoked.',
    });
  }
  expect(bench.history.commands.get(after.id)).toBeNull();
  const { supervisor } = bench;
  await bench.restart();
  expect(supervisor.handleCommand(revoked, before).reason).toBe('This device was revoked.');
});

test('without remote control devices see nothing and may do nothing, the person at the computer may', async () => {
  const bench = new Bench();
  const hidden = await bench.newSession(1);
  const shown = await bench.newSession(2);
  const by = { device: null, name: 'This computer' };
  expect(bench.supervisor.setSessionRemote(hidden, false, by)).toBe(true);
  expect(bench.supervisor.setSessionRemote(testId(3), false, by)).toBe(false);
  expect(bench.supervisor.state({ remote: true }).sessions.map(({ id }) => id)).toEqual([shown]);
  expect(bench.supervisor.state().sessions).toHaveLength(2);
  expect(bench.send('prompt', hidden, { text: 'x' }, PHONE).reason).toBe(
    'Remote control is switched off for this session.',
  );
  expect(bench.send('prompt', hidden, { text: 'x' }).state).toBe('accepted');
  await until(() => bench.starter.agents[0]?.turn !== null);
  bench.starter.agents[0]?.ask();
  await until(() => bench.supervisor.state().approvals.length === 1);
  expect(bench.supervisor.state({ remote: true }).approvals).toEqual([]);

  bench.settings.update({ remoteControl: false });
  expect(bench.supervisor.state({ remote: true })).toEqual({
    sessions: [],
    approvals: [],
    agents: [],
    folders: [],
    isRemoteControlEnabled: false,
  });
  expect(bench.supervisor.isRemote(shown)).toBe(false);
  expect(bench.send('prompt', shown, { text: 'x' }, PHONE).reason).toBe(
    'Remote control is switched off on the computer.',
  );
  expect(bench.send('session.new', testId(4), { agent: 'demo', folder: bench.folder }, PHONE).state).toBe('rejected');
});

test('folders to choose from are the projects and where sessions were, the last used first', async () => {
  const bench = new Bench();
  const project = join(bench.folder, 'project');
  mkdirSync(project);
  bench.settings.update({ projects: ['/srv/other', project] });
  bench.send('session.new', testId(1), { agent: 'demo', folder: `${project}/` });
  expect(bench.supervisor.state().folders).toEqual([
    { path: project, name: 'project', lastUsedAt: expect.any(Number) },
    { path: '/srv/other', name: 'other', lastUsedAt: null },
  ]);
});

test('a full disk refuses a command in words, stores nothing of it, and works again when there is room', async () => {
  const bench = new Bench();
  const session = await bench.newSession();
  const { connection } = bench.history.database;
  const pages = connection.pragma('page_count', { simple: true });
  connection.pragma(`max_page_count = ${pages}`);
  const prompt = bench.command('prompt', session, { text: 'x'.repeat(500_000) });
  expect(bench.supervisor.handleCommand(PHONE, prompt)).toMatchObject({
    state: 'rejected',
    reason: 'The computer could not store it. The disk is full. Free some space.',
  });
  expect(bench.history.commands.get(prompt.id)).toBeNull();
  expect(bench.kinds(session)).not.toContain('prompt');
  connection.pragma('max_page_count = 1000000');
  expect(bench.supervisor.handleCommand(PHONE, prompt).state).toBe('accepted');
});
