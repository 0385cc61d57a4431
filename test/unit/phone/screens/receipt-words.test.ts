import { expect, test } from 'vitest';
import type { OutboxState } from '#phone/core/contract.ts';
import { refusalWords } from '#phone/core/mail-refusals.ts';
import {
  commandReceiptWords,
  isOnItsWay,
  isStillHere,
  receiptNote,
  receiptWords,
} from '#phone/screens/words/receipt-words.ts';
import { LETTERS_PER_DEVICE_MAX } from '#protocol/limits.ts';
import { mailRefusal } from '#protocol/relay-messages.ts';

const STATES: OutboxState[] = ['waiting', 'left', 'collected', 'sending', 'accepted', 'dispatched', 'applied'];

test('each place on the way has words of its own, and none claims more than is proven', () => {
  expect(STATES.map((state) => [receiptWords(state).word, receiptWords(state).steps])).toEqual([
    ['waiting for connection', 0],
    ['left at the relay, sealed', 1],
    ['collected, says the relay', 1],
    ['sending', 1],
    ['on your computer', 2],
    ['handing it to the agent', 2],
    ['the agent has it', 3],
  ]);
  expect(STATES.filter((state) => receiptNote(state) !== null)).toEqual(['left', 'collected']);
  expect(commandReceiptWords('left')).toEqual(receiptWords('left'));
});

test('what is left at the relay is on its way, and can still be taken back; what was collected cannot', () => {
  expect(STATES.filter(isOnItsWay)).toEqual(STATES.slice(0, -1));
  expect(STATES.filter(isStillHere)).toEqual(['waiting', 'left']);
});

test('every refusal of the mailbox says that it waits on this phone', () => {
  const words = [...mailRefusal.options, 'behind' as const].map(refusalWords);
  expect(words.filter((text) => !text.startsWith('It waits on this phone'))).toEqual([]);
  expect(refusalWords('full')).toContain(`${LETTERS_PER_DEVICE_MAX} sealed commands`);
});
