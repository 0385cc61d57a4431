import { expect, test } from 'vitest';
import type { OutboxEntry, OutboxState } from '#phone/core/contract.ts';
import { outboxPromptRows } from '#phone/transcript/outbox-rows.ts';

function entry(id: string, state: OutboxState, at = 5000): OutboxEntry {
  return { id, session: 's', kind: 'prompt', body: { text: `text of ${id}` }, state, reason: null, at };
}

test('prompts that the log does not know are shown, of this session only', () => {
  const other = { ...entry('other', 'waiting'), session: 'another' };
  const rows = outboxPromptRows([entry('a', 'waiting'), entry('b', 'accepted'), other], 's', new Set(['b']), 0);
  expect(rows).toMatchObject([{ command: 'a', key: 'prompt:a', receipt: 'waiting', text: 'text of a' }]);
});

test('a prompt that the agent has and that is older than what is loaded stands on an older page and is not shown at the end', () => {
  expect(outboxPromptRows([entry('a', 'applied', 5000)], 's', new Set(), 6000)).toEqual([]);
  expect(outboxPromptRows([entry('a', 'applied', 5000)], 's', new Set(), 4000)).toHaveLength(1);
});

test('a refused prompt stays, however old', () => {
  expect(outboxPromptRows([{ ...entry('a', 'rejected', 1), reason: 'No.' }], 's', new Set(), 6000)).toMatchObject([
    { receipt: 'rejected', reason: 'No.' },
  ]);
});

test('commands that are no prompts make no rows', () => {
  const cancel: OutboxEntry = {
    id: 'x',
    session: 's',
    kind: 'cancel',
    body: {},
    state: 'sending',
    reason: null,
    at: 1,
  };
  expect(outboxPromptRows([cancel], 's', new Set(), 0)).toEqual([]);
});
