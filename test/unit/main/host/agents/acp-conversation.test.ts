import { describe, expect } from 'vitest';
import { LATE_TEXT_FLUSH_MS } from '#main/host/agents/acp/acp-output.ts';
import { PROMPT_ID, runPrompt } from '#test/support/agent-recorder.ts';
import type { Step } from '#test/support/odd-agent.ts';
import { ask, end, prompt, say, conversationTest as test } from './support.ts';

describe('a conversation in a turn', () => {
  test('acknowledges once, with the first sign of work, and tells all text before the end', async ({
    open,
    recorder,
  }) => {
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
    const turn = await runPrompt(conversation, 'do it', () => seen.push('acknowledged', recorder.updates.length));
    expect([turn, seen, recorder.texts()]).toEqual([{ stop: 'max_tokens' }, ['acknowledged', 0], ['one two']]);
  });

  test('acknowledges with the end if there was no other sign', async ({ open }) => {
    const conversation = await open({ 'session/prompt': [end()] });
    let count = 0;
    await runPrompt(conversation, 'do it', () => count++);
    expect(count).toBe(1);
  });

  test('does not acknowledge a prompt whose agent died over it without a sign', async ({ open }) => {
    const conversation = await open({ 'session/prompt': [{ exit: 9 }] });
    let count = 0;
    const turn = await runPrompt(conversation, 'do it', () => count++);
    expect([turn, count]).toEqual([{ stop: 'interrupted', error: 'Odd ended with exit code 9.' }, 0]);
  });

  test('sends the prompt as it was written', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [{ tell: 'session/prompt' }, end()] });
    await prompt(conversation, 'Zeile\n"zwei" 😀');
    expect(JSON.parse(recorder.texts()[0] ?? '').params).toEqual({
      sessionId: 's1',
      prompt: [{ type: 'text', text: 'Zeile\n"zwei" 😀' }],
    });
  });

  test.for([
    [{ fail: { code: -32603, message: 'Internal error', data: { details: 'model is down' } } }, 'model is down'],
    [{ fail: { code: -32000, message: 'Log in first' } }, 'Log in first'],
    [end('end_turn', { _meta: { error: 'quota' } }), 'quota'],
    [end('end_turn', { _meta: { vendor: { error: { message: 'overloaded' } } } }), 'overloaded'],
  ])('ends with the agent’s error, wherever it says it: %j', async ([step, error], { open, recorder }) => {
    const conversation = await open({ 'session/prompt': [say('partial'), step as Step] });
    expect([await prompt(conversation), recorder.texts()]).toEqual([{ stop: 'error', error }, ['partial']]);
    expect(recorder.exits).toEqual([]);
  });

  test('takes a stop reason it does not know for an ordinary end', async ({ open }) => {
    const conversation = await open({ 'session/prompt': [end('bored')] });
    expect(await prompt(conversation)).toEqual({ stop: 'end_turn' });
  });

  test('answers -32601 to what Baton does not do, and goes on', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [
        { send: { id: 'q', method: 'fs/read_text_file', params: { sessionId: 's1', path: '/etc/passwd' } } },
      ],
      'response:q': [{ tell: 'response:q' }, { send: { id: 'q2', method: '_vendor/oddity', params: {} } }],
      'response:q2': [{ tell: 'response:q2' }, { send: { id: PROMPT_ID, result: { stopReason: 'end_turn' } } }],
    });
    expect(await prompt(conversation)).toEqual({ stop: 'end_turn' });
    expect(recorder.texts()[0]?.match(/"code":-32601/g)).toHaveLength(2);
  });

  test('finishes text that comes after its end', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [end(), { line: '' }, say('late')] });
    await prompt(conversation);
    await recorder.until(`the text, after ${LATE_TEXT_FLUSH_MS} ms`, () => recorder.texts().length > 0);
    expect(recorder.texts()).toEqual(['late']);
  });

  test('refuses a second prompt at once', async ({ open }) => {
    const conversation = await open({ 'session/prompt': [say('x')] });
    const first = prompt(conversation);
    await expect(prompt(conversation)).rejects.toThrow('another one runs');
    await conversation.stop();
    expect((await first).stop).toBe('interrupted');
  });

  test('that loses its agent ends, and only then is the agent’s end told', async ({ open, recorder }) => {
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

describe('a conversation that is cancelled', () => {
  test('answers every open question "cancelled", also those that come later', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [ask(1), ask(2)],
      'session/cancel': [ask(3)],
      'response:3': [
        { tell: 'response:1' },
        { tell: 'response:2' },
        { tell: 'response:3' },
        { send: { id: PROMPT_ID, result: { stopReason: 'cancelled' } } },
      ],
    });
    const turn = prompt(conversation);
    await recorder.until('both questions', () => recorder.permissions.length === 2);
    await conversation.cancel();
    expect(await turn).toEqual({ stop: 'cancelled' });
    expect(recorder.permissions).toHaveLength(2);
    expect(recorder.texts()[0]?.match(/"outcome":"cancelled"/g)).toHaveLength(3);
  });

  test('tells the agent so before it answers its question: whichever it hears first decides how the turn ends', async ({
    open,
    recorder,
  }) => {
    const conversation = await open({
      'session/prompt': [ask(1)],
      'response:1': [{ send: { id: PROMPT_ID, result: { stopReason: 'end_turn' } } }],
      'session/cancel': [{ send: { id: PROMPT_ID, result: { stopReason: 'cancelled' } } }],
    });
    const turn = prompt(conversation);
    await recorder.until('the question', () => recorder.permissions.length === 1);
    await conversation.cancel();
    expect(await turn).toEqual({ stop: 'cancelled' });
  });

  test('is over even if the agent reports that as an error', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [say('x')],
      'session/cancel': [{ send: { id: PROMPT_ID, error: { code: -32603, message: 'aborted' } } }],
    });
    const turn = prompt(conversation);
    await recorder.until('text', () => recorder.updates.length > 0);
    await conversation.cancel();
    expect(await turn).toEqual({ stop: 'cancelled', error: 'aborted' });
  });

  test('ends its agent if that does not stop', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [say('x')] }, { deadlines: { cancelMs: 50 } });
    const turn = prompt(conversation);
    await recorder.until('text', () => recorder.updates.length > 0);
    await conversation.cancel();
    expect(await turn).toEqual({ stop: 'interrupted', error: 'Odd did not stop when asked, so Baton ended it.' });
  });

  test('while nothing runs does nothing', async ({ open, recorder }) => {
    const conversation = await open({ 'session/cancel': [say('cancelled?')], 'session/prompt': [end()] });
    await conversation.cancel();
    await prompt(conversation);
    expect(recorder.texts()).toEqual([]);
  });
});
