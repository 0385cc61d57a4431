import { describe, expect } from 'vitest';
import { groupMembers } from '#main/process/process-group.ts';
import type { OddScript, Step } from '#test/support/odd-agent.ts';
import { ask, type ConversationOptions, conversationTest, end, prompt, say } from './support.ts';

const initialize = (agentCapabilities: object): Step[] => [{ respond: { protocolVersion: 1, agentCapabilities } }];

const test = conversationTest.extend(
  'refusal',
  ({ open, processes, recorder }) =>
    async (script: OddScript, options?: ConversationOptions) => {
      const error = await open(script, options).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(await groupMembers(processes[0]?.pid ?? 0)).toEqual([]);
      expect(recorder.exits).toEqual([]);
      const { name, message, hint } = error as Error & { hint?: string };
      return { name, message, hint };
    },
);

describe('a conversation that is opened', () => {
  test('tells the agent what Baton does not do for it', async ({ open, recorder, folder }) => {
    const conversation = await open({ 'session/prompt': [{ tell: 'initialize' }, { tell: 'session/new' }, end()] });
    await prompt(conversation);
    const [first, second] = (recorder.texts()[0] ?? '')
      .split('}{')
      .map((text, index) => JSON.parse(index ? `{${text}` : `${text}}`));
    expect(first.params).toMatchObject({
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    });
    expect(second.params).toEqual({ cwd: folder, mcpServers: [] });
    expect(conversation).toMatchObject({ how: 'new', agentSession: 's1', agentVersion: '9', canResume: false });
  });

  test('hears of updates that came before its session had a name, and of no other session’s', async ({
    open,
    recorder,
  }) => {
    const early = { sessionUpdate: 'session_info_update', title: 'Early' };
    const foreign = { update: { sessionUpdate: 'session_info_update', title: 'Foreign' }, session: 'other' };
    await open({ 'session/new': [foreign, { update: early }, { respond: { sessionId: 's1' } }, foreign] });
    await recorder.until('the title', () => recorder.updates.length > 0);
    expect(recorder.updates).toEqual([{ kind: 'title', title: 'Early' }]);
  });

  test('is silent until it is begun, and then tells in order what was said meanwhile', async ({ open, recorder }) => {
    const modes = { currentModeId: 'auto', availableModes: [{ id: 'auto' }, { id: 'ask' }] };
    const conversation = await open(
      {
        'session/new': [say('Before'), { respond: { sessionId: 's1', modes } }],
        'session/set_mode': [say(' and after'), ask(1), { respond: {} }],
      },
      { isSilent: true },
    );
    // Its answer comes after all of that.
    await conversation.setMode('ask');
    expect([recorder.updates, recorder.permissions]).toEqual([[], []]);
    expect(conversation).toMatchObject({ agentSession: 's1', position: null });
    conversation.begin();
    expect(recorder.texts()).toEqual(['Before and after']);
    expect(recorder.updates.map(({ kind }) => kind)).toEqual(['delta', 'mode', 'delta', 'text', 'tool', 'mode']);
    expect(recorder.permissions).toMatchObject([{ title: 'Question 1' }]);
    expect(() => conversation.begin()).toThrow('has begun already');
  });

  test('that ended before it was begun tells that, too', async ({ open, recorder, processes }) => {
    const conversation = await open(
      { 'session/new': [{ respond: { sessionId: 's1' } }, { exit: 3 }] },
      { isSilent: true },
    );
    await processes[0]?.exited;
    expect(recorder.exits).toEqual([]);
    conversation.begin();
    await recorder.until('its end', () => recorder.exits.length > 0);
    expect(recorder.exits).toMatchObject([{ code: 3 }]);
  });

  test('begins in the first wanted mode, and tells only that', async ({ open, recorder }) => {
    const modes = {
      currentModeId: 'auto',
      availableModes: [
        { id: 'auto', name: 'Auto' },
        { id: 'ask', name: 'Ask' },
      ],
    };
    const conversation = await open(
      {
        'session/new': [{ respond: { sessionId: 's1', modes } }],
        'session/set_mode': [{ respond: {} }],
        'session/prompt': [{ tell: 'session/set_mode' }, end()],
      },
      { modes: ['unknown', 'ask'] },
    );
    await prompt(conversation);
    expect(recorder.updates.filter(({ kind }) => kind === 'mode')).toMatchObject([{ current: 'ask' }]);
    expect(recorder.texts()[0]).toContain('"modeId":"ask"');
    await expect(conversation.setMode('nonsense')).rejects.toThrow('Odd has no mode "nonsense".');
  });

  test('sets a mode through the configuration where it is an option of that', async ({ open, recorder }) => {
    const option = {
      id: 'm',
      category: 'mode',
      type: 'select',
      currentValue: 'auto',
      options: [{ value: 'auto' }, { value: 'ask' }],
    };
    const conversation = await open(
      {
        'session/new': [{ respond: { sessionId: 's1', configOptions: [option] } }],
        'session/set_config_option': [{ respond: { configOptions: [] } }],
        'session/prompt': [{ tell: 'session/set_config_option' }, end()],
      },
      { modes: ['ask'] },
    );
    await prompt(conversation);
    expect(recorder.texts()[0]).toContain('"configId":"m","value":"ask"');
  });

  test('does not begin in a mode that nobody wanted', async ({ open }) => {
    const modes = { currentModeId: 'auto', availableModes: [{ id: 'auto' }, { id: 'ask' }] };
    const script = {
      'session/new': [{ respond: { sessionId: 's1', modes } }],
      'session/set_mode': [{ fail: { code: -32603, message: 'Internal error', data: 'no' } }],
    };
    await expect(open(script, { modes: ['ask'] })).rejects.toThrow(
      'Odd could not be started: Odd did not change its mode: no',
    );
  });
});

