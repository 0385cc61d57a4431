/** What a link's status means, in words that claim no more than was proven. Pure. */
import { agoWords, durationWords } from '#lib/duration-words.ts';
import type { HostStatus } from '../host-client.ts';
import { type ClockStyle, momentWords } from './age-words.ts';

export type StatusTone = 'good' | 'busy' | 'quiet' | 'warn' | 'bad';
export type StatusShape =
  | 'proven'
  | 'dialling'
  | 'silent'
  | 'asleep'
  | 'quit'
  | 'host-gone'
  | 'relay-gone'
  | 'no-network'
  | 'stopped';

export interface StatusAction {
  readonly label: string;
  /** `retry`: dial again. `pair`: this device has to be paired again. `reload`: load this page again. */
  readonly kind: 'retry' | 'pair' | 'reload';
}

export interface StatusWords {
  readonly tone: StatusTone;
  readonly shape: StatusShape;
  /** The status alone, without an age, as it is announced when it changes. */
  readonly name: string;
  /** The whole line: status, age, round trip. */
  readonly line: string;
  /** A few characters for a small place: an age, or nothing better than a word. */
  readonly short: string;
  /** What it means and what happens next, as one or two sentences. */
  readonly explanation: string;
  readonly action: StatusAction | null;
  /** Whether what is on the screen is proven to be so now. */
  readonly isProven: boolean;
  /** Whether what is sent now will be delivered some time without anybody doing anything about the link. */
  readonly isDeliverable: boolean;
}

export function statusWords(status: HostStatus, now: number, style: ClockStyle = {}): StatusWords {
  const since = (at: number) => `since ${momentWords(at, now, style)}`;
  const retry: StatusAction = { label: 'Try now', kind: 'retry' };
  switch (status.kind) {
    case 'connected': {
      const ago = agoWords(status.provenAt, now);
      const roundTrip = `${Math.round(status.roundTripMs)} ms`;
      return {
        tone: 'good',
        shape: 'proven',
        name: 'Connected',
        line: `Connected · proven ${ago} · ${roundTrip}`,
        short: durationWords(now - status.provenAt),
        explanation: `Your computer itself answered ${ago}, through the encrypted channel. There and back took ${roundTrip}.`,
        action: null,
        isProven: true,
        isDeliverable: true,
      };
    }
    case 'connecting':
      return {
        tone: 'busy',
        shape: 'dialling',
        name: 'Connecting',
        line: now - status.since < 3000 ? 'Connecting …' : `Connecting for ${durationWords(now - status.since)} …`,
        short: '…',
        explanation: 'This page is calling the relay and then your computer.',
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'no-answer':
      return {
        tone: 'warn',
        shape: 'silent',
        name: SILENT_NAMES[status.silent],
        line: `${SILENT_NAMES[status.silent]} for ${durationWords(now - status.since)}`,
        short: durationWords(now - status.since),
        explanation: SILENT_EXPLANATIONS[status.silent],
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'asleep':
      return {
        tone: 'quiet',
        shape: 'asleep',
        name: 'Asleep',
        line: `Asleep ${since(status.since)}`,
        short: 'asleep',
        explanation:
          'Your computer said that it was going to sleep. What you send now is left at the relay, sealed, or waits on this device. It is delivered once, after it wakes.',
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'closed':
      return {
        tone: 'quiet',
        shape: 'quit',
        name: 'Baton was quit on the computer',
        line: `Baton was quit on the computer ${agoWords(status.since, now)}`,
        short: 'quit',
        explanation:
          'Start Baton on your computer and this page connects by itself. What you send now is left at the relay, sealed, or waits on this device.',
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'host-offline':
      return {
        tone: 'warn',
        shape: 'host-gone',
        name: 'Computer offline',
        line:
          status.since === null
            ? 'Computer offline, for longer than the relay knows'
            : `Computer offline ${since(status.since)}`,
        short: 'offline',
        explanation:
          'The relay answers, but your computer is not connected to it: it is off, asleep, or has no network. What you send now is left at the relay, sealed, or waits on this device. This page connects as soon as the computer is back.',
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'relay-unreachable':
      return {
        tone: 'warn',
        shape: 'relay-gone',
        name: 'Relay unreachable',
        line: `Relay unreachable ${since(status.since)} — trying again`,
        short: 'no relay',
        explanation:
          'The relay between this device and your computer does not answer. This page tries again by itself and never gives up.',
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'full':
      return {
        tone: 'warn',
        shape: 'relay-gone',
        name: 'No room at the relay',
        line: `No room at the relay ${since(status.since)} — trying again`,
        short: 'full',
        explanation: `${status.text} This page tries again by itself; what you send now waits here. Closing Baton on another device makes room.`,
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'offline':
      return {
        tone: 'warn',
        shape: 'no-network',
        name: 'This device is offline',
        line: `This device is offline ${since(status.since)}`,
        short: 'offline',
        explanation: 'This device has no network. What you send now waits here and goes out by itself.',
        action: retry,
        isProven: false,
        isDeliverable: true,
      };
    case 'stopped':
      return {
        tone: 'bad',
        shape: 'stopped',
        name: STOPPED_NAMES[status.reason],
        line: `Stopped: ${lowerFirst(STOPPED_NAMES[status.reason])}`,
        short: 'stopped',
        explanation: status.text,
        action: STOPPED_ACTIONS[status.reason],
        isProven: false,
        isDeliverable: status.reason === 'other-tab' || status.reason === 'update-needed',
      };
  }
}

type Silent = Extract<HostStatus, { kind: 'no-answer' }>['silent'];

const SILENT_NAMES: Record<Silent, string> = {
  host: 'No answer from the computer',
  relay: 'No answer from the relay',
  passage: 'Nothing gets through the relay',
};

const SILENT_EXPLANATIONS: Record<Silent, string> = {
  host: 'The relay is there, but your computer has stopped answering. It may hang, or have gone to sleep without saying so. This page keeps asking.',
  relay:
    'The connection is open, but the relay says nothing on it: it hangs, or something on the way keeps the connection and passes nothing on. This page dials again by itself.',
  passage:
    'The relay answers and says that it hears your computer, but nothing comes through between the two of you. This page keeps dialling; if it lasts, restart the relay.',
};

type StopReason = Extract<HostStatus, { kind: 'stopped' }>['reason'];

const STOPPED_NAMES: Record<StopReason, string> = {
  revoked: 'This device’s access was revoked',
  'not-admitted': 'This device is not admitted',
  'other-tab': 'Baton is open in another tab',
  'update-needed': 'An update is needed',
  storage: 'This browser’s storage failed',
};

const STOPPED_ACTIONS: Record<StopReason, StatusAction> = {
  revoked: { label: 'Pair again', kind: 'pair' },
  'not-admitted': { label: 'Pair again', kind: 'pair' },
  'other-tab': { label: 'Use it here', kind: 'retry' },
  'update-needed': { label: 'Reload', kind: 'reload' },
  storage: { label: 'Try again', kind: 'retry' },
};

function lowerFirst(text: string): string {
  return text.startsWith('Baton') ? text : `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
