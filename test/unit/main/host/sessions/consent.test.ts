import { expect, test } from 'vitest';
import { digestOf } from '#main/host/sessions/consent.ts';
import type { ToolCall } from '#protocol/events.ts';
import { Bench, PHONE, until } from './support.ts';

const EDIT: ToolCall = {
  id: 'edit',
  title: 'Edit a.txt',
  kind: 'edit',
  state: 'pending',
  content: [{ kind: 'diff', path: 'a.txt', before: 'a\n', after: 'b\n' }],
  paths: ['a.txt'],
};

/** A question that waits, and the way to answer it with exactly what is given. */
async function asked(tool: ToolCall | null, title: string) {
  const bench = new Bench();
  const session = await bench.newSession();
  bench.send('prompt', session, { text: 'work' });
  const agent = bench.starter.last;
  await until(() => agent.turn !== null);
  const question = agent.ask(title, tool);
  await until(() => bench.supervisor.state().approvals.length === 1);
  const [shown] = bench.supervisor.state().approvals;
  if (!shown) throw new Error('Nothing is asked.');
  const answer = (option: string, digest?: string) =>
    bench.supervisor.handleCommand(PHONE, {
      ...bench.command('answer', session, { approval: 'none', option }),
      body: { approval: shown.approval, option, ...(digest !== undefined && { digest }) },
    });
  return { bench, question, shown, answer };
}

test('an answer counts only for what was shown: another digest is refused, and the question stays open', async () => {
  const { bench, question, shown, answer } = await asked(EDIT, 'Edit a.txt');
  const other = digestOf({ ...shown, title: 'Edit b.txt' });
  for (const option of ['yes', 'no']) {
    expect(answer(option, other)).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining('not the one that was shown'),
    });
  }
  expect(bench.supervisor.state().approvals).toHaveLength(1);
  expect(answer('yes', digestOf(shown)).state).toBe('accepted');
  await until(() => question.answers.length === 1);
  expect(question.answers).toEqual(['yes']);
});

test('without a digest an edit can be denied, not allowed', async () => {
  const { question, answer } = await asked(EDIT, 'Edit a.txt');
  expect(answer('yes')).toMatchObject({ state: 'rejected', reason: expect.stringContaining('too old') });
  expect(answer('no').state).toBe('accepted');
  await until(() => question.answers.length === 1);
  expect(question.answers).toEqual(['no']);
});

test('without a digest one plain line can be allowed', async () => {
  const { answer } = await asked(null, 'Run the tests?');
  expect(answer('yes').state).toBe('accepted');
});
