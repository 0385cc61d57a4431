import { expect, test } from 'vitest';
import { nextSessionState, type SessionChange } from '#main/host/sessions/session-state.ts';
import { type SessionState, sessionState } from '#protocol/messages.ts';

const CHANGES: Record<string, SessionChange> = {
  'start-begun': { kind: 'start-begun' },
  'agent-ready': { kind: 'agent-ready' },
  'start-failed': { kind: 'start-failed' },
  'turn-started': { kind: 'turn-started' },
  'turn-ended': { kind: 'turn-ended' },
  'approval-asked': { kind: 'approval-asked' },
  'more pending': { kind: 'approval-settled', pending: 1, isTurnRunning: true },
  'last settled in a turn': { kind: 'approval-settled', pending: 0, isTurnRunning: true },
  'last settled, no turn': { kind: 'approval-settled', pending: 0, isTurnRunning: false },
  'agent-gone': { kind: 'agent-gone' },
  ended: { kind: 'ended' },
};

/** In the order of CHANGES; `-` is "cannot happen". */
const TABLE: Record<SessionState, string> = {
  starting: '- idle failed - - - - - - interrupted ended',
  idle: '- - - working - waiting - - - interrupted ended',
  working: '- - - - idle waiting - - - interrupted ended',
  waiting: '- - - waiting idle waiting waiting working idle interrupted ended',
  interrupted: 'starting - - - - - - - - - ended',
  failed: 'starting - - - - - - - - - ended',
  ended: '- - - - - - - - - - -',
};

test.each(sessionState.options)('what may become of a session that is %s is exactly this', (state) => {
  const found = Object.values(CHANGES).map((change) => nextSessionState(state, change) ?? '-');
  // A session that is starting may be told so once more.
  const expected = TABLE[state].split(' ');
  if (state === 'starting') expected[0] = 'starting';
  expect(found).toEqual(expected);
});
