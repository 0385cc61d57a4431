import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentConversation, PermissionRequest } from '#main/host/agents/agent.ts';
import { createAgentStarter } from '#main/host/agents/agent-starter.ts';
import { demoProfile } from '#main/host/agents/catalogue/profiles.ts';
import type { ApprovalOptionKind } from '#protocol/events.ts';
import { AgentRecorder, runPrompt as prompt } from '#test/support/agent-recorder.ts';

describe('the demo agent', () => {
  let base: string;
  let folder: string;
  let recorder: AgentRecorder;
  const conversations: AgentConversation[] = [];

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'baton-demo-test-'));
    folder = join(base, 'project');
    await mkdir(folder);
    recorder = new AgentRecorder();
  });
  afterEach(async () => {
    await Promise.all(conversations.splice(0).map((conversation) => conversation.stop()));
    await rm(base, { recursive: true });
  });

  async function open(
    options: { agentSession?: string; environment?: Record<string, string> } = {},
  ): Promise<AgentConversation> {
    const profile = demoProfile();
    const env = {
      BATON_DEMO_PACE_MS: '0',
      BATON_DEMO_STATE: join(base, 'state'),
      BATON_DEMO_JOURNAL: join(base, 'journal'),
      ...options.environment,
    };
    const { program: file, args, modes } = profile;
    const registry = { resolve: async () => ({ profile, command: { file, args, env, cwd: folder }, modes }) };
    const { agentSession } = options;
    const starter = createAgentStarter({ registry, log: recorder.log });
    const conversation = await starter.open({
      agent: 'demo',
      folder,
      events: recorder,
      ...(agentSession ? { agentSession } : {}),
    });
    conversations.push(conversation);
    return conversation;
  }

  const choose = (kind: ApprovalOptionKind) => {
    recorder.onAsked = (request: PermissionRequest) => {
      const option = request.options.find((offered) => offered.kind === kind);
      if (option) void request.answer(option);
    };
  };
  const notes = () => readFile(join(folder, 'baton-demo.md'), 'utf8').catch(() => null);
  const said = () => recorder.texts().join('');

  test('says what it is, thinks, plans, and changes a real file once it is allowed to', async () => {
    const conversation = await open();
    recorder.onAsked = (request) => {
      recorder.onAsked = () => undefined;
      void notes().then(async (before) => {
        recorder.lines.push(`before the answer: ${before}`);
        await request.answer({ id: 'allow', name: '', kind: 'allow_once' });
      });
    };
    expect(await prompt(conversation, 'make it better')).toEqual({ stop: 'end_turn' });
    expect(recorder.lines).toContain('before the answer: null');
    expect(await notes()).toBe('# Notes of the demo agent\n\n- make it better\n');
    expect(said()).toContain('a script, not a model');
    expect(recorder.texts('thought')).toHaveLength(1);
    expect(recorder.permissions[0]?.tool?.content).toEqual([
      {
        kind: 'diff',
        path: join(folder, 'baton-demo.md'),
        before: null,
        after: '# Notes of the demo agent\n\n- make it better\n',
      },
    ]);
    const plans = recorder.updates.flatMap((update) =>
      update.kind === 'plan' ? [update.entries.map(({ state }) => state)] : [],
    );
    expect(plans.at(0)).toEqual(['in_progress', 'pending', 'pending']);
    expect(plans.at(-1)).toEqual(['completed', 'completed', 'completed']);
  });

  test('leaves the file alone when it is denied, and says so', async () => {
    const conversation = await open();
    choose('reject_once');
    await writeFile(join(folder, 'baton-demo.md'), 'mine\n');
    expect(await prompt(conversation, 'make it better')).toEqual({ stop: 'end_turn' });
    expect([await notes(), said().includes('Nothing has been written')]).toEqual(['mine\n', true]);
  });

  test('does not ask again after "always", nor in the mode `auto`', async () => {
    const conversation = await open();
    choose('allow_always');
    for (const text of ['one', 'two']) await prompt(conversation, text);
    expect([recorder.permissions.length, await notes()]).toEqual([1, '# Notes of the demo agent\n\n- one\n- two\n']);

    const other = await open();
    await other.setMode('auto');
    await prompt(other, 'three');
    expect([recorder.permissions.length, (await notes())?.endsWith('- three\n')]).toEqual([1, true]);
  });

  test('touches nothing but an ordinary file of its own', async () => {
    await writeFile(join(base, 'elsewhere'), 'precious\n');
    await symlink(join(base, 'elsewhere'), join(folder, 'baton-demo.md'));
    choose('allow_once');
    await prompt(await open(), 'make it better');
    expect([await readFile(join(base, 'elsewhere'), 'utf8'), recorder.permissions]).toEqual(['precious\n', []]);
  });

  test('stops at once when it is cancelled, in mid-stream and in mid-question', async () => {
    const conversation = await open({ environment: { BATON_DEMO_PACE_MS: '20' } });
    const long = prompt(conversation, 'long');
    await recorder.until('some text', () => recorder.streamed().includes('3 '));
    await conversation.cancel();
    expect(await long).toEqual({ stop: 'cancelled' });
    expect(recorder.streamed()).not.toContain('150 ');

    const asking = prompt(conversation, 'many approvals 3');
    await recorder.until('the questions', () => recorder.permissions.length === 3);
    await conversation.cancel();
    expect(await asking).toEqual({ stop: 'cancelled' });
  });

  test.each([
    ['both', 'resumed'],
    ['resume', 'resumed'],
    ['load', 'loaded'],
  ])('goes on with a conversation after it was killed (%s), without telling it again', async (way, how) => {
    const environment = { BATON_DEMO_RESUME: way };
    const first = await open({ environment });
    await first.setMode('auto');
    await prompt(first, 'echo: before');
    const crash = await prompt(first, 'crash');
    expect(crash).toEqual({ stop: 'interrupted', error: 'Demo agent ended with exit code 70.' });
    const second = await open({ environment, agentSession: first.agentSession });
    await prompt(second, 'echo: after');
    expect([second.how, second.agentSession]).toEqual([how, first.agentSession]);
    expect(recorder.texts()).toEqual(['before', 'I am about to crash, ', 'after']);
    const modes = recorder.updates.flatMap((update) => (update.kind === 'mode' ? [update.current] : []));
    expect(modes).toEqual(['ask', 'auto', 'ask']);
  });

  test('refuses a conversation it does not know', async () => {
    await expect(open({ agentSession: '../../etc/passwd' })).rejects.toThrow('could not continue this conversation');
    const environment = { BATON_DEMO_RESUME: 'none' };
    expect((await open({ environment })).canResume).toBe(false);
  });

  test('does each of its tricks', async () => {
    const conversation = await open();
    choose('allow_once');
    const turns: [string, (text: string) => boolean][] = [
      ['echo: hello\nworld', (text) => text === 'hello\nworld'],
      ['long 12', (text) => text.endsWith('10.\n11 12 ')],
      ['slow 1', (text) => text === 'Second 1 of 1. Done.'],
      ['flood 600', (text) => text.length === 600 * 1024],
      ['many approvals 4', (text) => text.startsWith('4 allowed, 0 denied.')],
      ['output 100', (text) => text === 'The tool printed 100 KiB.'],
      ['help', (text) => text.includes('`crash`')],
    ];
    for (const [text, isRight] of turns) {
      recorder.updates.length = 0;
      expect([text, await prompt(conversation, text), isRight(said())]).toEqual([text, { stop: 'end_turn' }, true]);
    }
    expect(recorder.permissions).toHaveLength(4);
    expect(await prompt(conversation, 'fail sadly')).toEqual({ stop: 'error', error: 'sadly' });
  });

  test('has as much tool output as it was asked for', async () => {
    await prompt(await open(), 'output 100');
    const tool = recorder.updates.findLast((update) => update.kind === 'tool')?.tool;
    expect([tool?.state, tool?.content[0]?.kind === 'text' && tool.content[0].text.length]).toEqual([
      'done',
      100 * 1024,
    ]);
  });

  test('writes each prompt it executes into its journal, once', async () => {
    const conversation = await open();
    for (const text of ['echo: a', 'echo: b\nc', 'fail']) await prompt(conversation, text);
    const journal = (await readFile(join(base, 'journal'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const session = conversation.agentSession;
    expect(journal).toEqual(
      ['echo: a', 'echo: b\nc', 'fail'].map((text) => ({ session, text, at: expect.any(Number) })),
    );
  });
});
