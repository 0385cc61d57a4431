import { describe, expect } from 'vitest';
import { PROMPT_ID } from '#test/support/agent-recorder.ts';
import { ask, end, prompt, conversationTest as test } from './support.ts';

describe('a conversation whose agent asks', () => {
  test('has several questions open at once, and answers each by what was chosen', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [ask(101), ask('b')],
      'response:101': [{ tell: 'response:101' }],
      'response:b': [{ tell: 'response:b' }, { send: { id: PROMPT_ID, result: { stopReason: 'end_turn' } } }],
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

  test('keeps apart options that share an id, or have none that the log can hold', async ({ open, recorder }) => {
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
    expect(offered.map(({ id, name }) => [id, name])).toEqual([
      ...['same', 'option-1', 'option-2', 'option-3'].map((id) => [id, 'Always allow']),
      ['odd', 'Odd'],
    ]);
    expect(offered.at(-1)).toEqual({ id: 'odd', name: 'Odd', kind: 'allow_always', said: 'allow_twice' });
    await expect(recorder.permissions[0]?.answer({ id: 'other', name: '', kind: 'allow_once' })).rejects.toThrow(
      'did not offer',
    );
    await recorder.permissions[0]?.answer({ id: 'option-3', name: '', kind: 'allow_always' });
    await recorder.until('the answer', () => recorder.streamed().includes('x'.repeat(300)));
  });

  test('in another session gets "cancelled", and nobody is bothered', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [ask(2, { sessionId: 'other' })],
      'response:2': [{ tell: 'response:2' }, { send: { id: PROMPT_ID, result: { stopReason: 'end_turn' } } }],
    });
    await prompt(conversation);
    expect(recorder.permissions).toEqual([]);
    expect(recorder.texts()[0]?.match(/"outcome":"cancelled"/g)).toHaveLength(1);
  });

  test('about a call that cannot be understood is asked with all of it', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [ask(1, { toolCall: { title: 'Odd', script: 'rm -r x' } })] });
    void prompt(conversation);
    await recorder.until('the question', () => recorder.permissions.length > 0);
    expect(recorder.permissions[0]).toMatchObject({
      title: 'Odd',
      tool: { input: '{\n  "title": "Odd",\n  "script": "rm -r x"\n}' },
    });
  });

  test('may take a question back', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [ask(7), ask(8), { send: { method: '$/cancel_request', params: { requestId: 7 } } }],
      'response:8': [{ send: { id: PROMPT_ID, result: { stopReason: 'end_turn' } } }],
    });
    const turn = prompt(conversation);
    await recorder.until('both questions', () => recorder.permissions.length === 2);
    expect(await recorder.permissions[0]?.closed).toBe('withdrawn');
    await recorder.permissions[1]?.cancel();
    expect(await turn).toEqual({ stop: 'end_turn' });
  });

  test('and ends the turn without an answer has its question closed', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [ask(7), end()], 'response:7': [] });
    await prompt(conversation);
    await recorder.until('the question', () => recorder.permissions.length === 1);
    expect(await recorder.permissions[0]?.closed).toBe('withdrawn');
  });

  test('and dies has its questions expire', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [ask(7)] });
    void prompt(conversation);
    await recorder.until('the question', () => recorder.permissions.length === 1);
    await conversation.stop();
    expect(await recorder.permissions[0]?.closed).toBe('expired');
    await expect(recorder.permissions[0]?.answer({ id: 'y', name: 'Yes', kind: 'allow_once' })).rejects.toThrow();
  });
});
