import { expect, test } from 'vitest';
import { KEEP_AGENTS_MAX_HOURS as KEPT_AT_MOST_HOURS } from '#main/host/settings.ts';
import {
  ADDRESS_MAX_CHARS,
  ARGUMENTS_MAX,
  type ArgumentOf,
  type Channel,
  CLIPBOARD_MAX_CHARS,
  COMMAND_MAX_CHARS,
  calls,
  KEEP_AGENTS_MAX_HOURS,
} from '#preload/contract.ts';
import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';

const SESSION = '0199f3a4-7b1c-7d2e-8f3a-4b5c6d7e8f90';
const long = (chars: number) => 'x'.repeat(chars + 1);

/** What no channel takes, whatever it carries. */
const GARBAGE: readonly unknown[] = [
  undefined,
  0,
  Number.NaN,
  true,
  '',
  'null',
  [],
  [null],
  {},
  { constructor: 1 },
  JSON.parse('{"__proto__": {"session": "x"}}'),
  Symbol('s'),
  () => {},
  new Date(0),
  new Map(),
  new Uint8Array(4),
];

type Table = {
  readonly [Name in Channel]: {
    readonly right: readonly ArgumentOf<Name>[];
    readonly wrong: readonly unknown[];
  };
};

const session = { right: [{ session: SESSION }], wrong: wrongSessions() };
const nothing = { right: [null], wrong: [{ session: SESSION }] };

