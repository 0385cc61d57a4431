import { expect, test } from 'vitest';
import { receiptWords } from '#phone/screens/words/receipt-words.ts';
import { sortSessions, toolStateWords } from '#phone/screens/words/session-words.ts';
import type { SessionState, SessionSummary } from '#protocol/messages.ts';

function session(id: string, state: SessionState, since: number): SessionSummary {
  return {
    id,
    title: id,
    agent: 'a',
    agentName: 'A',
    folder: '/',
    state,
    since,
    detail: '',
    seq: 0,
    queued: 0,
    mode: null,
    modes: [],
    createdAt: 0,
    updatedAt: 0,
  };
}

test('what waits for a person comes first, what is over last, and within each the latest change first', () => {
  const sessions = [
    session('ended', 'ended', 9),
    session('idle', 'idle', 5),
    session('old', 'waiting', 1),
    session('broken', 'interrupted', 8),
    session('busy', 'working', 2),
    session('new', 'waiting', 3),
  ];
  expect(sortSessions(sessions).map(({ id }) => id)).toEqual(['new', 'old', 'busy', 'idle', 'broken', 'ended']);
});

test('a tool call that never finished is not said to run after its turn', () => {
  expect([
    toolStateWords('running', false).word,
    toolStateWords('running', true).word,
    toolStateWords('pending', true).word,
  ]).toEqual(['Running', 'Not finished', 'Not run']);
});

test('on the computer and with the agent are different words and different numbers of steps', () => {
  expect(
    (['waiting', 'sending', 'accepted', 'dispatched', 'applied'] as const)
      .map(receiptWords)
      .map(({ word, steps }) => `${steps} ${word}`),
  ).toEqual([
    '0 waiting for connection',
    '1 sending',
    '2 on your computer',
    '2 handing it to the agent',
    '3 the agent has it',
  ]);
});
