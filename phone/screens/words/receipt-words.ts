/** How far something that was sent has come, in words. "On your computer" is not "the agent has it". Pure. */
import type { OutboxState } from '#phone/core/contract.ts';

export type ReceiptTone = 'waiting' | 'moving' | 'done' | 'bad';

export interface ReceiptWords {
  readonly word: string;
  readonly tone: ReceiptTone;
  /** How many of the three steps are proven: sent, on the computer, with the agent. */
  readonly steps: 0 | 1 | 2 | 3;
}

export function receiptWords(state: OutboxState): ReceiptWords {
  switch (state) {
    case 'waiting':
      return { word: 'waiting for connection', tone: 'waiting', steps: 0 };
    case 'left':
      return { word: 'left at the relay, sealed', tone: 'waiting', steps: 1 };
    case 'collected':
      return { word: 'collected, says the relay', tone: 'moving', steps: 1 };
    case 'sending':
      return { word: 'sending', tone: 'moving', steps: 1 };
    case 'accepted':
      return { word: 'on your computer', tone: 'moving', steps: 2 };
    case 'dispatched':
      return { word: 'handing it to the agent', tone: 'moving', steps: 2 };
    case 'applied':
      return { word: 'the agent has it', tone: 'done', steps: 3 };
    case 'rejected':
      return { word: 'refused', tone: 'bad', steps: 1 };
    case 'expired':
      return { word: 'came too late', tone: 'bad', steps: 2 };
    case 'answered-elsewhere':
      return { word: 'answered elsewhere', tone: 'done', steps: 2 };
    case 'uncertain':
      return { word: 'it is not known whether the agent got it', tone: 'bad', steps: 2 };
  }
}

/** The same for a command that Baton itself carries out, with no agent involved. */
export function commandReceiptWords(state: OutboxState): ReceiptWords {
  const words = receiptWords(state);
  if (state === 'dispatched') return { ...words, word: 'your computer is doing it' };
  if (state === 'applied') return { ...words, word: 'done' };
  if (state === 'uncertain') return { ...words, word: 'it is not known whether it was done' };
  return words;
}

/** What a person who puts the phone away now wants to know besides; null if the word says it all. */
export function receiptNote(state: OutboxState): string | null {
  if (state === 'left') return 'Delivered when the computer wakes; you can close this page.';
  if (state === 'collected') return 'The relay gave it to your computer; no receipt is here yet.';
  return null;
}

/** Whether the state can still change by itself. */
export function isOnItsWay(state: OutboxState): boolean {
  return isWithoutReceipt(state) || state === 'accepted' || state === 'dispatched';
}

/** Whether the computer has said nothing of it yet. */
export function isWithoutReceipt(state: OutboxState): boolean {
  return state === 'waiting' || state === 'left' || state === 'collected' || state === 'sending';
}

/** Whether it can be taken back so that the computer never sees it. */
export function isStillHere(state: OutboxState): boolean {
  return state === 'waiting' || state === 'left';
}
