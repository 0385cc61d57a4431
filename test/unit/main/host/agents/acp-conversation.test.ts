import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LATE_TEXT_FLUSH_MS, UPDATES_HELD_MAX_BYTES } from '../../../../../main/host/agents/acp-conversation.ts';
import {
  ACP_DEADLINES,
  type AcpDeadlines,
  GARBAGE_LOGGED_MAX,
  openAcpConversation,
} from '../../../../../main/host/agents/acp-open.ts';
import { LINE_MAX_BYTES, OPEN_REQUESTS_MAX } from '../../../../../main/host/agents/acp-stream.ts';
import type { AgentConversation, AgentProcess } from '../../../../../main/host/agents/agent.ts';
import { PROCESS_DEADLINES, startAgentProcess } from '../../../../../main/host/agents/agent-process.ts';
import { groupMembers } from '../../../../../main/host/agents/process-group.ts';
import { AgentRecorder } from '../../../../support/agent-recorder.ts';
import { type OddScript, oddAgent, type Step } from '../../../../support/odd-agent.ts';

const say = (text: string): Step => ({
  update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
});
const ask = (id: number | string, fields: object = {}): Step => ({
  send: {
    id,
    method: 'session/request_permission',
    params: {
      sessionId: 's1',
      toolCall: { toolCallId: `tool-${id}`, title: `Question ${id}` },
      options: [
        { optionId: 'y', name: 'Yes', kind: 'allow_once' },
        { optionId: 'n', name: 'No', kind: 'reject_once' },
      ],
      ...fields,
    },
  },
});
const end = (stopReason = 'end_turn', extra: object = {}): Step => ({ respond: { stopReason, ...extra } });
const initialize = (agentCapabilities: object): Step[] => [{ respond: { protocolVersion: 1, agentCapabilities } }];

