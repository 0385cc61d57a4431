import { expect, test } from 'vitest';
import {
  type ApprovalEnd,
  type ApprovalState,
  approvalState,
  type EndedApproval,
  endingOf,
  isDeliverable,
} from '#main/host/sessions/approval-state.ts';

const ENDS: readonly ApprovalEnd[] = [
  { kind: 'delivered' },
  { kind: 'undelivered' },
  { kind: 'delivery-unknown' },
  { kind: 'withdrawn' },
  { kind: 'agent-gone' },
  { kind: 'turn-ended' },
  { kind: 'turn-cancelled' },
  { kind: 'interrupted', text: 'The agent was killed.' },
  { kind: 'session-ended', text: 'Ada ended the session.' },
];

const end = (outcome: EndedApproval['outcome'], receipt: EndedApproval['receipt'], text: string | null) => ({
  outcome,
  receipt,
  text,
});
const NOT = 'The answer did not reach the agent.';
const UNKNOWN = 'It is not known whether the agent got the answer.';
const GONE = 'The agent that asked is gone.';
const BEFORE = 'The agent was gone before it got the answer.';
const KILLED = 'What hands answers to the agent was killed in that moment.';

/** How each state ends by each of `ENDS`, in that order. */
const TABLE: [state: ApprovalState, ends: (EndedApproval | null)[]][] = [
  [
    { kind: 'asked' },
    [
      null,
      null,
      null,
      end('withdrawn', null, 'The agent no longer asks this.'),
      end('expired', null, GONE),
      end('withdrawn', null, 'The turn ended before the question was answered.'),
      end('cancelled', null, 'The turn was stopped before the question was answered.'),
      end('expired', null, 'The agent was killed.'),
      end('expired', null, 'Ada ended the session.'),
    ],
  ],
  [
    { kind: 'answered' },
    [
      end('selected', 'applied', null),
      end('expired', 'expired', BEFORE),
      end('expired', 'uncertain', `${KILLED} ${UNKNOWN}`),
      end('withdrawn', 'expired', `The agent no longer asks this. ${NOT}`),
      end('expired', 'expired', `${GONE} ${NOT}`),
      null,
      null,
      end('expired', 'expired', `The agent was killed. ${NOT}`),
      end('expired', 'expired', `Ada ended the session. ${NOT}`),
    ],
  ],
  [
    { kind: 'in-delivery' },
    [
      end('selected', 'applied', null),
      end('expired', 'expired', BEFORE),
      end('expired', 'uncertain', `${KILLED} ${UNKNOWN}`),
      null,
      null,
      null,
      null,
      end('expired', 'uncertain', `The agent was killed. ${UNKNOWN}`),
      end('expired', 'uncertain', `Ada ended the session. ${UNKNOWN}`),
    ],
  ],
  ...(['selected', 'cancelled', 'withdrawn', 'expired'] as const).map((outcome): [ApprovalState, null[]] => [
    { kind: 'ended', outcome },
    ENDS.map(() => null),
  ]),
];

test.each(TABLE)('a question that is %o ends by each cause as the table says', (state, ends) => {
  expect(ENDS.map((cause) => [cause.kind, endingOf(state, cause)])).toEqual(
    ENDS.map((cause, index) => [cause.kind, ends[index]]),
  );
});

test('the state is read from the row of the question and the receipt of its answer', () => {
  expect([
    approvalState({ state: 'pending', outcome: null }, null),
    approvalState({ state: 'answered', outcome: null }, 'accepted'),
    approvalState({ state: 'answered', outcome: null }, 'dispatched'),
    approvalState({ state: 'resolved', outcome: 'withdrawn' }, 'expired'),
  ]).toEqual([
    { kind: 'asked' },
    { kind: 'answered' },
    { kind: 'in-delivery' },
    { kind: 'ended', outcome: 'withdrawn' },
  ]);
});

test('an answer is handed over while its question is answered and not over', () => {
  expect(TABLE.map(([state]) => state).filter(isDeliverable)).toEqual([{ kind: 'answered' }, { kind: 'in-delivery' }]);
});
