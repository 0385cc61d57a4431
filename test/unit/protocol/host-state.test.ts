import { expect, test } from 'vitest';
import { hostState } from '#protocol/messages.ts';

const OLD = { sessions: [], approvals: [], agents: [], folders: [], isRemoteControlEnabled: true };

test('the state of a host that knows no trouble with its disk is read as before, and one with trouble says it in a field of its own', () => {
  expect(hostState.parse(OLD)).toEqual(OLD);
  const full = { ...OLD, diskTrouble: 'The disk is full.' };
  expect(hostState.parse(full)).toEqual(full);
});

test('what a newer host adds to its state is left out, not refused', () => {
  expect(hostState.parse({ ...OLD, addedLater: { anything: 1 } })).toEqual(OLD);
});