describe('a conversation', () => {
  let folder: string;
  let recorder: AgentRecorder;
  const processes: AgentProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baton-conversation-'));
    recorder = new AgentRecorder();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((agent) => agent.stop()));
    await rm(folder, { recursive: true });
  });

  interface Options {
    agentSession?: string;
    modes?: string[];
    deadlines?: Partial<AcpDeadlines>;
  }

  async function open(script: OddScript, options: Options = {}): Promise<AgentConversation> {
    const deadlines = { ...PROCESS_DEADLINES, stdinCloseGraceMs: 1_000, sigkillAfterMs: 300 };
    const agent = await startAgentProcess(oddAgent(script, folder), deadlines);
    processes.push(agent);
    return openAcpConversation({
      agent,
      words: { name: 'Odd', loginHint: 'Run `odd login`.' },
      folder,
      agentSession: options.agentSession,
      modes: options.modes ?? [],
      events: recorder,
      log: recorder.log,
      version: '0',
      deadlines: { ...ACP_DEADLINES, ...options.deadlines },
    });
  }

  const prompt = (conversation: AgentConversation, text = 'do it') => conversation.prompt(text, () => undefined);

  describe('that is opened', () => {
    test('tells the agent what Baton does not do for it', async () => {
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

    test('hears of updates that came before its session had a name, and of no other session’s', async () => {
      const early = { sessionUpdate: 'session_info_update', title: 'Early' };
      const foreign = { update: { sessionUpdate: 'session_info_update', title: 'Foreign' }, session: 'other' };
      await open({ 'session/new': [foreign, { update: early }, { respond: { sessionId: 's1' } }, foreign] });
      await recorder.until('the title', () => recorder.updates.length > 0);
      expect(recorder.updates).toEqual([{ kind: 'title', title: 'Early' }]);
    });

    test('tells nothing before the caller has it', async () => {
      const conversation = await open({ 'session/new': [say('Welcome'), { respond: { sessionId: 's1' } }] });
      expect(recorder.updates).toEqual([]);
      await recorder.until('the welcome', () => recorder.texts().length > 0);
      expect(recorder.texts()).toEqual(['Welcome']);
      expect(conversation.agentSession).toBe('s1');
    });

    test('begins in the first wanted mode, and tells only that', async () => {
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

    test('sets a mode through the configuration where it is an option of that', async () => {
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

    test('does not begin in a mode that nobody wanted', async () => {
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

  describe('that cannot be opened', () => {
    const refusal = async (script: OddScript, options?: Options) => {
      const error = await open(script, options).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(await groupMembers(processes[0]?.pid ?? 0)).toEqual([]);
      expect(recorder.exits).toEqual([]);
      const { name, message, hint } = error as Error & { hint?: string };
      return { name, message, hint };
    };
    const failure = (message: string, hint?: string) => ({ name: 'AgentStartError', message, hint });

    test('because the agent ends says how, with the end of its stderr', async () => {
      expect(await refusal({ initialize: [{ stderr: 'no licence\n' }, { exit: 4 }] })).toEqual(
        failure('Odd could not be started: it ended with exit code 4\nno licence'),
      );
    });

    test('because the agent never answers says what it did not answer', async () => {
      expect(await refusal({ initialize: [] }, { deadlines: { initializeMs: 1_000 } })).toEqual(
        failure('Odd could not be started: it did not answer "initialize" within 1 s'),
      );
      processes.splice(0);
      expect(await refusal({ 'session/new': [] }, { deadlines: { newSessionMs: 1_000 } })).toEqual(
        failure('Odd could not be started: it did not answer "session/new" within 1 s'),
      );
    });

    test('has told of its process before', async () => {
      await refusal({ initialize: [{ exit: 1 }] });
      expect(recorder.identities).toEqual([{ pid: processes[0]?.pid, startTime: processes[0]?.startTime }]);
    });

    test('because nobody is logged in says how to log in', async () => {
      const fail = { code: -32000, message: 'Authentication required' };
      expect(await refusal({ 'session/new': [{ fail }] })).toEqual(
        failure('Odd is not logged in: Authentication required', 'Run `odd login`.'),
      );
    });

    test('because it speaks another version of the protocol says which to update', async () => {
      expect(await refusal({ initialize: [{ respond: { protocolVersion: 2 } }] })).toEqual(
        failure('Odd speaks version 2 of the Agent Client Protocol; Baton speaks version 1.', 'Update Baton.'),
      );
    });

    test('because the agent cannot continue a conversation says so', async () => {
      expect(await refusal({}, { agentSession: 'old' })).toEqual(
        failure('Odd cannot continue an earlier conversation.', 'Start a new session.'),
      );
    });

    test.each([-32002, -32602, -32603])('because the agent no longer knows it (%i) says so', async (code) => {
      const script = {
        initialize: initialize({ loadSession: true }),
        'session/load': [{ fail: { code, message: 'gone' } }],
      };
      expect(await refusal(script, { agentSession: 'old' })).toEqual(
        failure('Odd could not continue this conversation: gone', 'Start a new session; this one can still be read.'),
      );
    });
  });

  describe('that is picked up again', () => {
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

    test('is resumed where the agent can do that', async () => {
      const conversation = await open(script, { agentSession: 's1' });
      expect(conversation).toMatchObject({ how: 'resumed', agentSession: 's1', canResume: true });
    });

    test('is loaded otherwise, and its replayed history is not told again', async () => {
      const conversation = await open(
        { ...script, initialize: initialize({ loadSession: true }) },
        { agentSession: 's1' },
      );
      await recorder.until('the title', () => recorder.updates.some(({ kind }) => kind === 'title'));
      await prompt(conversation);
      expect([conversation.how, recorder.texts()]).toEqual(['loaded', ['new']]);
    });
  });

  describe('in a turn', () => {
    test('acknowledges once, with the first sign of work, and tells all text before the end', async () => {
      const conversation = await open({
        'session/prompt': [
          { update: { sessionUpdate: 'usage_update' } },
          { update: { sessionUpdate: 'mystery' } },
          say('one '),
          say('two'),
          end('max_tokens'),
        ],
      });
      const seen: unknown[] = [];
      const turn = await conversation.prompt('do it', () => seen.push('acknowledged', recorder.updates.length));
      expect([turn, seen, recorder.texts()]).toEqual([{ stop: 'max_tokens' }, ['acknowledged', 0], ['one two']]);
    });

    test('acknowledges with the end if there was no other sign', async () => {
      const conversation = await open({ 'session/prompt': [end()] });
      let count = 0;
      await conversation.prompt('do it', () => count++);
      expect(count).toBe(1);
    });

    test('does not acknowledge a prompt whose agent died over it without a sign', async () => {
      const conversation = await open({ 'session/prompt': [{ exit: 9 }] });
      let count = 0;
      const turn = await conversation.prompt('do it', () => count++);
      expect([turn, count]).toEqual([{ stop: 'interrupted', error: 'Odd ended with exit code 9.' }, 0]);
    });

    test('sends the prompt as it was written', async () => {
      const conversation = await open({ 'session/prompt': [{ tell: 'session/prompt' }, end()] });
      await prompt(conversation, 'Zeile\n"zwei" 😀');
      expect(JSON.parse(recorder.texts()[0] ?? '').params).toEqual({
        sessionId: 's1',
        prompt: [{ type: 'text', text: 'Zeile\n"zwei" 😀' }],
      });
    });

    test.each([
      [{ fail: { code: -32603, message: 'Internal error', data: { details: 'model is down' } } }, 'model is down'],
      [{ fail: { code: -32000, message: 'Log in first' } }, 'Log in first'],
      [end('end_turn', { _meta: { error: 'quota' } }), 'quota'],
      [end('end_turn', { _meta: { vendor: { error: { message: 'overloaded' } } } }), 'overloaded'],
    ])('ends with the agent’s error, wherever it says it: %j', async (step, error) => {
      const conversation = await open({ 'session/prompt': [say('partial'), step as Step] });
      expect([await prompt(conversation), recorder.texts()]).toEqual([{ stop: 'error', error }, ['partial']]);
      expect(recorder.exits).toEqual([]);
    });

    test('takes a stop reason it does not know for an ordinary end', async () => {
      const conversation = await open({ 'session/prompt': [end('bored')] });
      expect(await prompt(conversation)).toEqual({ stop: 'end_turn' });
    });

    test('answers -32601 to what Baton does not do, and goes on', async () => {
      const conversation = await open({
        'session/prompt': [
          { send: { id: 'q', method: 'fs/read_text_file', params: { sessionId: 's1', path: '/etc/passwd' } } },
        ],
        'response:q': [{ tell: 'response:q' }, { send: { id: 'q2', method: '_vendor/oddity', params: {} } }],
        'response:q2': [{ tell: 'response:q2' }, { send: { id: 2, result: { stopReason: 'end_turn' } } }],
      });
      expect(await prompt(conversation)).toEqual({ stop: 'end_turn' });
      expect(recorder.texts()[0]?.match(/"code":-32601/g)).toHaveLength(2);
    });

    test('finishes text that comes after its end', async () => {
      const conversation = await open({ 'session/prompt': [end(), { line: '' }, say('late')] });
      await prompt(conversation);
      await recorder.until(`the text, after ${LATE_TEXT_FLUSH_MS} ms`, () => recorder.texts().length > 0);
      expect(recorder.texts()).toEqual(['late']);
    });

    test('refuses a second prompt at once', async () => {
      const conversation = await open({ 'session/prompt': [say('x')] });
      const first = prompt(conversation);
      await expect(prompt(conversation)).rejects.toThrow('another one runs');
      await conversation.stop();
      expect((await first).stop).toBe('interrupted');
    });

    test('that loses its agent ends, and only then is the agent’s end told', async () => {
      const conversation = await open({ 'session/prompt': [say('half'), { stderr: 'boom' }, { exit: 3 }] });
      const turn = await prompt(conversation).then((value) => ({ ...value, exits: recorder.exits.length }));
      expect([turn, recorder.texts()]).toEqual([
        { stop: 'interrupted', error: 'Odd ended with exit code 3.', exits: 0 },
        ['half'],
      ]);
      await recorder.until('the exit', () => recorder.exits.length > 0);
      expect(recorder.exits).toEqual([{ code: 3, signal: null, stderrTail: 'boom' }]);
      expect(await prompt(conversation)).toEqual({ stop: 'interrupted', error: 'Odd is not running.' });
    });
  });

  describe('whose agent asks', () => {
    test('has several questions open at once, and answers each by what was chosen', async () => {
      const conversation = await open({
        'session/prompt': [ask(101), ask('b')],
        'response:101': [{ tell: 'response:101' }],
        'response:b': [{ tell: 'response:b' }, { send: { id: 2, result: { stopReason: 'end_turn' } } }],
      });
      const turn = prompt(conversation);
      await recorder.until('both questions', () => recorder.permissions.length === 2);
      const [first, second] = recorder.permissions;
      expect(first).toMatchObject({
        title: 'Question 101',
        tool: { id: 'tool-101' },
        options: [{ id: 'y', name: 'Yes' }, { id: 'n' }],
      });
      await first?.answer({ id: 'y', name: 'Yes', kind: 'allow_once' });
      await second?.answer({ id: 'n', name: 'No', kind: 'reject_once' });
      expect(await turn).toEqual({ stop: 'end_turn' });
      expect(recorder.texts()[0]).toContain('{"outcome":{"outcome":"selected","optionId":"y"}}');
      expect(recorder.texts()[0]).toContain('{"outcome":{"outcome":"selected","optionId":"n"}}');
      await expect(first?.answer({ id: 'n', name: 'No', kind: 'reject_once' })).rejects.toThrow('no longer open');
    });

    test('keeps apart options that share an id, or have none that the log can hold', async () => {
      const options = ['same', 'same', '', 'x'.repeat(300)].map((optionId) => ({
        optionId,
        name: '',
        kind: 'allow_always',
      }));
      const conversation = await open({
        'session/prompt': [ask(1, { options: [...options, { optionId: 'odd', name: 'Odd', kind: 'allow_twice' }] })],
        'response:1': [{ tell: 'response:1' }],
      });
      void prompt(conversation);
      await recorder.until('the question', () => recorder.permissions.length > 0);
      const offered = recorder.permissions[0]?.options ?? [];
      expect(offered.map(({ id, name }) => [id, name])).toEqual(
        ['same', 'option-1', 'option-2', 'option-3'].map((id) => [id, 'Always allow']),
      );
      await expect(recorder.permissions[0]?.answer({ id: 'other', name: '', kind: 'allow_once' })).rejects.toThrow(
        'did not offer',
      );
      await recorder.permissions[0]?.answer({ id: 'option-3', name: '', kind: 'allow_always' });
      await recorder.until('the answer', () => recorder.streamed().includes('x'.repeat(300)));
    });

    test('without anything to choose gets "cancelled", and nobody is bothered', async () => {
      const conversation = await open({
        'session/prompt': [ask(1, { options: [] }), ask(2, { sessionId: 'other' })],
        'response:1': [{ tell: 'response:1' }],
        'response:2': [{ tell: 'response:2' }, { send: { id: 2, result: { stopReason: 'end_turn' } } }],
      });
      await prompt(conversation);
      expect(recorder.permissions).toEqual([]);
      expect(recorder.texts()[0]?.match(/"outcome":"cancelled"/g)).toHaveLength(2);
    });

    test('may take a question back', async () => {
      const conversation = await open({
        'session/prompt': [ask(7), ask(8), { send: { method: '$/cancel_request', params: { requestId: 7 } } }],
        'response:8': [{ send: { id: 2, result: { stopReason: 'end_turn' } } }],
      });
      const turn = prompt(conversation);
      await recorder.until('both questions', () => recorder.permissions.length === 2);
      expect(await recorder.permissions[0]?.closed).toBe('withdrawn');
      await recorder.permissions[1]?.cancel();
      expect(await turn).toEqual({ stop: 'end_turn' });
    });

    test('and ends the turn without an answer has its question closed', async () => {
      const conversation = await open({ 'session/prompt': [ask(7), end()], 'response:7': [] });
      await prompt(conversation);
      await recorder.until('the question', () => recorder.permissions.length === 1);
      expect(await recorder.permissions[0]?.closed).toBe('withdrawn');
    });

    test('and dies has its questions expire', async () => {
      const conversation = await open({ 'session/prompt': [ask(7)] });
      void prompt(conversation);
      await recorder.until('the question', () => recorder.permissions.length === 1);
      await conversation.stop();
      expect(await recorder.permissions[0]?.closed).toBe('expired');
      await expect(recorder.permissions[0]?.answer({ id: 'y', name: 'Yes', kind: 'allow_once' })).rejects.toThrow();
    });
  });

  describe('that is cancelled', () => {
    test('answers every open question "cancelled", also those that come later', async () => {
      const conversation = await open({
        'session/prompt': [ask(1), ask(2)],
        'session/cancel': [ask(3)],
        'response:3': [
          { tell: 'response:1' },
          { tell: 'response:2' },
          { tell: 'response:3' },
          { send: { id: 2, result: { stopReason: 'cancelled' } } },
        ],
      });
      const turn = prompt(conversation);
      await recorder.until('both questions', () => recorder.permissions.length === 2);
      await conversation.cancel();
      expect(await turn).toEqual({ stop: 'cancelled' });
      expect(recorder.permissions).toHaveLength(2);
      expect(recorder.texts()[0]?.match(/"outcome":"cancelled"/g)).toHaveLength(3);
    });

    test('is over even if the agent reports that as an error', async () => {
      const conversation = await open({
        'session/prompt': [say('x')],
        'session/cancel': [{ send: { id: 2, error: { code: -32603, message: 'aborted' } } }],
      });
      const turn = prompt(conversation);
      await recorder.until('text', () => recorder.updates.length > 0);
      await conversation.cancel();
      expect(await turn).toEqual({ stop: 'cancelled', error: 'aborted' });
    });

    test('ends its agent if that does not stop', async () => {
      const conversation = await open({ 'session/prompt': [say('x')] }, { deadlines: { cancelMs: 50 } });
      const turn = prompt(conversation);
      await recorder.until('text', () => recorder.updates.length > 0);
      await conversation.cancel();
      expect(await turn).toEqual({ stop: 'interrupted', error: 'Odd did not stop when asked, so Baton ended it.' });
    });

    test('while nothing runs does nothing', async () => {
      const conversation = await open({ 'session/cancel': [say('cancelled?')], 'session/prompt': [end()] });
      await conversation.cancel();
      await prompt(conversation);
      expect(recorder.texts()).toEqual([]);
    });
  });

  describe('with an agent that misbehaves', () => {
    test('passes over lines that are no protocol, and logs their beginning', async () => {
      const lines = [
        'Update available!',
        '[1,2]',
        '{"jsonrpc":"1.0"}',
        '{"jsonrpc":"2.0","id":77,"result":{}}',
        '"x"',
        'null',
        `{"a":${'9'.repeat(500)}`,
      ];
      const conversation = await open({ 'session/prompt': [...lines.map((line) => ({ line })), say('fine'), end()] });
      expect([await prompt(conversation), recorder.texts()]).toEqual([{ stop: 'end_turn' }, ['fine']]);
      const warnings = recorder.lines.filter((line) => line.startsWith('warn'));
      expect(warnings).toHaveLength(lines.length);
      expect(Math.max(...warnings.map((line) => line.length))).toBeLessThan(300);
    });

    test('does not fill the log with its lines', async () => {
      const conversation = await open({ 'session/prompt': [{ repeat: 500, steps: [{ line: 'noise' }] }, end()] });
      await prompt(conversation);
      expect(recorder.lines.filter((line) => line.startsWith('warn'))).toHaveLength(GARBAGE_LOGGED_MAX + 1);
    });

    test('holds back no more than a bounded part of what it says before it has answered', async () => {
      const pad: Step = { say: 1024 * 1024 - 1024 };
      const conversation = await open({
        'session/new': [{ repeat: 40, steps: [pad] }, { respond: { sessionId: 's1' } }],
        'session/prompt': [end()],
      });
      await prompt(conversation);
      const length = recorder.streamed().length;
      expect([length > UPDATES_HELD_MAX_BYTES / 2, length <= UPDATES_HELD_MAX_BYTES]).toEqual([true, true]);
    });

    test('is ended, and the log says why, when Baton itself fails over what it said', async () => {
      const conversation = await open({ 'session/prompt': [say('x')] });
      recorder.onUpdate = () => {
        throw new Error('the disk is full');
      };
      expect(await prompt(conversation)).toEqual({
        stop: 'interrupted',
        error: 'Baton failed to take what Odd said, and ended it.',
      });
      expect(recorder.lines).toContain('error: Failed to take what an agent said');
    });

    test('ends one that sends a line without end', async () => {
      const conversation = await open({ 'session/prompt': [say('x'), { bytes: LINE_MAX_BYTES + 1 }] });
      expect(await prompt(conversation)).toEqual({
        stop: 'interrupted',
        error: 'The agent has sent a line of more than 16 MiB. Baton ended it.',
      });
      await recorder.until('the exit', () => recorder.exits.length > 0);
    });

    test('ends one that asks without end and reads no answer', async () => {
      const question: Step = { send: { id: 'q', method: '_vendor/oddity' } };
      const conversation = await open({
        'session/prompt': [{ stopReading: true }, { repeat: OPEN_REQUESTS_MAX * 40, steps: [question] }],
      });
      expect(await prompt(conversation)).toEqual({
        stop: 'interrupted',
        error: `The agent has asked more than ${OPEN_REQUESTS_MAX} questions without waiting for an answer. Baton ended it.`,
      });
    });

    test('takes a flood of updates without holding more than a message', async () => {
      const conversation = await open({
        'session/prompt': [{ repeat: 50_000, steps: [say('0123456789abcdef')] }, end()],
      });
      expect(await prompt(conversation)).toEqual({ stop: 'end_turn' });
      expect(recorder.texts().join('')).toBe('0123456789abcdef'.repeat(50_000));
    });

    test('leaves nothing of it running, not even what it started', async () => {
      const conversation = await open({ 'session/prompt': [{ leaveChild: true }] });
      void prompt(conversation);
      await recorder.until('its child', () => recorder.streamed().startsWith('child'));
      expect(await groupMembers(conversation.pid)).toHaveLength(2);
      await conversation.stop();
      expect(await groupMembers(conversation.pid)).toEqual([]);
    });
  });
});
