import { describe, expect } from 'vitest';
import { GARBAGE_LOGGED_MAX } from '#main/host/agents/acp/acp-open.ts';
import { UPDATES_HELD_MAX_BYTES } from '#main/host/agents/acp/acp-output.ts';
import { LINE_MAX_BYTES, OPEN_REQUESTS_MAX } from '#main/host/agents/acp/acp-wire.ts';
import { groupMembers } from '#main/process/process-group.ts';
import type { Step } from '#test/support/odd-agent.ts';
import { end, prompt, say, conversationTest as test } from './support.ts';

describe('a conversation with an agent that misbehaves', () => {
  test('passes over lines that are no protocol, and logs their beginning', async ({ open, recorder }) => {
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

  test('does not fill the log with its lines', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [{ repeat: 500, steps: [{ line: 'noise' }] }, end()] });
    await prompt(conversation);
    expect(recorder.lines.filter((line) => line.startsWith('warn'))).toHaveLength(GARBAGE_LOGGED_MAX + 1);
  });

  test('holds back no more than a bounded part of what it says before it has answered', async ({ open, recorder }) => {
    const pad: Step = { say: 1024 * 1024 - 1024 };
    const conversation = await open({
      'session/new': [{ repeat: 40, steps: [pad] }, { respond: { sessionId: 's1' } }],
      'session/prompt': [end()],
    });
    await prompt(conversation);
    const length = recorder.streamed().length;
    expect([length > UPDATES_HELD_MAX_BYTES / 2, length <= UPDATES_HELD_MAX_BYTES]).toEqual([true, true]);
  });

  test('is ended, and the log says why, when Baton itself fails over what it said', async ({ open, recorder }) => {
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

  test('ends one that sends a line without end', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [say('x'), { bytes: LINE_MAX_BYTES + 1 }] });
    expect(await prompt(conversation)).toEqual({
      stop: 'interrupted',
      error: 'The agent has sent a line of more than 16 MiB. Baton ended it.',
    });
    await recorder.until('the exit', () => recorder.exits.length > 0);
  });

  test('ends one that asks without end and reads no answer', async ({ open }) => {
    const question: Step = { send: { id: 'q', method: '_vendor/oddity' } };
    const conversation = await open({
      'session/prompt': [{ stopReading: true }, { repeat: OPEN_REQUESTS_MAX * 40, steps: [question] }],
    });
    expect(await prompt(conversation)).toEqual({
      stop: 'interrupted',
      error: `The agent has asked more than ${OPEN_REQUESTS_MAX} questions without waiting for an answer. Baton ended it.`,
    });
  });

  test('takes a flood of updates without holding more than a message', async ({ open, recorder }) => {
    const conversation = await open({
      'session/prompt': [{ repeat: 50_000, steps: [say('0123456789abcdef')] }, end()],
    });
    expect(await prompt(conversation)).toEqual({ stop: 'end_turn' });
    expect(recorder.texts().join('')).toBe('0123456789abcdef'.repeat(50_000));
  });

  test('leaves nothing of it running, not even what it started', async ({ open, recorder }) => {
    const conversation = await open({ 'session/prompt': [{ leaveChild: true }] });
    void prompt(conversation);
    await recorder.until('its child', () => recorder.streamed().startsWith('child'));
    expect(await groupMembers(conversation.pid)).toHaveLength(2);
    await conversation.stop();
    expect(await groupMembers(conversation.pid)).toEqual([]);
  });
});