const TABLE: Table = {
  'window.load': nothing,
  'window.show-page': {
    right: [{ page: 'sessions' }, { page: 'activity' }],
    wrong: [{ page: 'nowhere' }, { page: null }, { page: 'pair', more: 1 }],
  },
  'window.network': { right: [{ isOnline: false }], wrong: [{ isOnline: 'yes' }, { isOnline: 1 }] },
  'window.close': nothing,
  'client.open': {
    right: [{ channel: SESSION }],
    wrong: [{ channel: 'window' }, { channel: SESSION, client: 'x' }],
  },
  'client.send': {
    right: [
      { channel: SESSION, received: 0, message: { type: 'sync', cursors: [] } },
      { channel: SESSION, received: 9, message: { type: 'watch', session: null } },
      { channel: SESSION, received: 9, message: aCommand({ text: 'Do it' }) },
    ],
    wrong: [
      { channel: SESSION, received: -1, message: { type: 'watch', session: null } },
      { channel: SESSION, message: { type: 'watch', session: null } },
      { channel: SESSION, received: 0, message: { type: 'obey' } },
      { channel: SESSION, received: 0, message: { type: 'welcome', version: 1 } },
      { channel: SESSION, received: 0, message: { type: 'watch', session: '../etc' } },
      { channel: SESSION, received: 0, message: { type: 'ack', session: SESSION, seq: 1e99 } },
      { channel: 'x', received: 0, message: { type: 'watch', session: null } },
      // IPC carries more than JSON can hold.
      { channel: SESSION, received: 0, message: aCommand(cyclic()) },
      { channel: SESSION, received: 0, message: aCommand({ text: 1n }) },
      { channel: SESSION, received: 0, message: aCommand({ text: long(MESSAGE_MAX_BYTES) }) },
    ],
  },
  'session.set-remote': {
    right: [{ session: SESSION, isRemote: true }],
    wrong: [{ session: SESSION, isRemote: 'true' }, { session: SESSION }],
  },
  'session.link': session,
  'remote.set': { right: [{ isEnabled: true }], wrong: [{ isEnabled: null }, { isEnabled: 'on' }] },
  'pairing.show': nothing,
  'pairing.hide': nothing,
  'pairing.allow': {
    right: [{ request: 'r', scope: 'watch' }],
    wrong: [{ request: 'r', scope: 'root' }, { request: 'r' }, { request: long(200), scope: 'full' }],
  },
  'pairing.deny': { right: [{ request: 'r' }], wrong: [{ request: 1 }, { request: '' }] },
  'device.set-scope': {
    right: [{ device: 'd', scope: 'answer' }],
    wrong: [
      { device: 'd', scope: ['full'] },
      { device: '', scope: 'full' },
    ],
  },
  'device.revoke': { right: [{ device: 'd' }], wrong: [{ device: null }, { device: { id: 'd' } }] },
  'device.revoke-all': nothing,
  'relay.reconnect': nothing,
  'relay.test': {
    right: [{ address: null }, { address: 'https://relay.example' }],
    wrong: [{ address: '' }, { address: long(ADDRESS_MAX_CHARS) }, { address: 7 }],
  },
  'relay.set': {
    right: [
      { address: null, publicUrl: null },
      { address: null, publicUrl: 'https://computer.example' },
      { address: 'https://relay.example', publicUrl: null },
    ],
    wrong: [
      { address: 'https://relay.example', publicUrl: 'https://computer.example' },
      { address: null },
      { address: long(ADDRESS_MAX_CHARS), publicUrl: null },
    ],
  },
  'doctor.run': nothing,
  'settings.set': {
    right: [{ keepAwake: 'on-power' }, { isNotifying: false }, { keepAgentsHours: 1 }, { keepAgentsHours: 8760 }],
    wrong: [
      { keepAwake: 'sometimes' },
      ...[0, -1, 0.5, 8761, Number.NaN, Number.POSITIVE_INFINITY, '24', null].map((hours) => ({
        keepAgentsHours: hours,
      })),
      { isNotifying: 0 },
      { remoteControl: true },
      { isRemoteControlConfirmed: true },
    ],
  },
  'settings.dismiss-guide': { right: [{ guide: 'relay' }], wrong: [{ guide: 'all' }, { guide: ['relay'] }] },
  'login.set': { right: [{ isEnabled: false }], wrong: [{ isEnabled: 'false' }, { isEnabled: true, path: '/bin/sh' }] },
  'agents.refresh': nothing,
  'agent.add': {
    right: [{ id: 'my-agent', name: 'Mine', command: '/usr/bin/agent', args: ['--acp'] }],
    wrong: [
      { id: 'My Agent', name: 'Mine', command: 'agent', args: [] },
      { id: 'a', name: ' ', command: 'agent', args: [] },
      { id: 'a', name: 'Mine', command: '', args: [] },
      { id: 'a', name: 'Mine', command: long(COMMAND_MAX_CHARS), args: [] },
      { id: 'a', name: 'Mine', command: 'agent', args: Array(ARGUMENTS_MAX + 1).fill('x') },
      { id: 'a', name: 'Mine', command: 'agent', args: [], env: { LD_PRELOAD: '/x' } },
    ],
  },
  'agent.remove': { right: [{ id: 'a' }], wrong: [{ id: '../a' }, { id: '' }] },
  'folder.choose': nothing,
  'data.show': nothing,
  'history.export': nothing,
  'history.delete': { right: [{ what: 'ended' }, { what: 'all' }], wrong: [{ what: 'some' }, { what: null }] },
  'activity.page': {
    right: [{ before: 1 }],
    wrong: [{ before: 0 }, { before: 1.5 }, { before: '9' }, { before: Infinity }],
  },
  'activity.verify': nothing,
  'clipboard.write': {
    right: [{ text: 'x'.repeat(CLIPBOARD_MAX_CHARS) }],
    wrong: [{ text: long(CLIPBOARD_MAX_CHARS) }, { text: null }],
  },
  'outside.open': { right: [{ page: 'caddy' }], wrong: [{ page: 'https://evil.example' }, { page: '__proto__' }] },
  'update.check': nothing,
  'app.retry': nothing,
  'app.quit': nothing,
};

function aCommand(body: unknown) {
  return { type: 'command' as const, command: { id: SESSION, session: SESSION, kind: 'prompt', body, at: 0 } };
}

function cyclic(): unknown {
  const value: Record<string, unknown> = {};
  value.itself = value;
  return value;
}

function wrongSessions(): unknown[] {
  return [{ session: '' }, { session: 'a' }, { session: SESSION.toUpperCase() }, { session: [SESSION] }, null];
}

test('agents are kept for as long as the settings allow', () => {
  expect(KEEP_AGENTS_MAX_HOURS).toBe(KEPT_AT_MOST_HOURS);
});

test('there is a parser and a row of this table for the same channels', () => {
  expect(Object.keys(calls).sort()).toEqual(Object.keys(TABLE).sort());
});

test.each(Object.keys(TABLE) as Channel[])('%s takes what is right and refuses everything else', (name) => {
  const { right, wrong } = TABLE[name];
  const parse = (value: unknown) => calls[name].argument.safeParse(value).success;
  expect(right.filter((value) => !parse(value))).toEqual([]);
  expect([...wrong, ...GARBAGE].filter(parse)).toEqual([]);
  if (right[0] !== null) expect(parse(null)).toBe(false);
});
