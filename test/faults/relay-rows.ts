/** What can happen to the relay, and on the way to it. */
import type { Row } from './row.ts';

const ALL = { page: true, relay: true, phone: true };
/** So many may come that nobody else can. */
const NO_ROOM = { socketsMax: 0 };

export const RELAY_ROWS: readonly Row[] = [
  {
    name: 'relay-killed',
    isShort: true,
    broken: ALL,
    says: /Relay unreachable/,
    terminalSays: /relay unreachable/,
    strike: ({ relay }) => relay.kill(),
    heal: ({ relay }) => relay.start(),
  },
  {
    name: 'relay-frozen',
    isShort: true,
    broken: ALL,
    says: /No answer from the relay/,
    terminalSays: /relay silent for/,
    strike: ({ relay }) => relay.signal('SIGSTOP'),
    heal: ({ relay }) => relay.signal('SIGCONT'),
  },
  {
    name: 'relay-swallows',
    broken: { page: true, phone: true },
    says: /Nothing gets through the relay/,
    terminalSays: /none heard, 1 silent for|none connected/,
    strike: ({ relay }) => relay.signal('SIGUSR2'),
    heal: ({ relay }) => relay.signal('SIGUSR2'),
  },
  {
    name: 'relay-slow',
    broken: {},
    says: /Connected · proven .* · [2-9],?\d{3} ms/,
    strike: (stage) => {
      for (const wire of [stage.hostWire, stage.phoneWire]) wire.mood = { kind: 'slow', delayMs: 600 };
    },
    heal: (stage) => {
      for (const wire of [stage.hostWire, stage.phoneWire]) wire.mood = { kind: 'pass' };
    },
  },
  {
    name: 'relay-drops-to-phone',
    broken: { page: true },
    says: /No answer from the relay/,
    strike: ({ phoneWire }) => {
      phoneWire.mood = { kind: 'hold', direction: 'down' };
    },
    heal: ({ phoneWire }) => {
      phoneWire.mood = { kind: 'pass' };
    },
  },
  {
    name: 'relay-drops-from-phone',
    broken: { page: true, phone: true },
    says: /No answer from the relay/,
    terminalSays: /silent for/,
    strike: ({ phoneWire }) => {
      phoneWire.mood = { kind: 'hold', direction: 'up' };
    },
    heal: ({ phoneWire }) => {
      phoneWire.mood = { kind: 'pass' };
    },
  },
  {
    // What streams in says nothing of the other direction.
    name: 'relay-drops-from-phone-under-text',
    broken: { page: true, phone: true },
    says: /No answer from/,
    terminalSays: /silent for/,
    canAct: false,
    strike: async (stage) => {
      await stage.phone.allow();
      await stage.prompt('long 20000');
      await stage.untilPage(/57 58 59/);
      stage.phoneWire.mood = { kind: 'hold', direction: 'up' };
    },
    heal: ({ phoneWire }) => {
      phoneWire.mood = { kind: 'pass' };
    },
  },
  {
    name: 'relay-swallows-from-host',
    broken: { page: true },
    says: /No answer from the computer/,
    strike: ({ hostWire }) => {
      hostWire.mood = { kind: 'hold', direction: 'up' };
    },
    heal: ({ hostWire }) => {
      hostWire.mood = { kind: 'pass' };
    },
  },
  {
    name: 'proxy-answers-pings',
    broken: ALL,
    says: /No answer from the computer/,
    terminalSays: /relay silent for/,
    strike: ({ hostWire }) => {
      hostWire.mood = { kind: 'answers-pings' };
    },
    heal: ({ hostWire }) => {
      hostWire.mood = { kind: 'pass' };
    },
  },
  {
    name: 'relay-full',
    broken: ALL,
    says: /No room at the relay/,
    terminalSays: /relay unreachable .*full/,
    strike: async ({ relay }) => {
      await relay.kill();
      await relay.start(NO_ROOM);
    },
    heal: async ({ relay }) => {
      await relay.kill();
      await relay.start();
    },
  },
];