describe('a conversation that cannot be opened', () => {
  const failure = (message: string, hint?: string) => ({ name: 'AgentStartError', message, hint });

  test('because the agent ends says how, with the end of its stderr', async ({ refusal }) => {
    expect(await refusal({ initialize: [{ stderr: 'no licence\n' }, { exit: 4 }] })).toEqual(
      failure('Odd could not be started: it ended with exit code 4\nno licence'),
    );
  });

  test('because the agent never answers says what it did not answer', async ({ processes, refusal }) => {
    expect(await refusal({ initialize: [] }, { deadlines: { initializeMs: 1_000 } })).toEqual(
      failure('Odd could not be started: it did not answer "initialize" within 1 s'),
    );
    processes.splice(0);
    expect(await refusal({ 'session/new': [] }, { deadlines: { newSessionMs: 1_000 } })).toEqual(
      failure('Odd could not be started: it did not answer "session/new" within 1 s'),
    );
  });

  test('because nobody wants it any more ends the agent at once', async ({ recorder, refusal }) => {
    const giveUp = new AbortController();
    const refused = refusal({ initialize: [] }, { signal: giveUp.signal });
    await recorder.until('its process', () => recorder.identities.length > 0);
    giveUp.abort();
    expect(await refused).toMatchObject({ name: 'AgentStartError' });
  });

  test('has told of its process before', async ({ recorder, processes, refusal }) => {
    await refusal({ initialize: [{ exit: 1 }] });
    expect(recorder.identities).toEqual([{ pid: processes[0]?.pid, startTime: processes[0]?.startTime }]);
  });

  test('because nobody is logged in says how to log in', async ({ refusal }) => {
    const fail = { code: -32000, message: 'Authentication required' };
    expect(await refusal({ 'session/new': [{ fail }] })).toEqual(
      failure('Odd is not logged in: Authentication required', 'Run `odd login`.'),
    );
  });

  test('because it speaks another version of the protocol says which to update', async ({ refusal }) => {
    expect(await refusal({ initialize: [{ respond: { protocolVersion: 2 } }] })).toEqual(
      failure('Odd speaks version 2 of the Agent Client Protocol; Baton speaks version 1.', 'Update Baton.'),
    );
  });

  test('because the agent cannot continue a conversation says so', async ({ refusal }) => {
    expect(await refusal({}, { agentSession: 'old' })).toEqual(
      failure('Odd cannot continue an earlier conversation.', 'Start a new session.'),
    );
  });

  test.for([-32002, -32602, -32603])('because the agent no longer knows it (%i) says so', async (code, { refusal }) => {
    const script = {
      initialize: initialize({ loadSession: true }),
      'session/load': [{ fail: { code, message: 'gone' } }],
    };
    expect(await refusal(script, { agentSession: 'old' })).toEqual(
      failure('Odd could not continue this conversation: gone', 'Start a new session; this one can still be read.'),
    );
  });
});

describe('a conversation that is picked up again', () => {
  const script: OddScript = {
    initialize: initialize({ loadSession: true, sessionCapabilities: { resume: {} } }),
    'session/resume': [{ respond: {} }],
    'session/load': [
      say('old, during'),
      { respond: {} },
      say('old, after'),
      { update: { sessionUpdate: 'session_info_update', title: 'T' } },
    ],
    'session/prompt': [say('new'), end()],
  };

  test('is resumed where the agent can do that', async ({ open }) => {
    const conversation = await open(script, { agentSession: 's1' });
    expect(conversation).toMatchObject({ how: 'resumed', agentSession: 's1', canResume: true });
  });

  test('is loaded otherwise, and its replayed history is not told again', async ({ open, recorder }) => {
    const conversation = await open(
      { ...script, initialize: initialize({ loadSession: true }) },
      { agentSession: 's1' },
    );
    await recorder.until('the title', () => recorder.updates.some(({ kind }) => kind === 'title'));
    await prompt(conversation);
    expect([conversation.how, recorder.texts()]).toEqual(['loaded', ['new']]);
  });
});
