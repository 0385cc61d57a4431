import { describe, expect, test } from 'vitest';
import { entryOf, recordAfterReceipt } from '#phone/core/outbox/outbox-entry.ts';
import type { OutboxRecord, StoredLetter } from '#phone/core/store/database.ts';
import { isFinalReceipt, type ReceiptState } from '#protocol/commands.ts';
import { COMMAND_BODY_MAX_BYTES, LETTER_LIFETIME_MS } from '#protocol/limits.ts';
import { OUTBOX_FINISHED_KEPT_MS, OUTBOX_FINISHED_MAX, OUTBOX_OPEN_MAX } from '#ui/client/limits.ts';
import { checkCommand, checkRoom, commandsToSend, outdatedCommands } from '#ui/client/outbox-rules.ts';

const NOW = 1_700_000_000_000;
const SESSION = '01890000-0000-7000-8000-000000000001';

function record(id: string, change: Partial<OutboxRecord> = {}): OutboxRecord {
  const told = { hasLeft: false, receipt: null, reason: null, finishedAt: null };
  return { host: 'h', id, session: SESSION, kind: 'prompt', body: { text: id }, at: NOW, ...told, ...change };
}
const withdrawal = (id: string, command: string) => record(id, { kind: 'prompt.withdraw', body: { command } });
const finished = (id: string, ago: number) => record(id, { receipt: 'applied', finishedAt: NOW - ago });
const ids = (records: readonly OutboxRecord[]) => records.map(({ id }) => id);

describe('the host’s word', () => {
  const STATES: readonly ReceiptState[] = ['accepted', 'dispatched', 'applied', 'rejected', 'uncertain'];
  const after = (before: ReceiptState | null, state: ReceiptState) =>
    recordAfterReceipt(record('a', { receipt: before }), { command: 'a', state, at: NOW }, NOW)?.receipt ?? before;

  test.each([
    [null, STATES],
    ['accepted', STATES],
    // None goes back a step.
    ['dispatched', ['dispatched', 'dispatched', 'applied', 'rejected', 'uncertain']],
    ['applied', STATES.map(() => 'applied')],
    ['rejected', STATES.map(() => 'rejected')],
  ] as const)('after %s leads to %j', (before, expected) => {
    expect(STATES.map((state) => after(before, state))).toEqual(expected);
  });

  test('proves that it left, ends its letter, and says when it was the last', () => {
    const letter: StoredLetter = { id: 'l', after: null, state: 'kept', at: NOW };
    const next = (state: ReceiptState) =>
      recordAfterReceipt(record('a', { letter }), { command: 'a', state, reason: 'No.', at: 1 }, NOW);
    expect(next('accepted')).toMatchObject({ hasLeft: true, letter: null, reason: 'No.', finishedAt: null });
    expect(isFinalReceipt('rejected')).toBe(true);
    expect(next('rejected')).toMatchObject({ hasLeft: true, letter: null, receipt: 'rejected', finishedAt: NOW });
  });
});

test('what is open and was not carried yet is sent in order, and no prompt that was taken back', () => {
  const records = [
    record('a', { receipt: 'accepted' }),
    record('b'),
    finished('c', 0),
    record('d'),
    withdrawal('e', 'd'),
    // The host has spoken about it: what it was about is to be asked for.
    { ...withdrawal('f', 'b'), receipt: 'applied' as const },
  ];
  expect(ids(commandsToSend(records, new Set()))).toEqual(['a', 'b', 'e']);
  expect(ids(commandsToSend(records, new Set(['a', 'e'])))).toEqual(['b']);
});

test('finished commands are forgotten after a day, or when there are too many; open ones never', () => {
  const old = [record('open', { at: 0 }), finished('old', OUTBOX_FINISHED_KEPT_MS + 1), finished('new', 1)];
  expect(ids(outdatedCommands(old, NOW))).toEqual(['old']);
  const many = Array.from({ length: OUTBOX_FINISHED_MAX + 2 }, (_, index) => finished(`f${index}`, 1));
  expect(ids(outdatedCommands(many, NOW))).toEqual(['f0', 'f1']);
});

test('where a command is said to be follows receipt, channel and letter, in this order', () => {
  const letter = (state: StoredLetter['state'], at = NOW): Partial<OutboxRecord> => ({
    letter: { id: 'l', after: null, state, at },
  });
  const shown = (change: Partial<OutboxRecord>, isSent = false) =>
    entryOf(record('a', change), { isSent, refusal: undefined, now: NOW }).state;
  expect([
    shown({}),
    shown(letter('leaving')),
    shown(letter('kept')),
    shown(letter('kept', NOW - LETTER_LIFETIME_MS)),
    shown(letter('handed')),
    shown(letter('taken')),
    shown(letter('kept'), true),
    shown({ ...letter('kept'), receipt: 'accepted' }, true),
  ]).toEqual(['waiting', 'waiting', 'left', 'waiting', 'collected', 'collected', 'sending', 'accepted']);
});

test('why the relay keeps no letter is said only of a command that waits for it', () => {
  const shown = (change: Partial<OutboxRecord>) =>
    entryOf(record('a', change), { isSent: false, refusal: 'full', now: NOW }).reason;
  expect(shown({})).toMatch(/\S/);
  expect(shown({ receipt: 'rejected', reason: 'The host’s.' })).toBe('The host’s.');
});

test('a command that is malformed, too long or one too many is refused in words', () => {
  const command = { id: SESSION, session: SESSION, kind: 'prompt' as const, body: { text: 'x' }, at: NOW };
  expect(() => checkCommand(command)).not.toThrow();
  expect(() => checkCommand({ ...command, body: { text: 1 } as never })).toThrow(/\S/);
  const long = { text: 'é'.repeat(COMMAND_BODY_MAX_BYTES / 2) };
  expect(() => checkCommand({ ...command, body: long })).toThrow(/too long/);
  const open = Array.from({ length: OUTBOX_OPEN_MAX }, (_, index) => record(`o${index}`));
  expect(() => checkRoom(open.slice(1))).not.toThrow();
  expect(() => checkRoom([...open.slice(1), finished('f', 1)])).not.toThrow();
  expect(() => checkRoom(open)).toThrow(`${OUTBOX_OPEN_MAX} commands already wait`);
});
