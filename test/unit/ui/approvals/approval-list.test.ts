import { describe, expect, test } from 'vitest';
import type { ApprovalOption, NewEvent, SessionEvent } from '#protocol/events.ts';
import type { PendingApproval } from '#protocol/messages.ts';
import { deskItems, SETTLED_SHOWN_MS, settledWords, TROUBLE_SHOWN_MS } from '#ui/approvals/approval-list.ts';
import type { OutboxEntry, OutboxState } from '#ui/host-client.ts';

const ALLOW: ApprovalOption = { id: 'yes', name: 'Allow', kind: 'allow_once' };
const DENY: ApprovalOption = { id: 'no', name: 'Deny', kind: 'reject_once' };

function question(approval: string, askedAt = 1): PendingApproval {
  return { approval, session: 's', title: `Question ${approval}`, tool: null, options: [ALLOW, DENY], askedAt };
}

function answer(approval: string, state: OutboxState, reason: string | null = null): OutboxEntry {
  return {
    id: `answer-${approval}`,
    session: 's',
    kind: 'answer',
    body: { approval, option: 'no' },
    state,
    reason,
    at: 5,
  };
}

const NOBODY = new Map();
const words = () => 'Answered on iPad: Allow';

describe('questions', () => {
  test('stand open, the oldest first', () => {
    expect(
      deskItems([question('b', 2), question('a', 1)], NOBODY, [], 0, words).map(({ approval, state }) => [
        approval.approval,
        state,
      ]),
    ).toEqual([
      ['a', { kind: 'open', problem: null }],
      ['b', { kind: 'open', problem: null }],
    ]);
  });

  test('answered from here show how far the answer has come', () => {
    for (const receipt of ['waiting', 'sending', 'accepted', 'dispatched', 'applied'] as const) {
      expect(deskItems([question('a')], NOBODY, [answer('a', receipt)], 0, words)[0]?.state).toEqual({
        kind: 'answered',
        optionName: 'Deny',
        isAllowed: false,
        receipt,
      });
    }
  });

  test('open again, with the reason, when the answer was refused', () => {
    expect(
      deskItems([question('a')], NOBODY, [answer('a', 'rejected', 'This device may only watch.')], 0, words)[0]?.state,
    ).toEqual({ kind: 'open', problem: 'This device may only watch.' });
  });

  test('that vanished are told for a while, then leave', () => {
    const gone = new Map([['a', { approval: question('a'), at: 1000 }]]);
    expect(deskItems([], gone, [], 1000 + SETTLED_SHOWN_MS, words)[0]?.state).toEqual({
      kind: 'settled',
      text: 'Answered on iPad: Allow',
    });
    expect(deskItems([], gone, [], 1001 + SETTLED_SHOWN_MS, words)).toEqual([]);
  });

  test('whose answer from here did not count, or may not have, stay until somebody has looked', () => {
    const gone = new Map([['a', { approval: question('a'), at: 0 }]]);
    for (const [state, reason] of [
      ['uncertain', 'It is not known whether the agent got the answer.'],
      ['expired', 'The agent that asked is gone.'],
    ] as const) {
      const shown = deskItems([], gone, [answer('a', state, reason)], TROUBLE_SHOWN_MS, words);
      expect(shown[0]?.state).toEqual({ kind: 'settled', text: reason });
      expect(deskItems([], gone, [answer('a', state, reason)], TROUBLE_SHOWN_MS + 1, words)).toEqual([]);
    }
  });

  test('that vanished stay as long as the answer from here is on its way', () => {
    const gone = new Map([['a', { approval: question('a'), at: 0 }]]);
    expect(deskItems([], gone, [answer('a', 'accepted')], 10 * SETTLED_SHOWN_MS, words)[0]?.state).toMatchObject({
      kind: 'answered',
      receipt: 'accepted',
    });
    expect(deskItems([], gone, [answer('a', 'applied')], 10 * SETTLED_SHOWN_MS, words)).toEqual([]);
  });

  test('somebody else was faster with show the host’s words', () => {
    const gone = new Map([['a', { approval: question('a'), at: 0 }]]);
    expect(
      deskItems([], gone, [answer('a', 'answered-elsewhere', 'Answered on Laptop: Allow')], 1, words)[0]?.state,
    ).toEqual({ kind: 'settled', text: 'Answered on Laptop: Allow' });
  });

  test('that come back are open once, not twice', () => {
    const gone = new Map([['a', { approval: question('a'), at: 0 }]]);
    expect(deskItems([question('a')], gone, [], 1, words)).toHaveLength(1);
  });
});

describe('how a question ended', () => {
  const log = (...events: NewEvent[]): SessionEvent[] =>
    events.map((event, index) => ({ ...event, seq: index + 1, at: 1 }));

  test('is told with who answered what', () => {
    const by = (device: string | null): NewEvent => ({
      kind: 'approval.answered',
      body: { approval: 'a', option: ALLOW, by: { device, name: 'iPad' } },
    });
    expect(settledWords('a', log(by('d1')))).toBe('Answered on iPad: Allow');
    expect(settledWords('a', log(by(null)))).toBe('Answered at the computer: Allow');
  });

  test('is told also when nobody answered', () => {
    const resolved = (outcome: 'cancelled' | 'withdrawn'): NewEvent => ({
      kind: 'approval.resolved',
      body: { approval: 'a', outcome },
    });
    expect(settledWords('a', log(resolved('cancelled')))).toMatch(/stopped/);
    expect(settledWords('a', log(resolved('withdrawn')))).toMatch(/no longer asks/);
    expect(settledWords('a', [])).toBe('Answered elsewhere');
  });
});
