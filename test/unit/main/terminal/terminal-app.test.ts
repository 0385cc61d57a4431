import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import type { Host } from '#main/host/host.ts';
import { proveDevice, readLinkFacts } from '#main/host/remote/link/link-facts.ts';
import type { PairingRequest } from '#main/host/remote/pairing.ts';
import type { SettingsStore } from '#main/host/settings.ts';
import { Screen } from '#main/terminal/screen.ts';
import { TerminalApp } from '#main/terminal/terminal-app.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const DEVICE = { id: 'device', name: 'Old phone', scope: 'full', lastSeenAt: null, connection: null };
const REQUEST: PairingRequest = { id: 'stranger', name: 'Stranger', digits: '123456', build: 'b', askedAt: 0 };

function open(options: { setRemoteControl?: () => void; sessions?: object[]; device?: object } = {}) {
  const { sessions = [], device = {} } = options;
  const printed: string[] = [];
  const done: string[] = [];
  const clock = new ManualClock();
  let requests: PairingRequest[] = [];
  let tell: (requests: readonly PairingRequest[]) => void = () => {};
  const host = {
    setRemoteControl: options.setRemoteControl ?? (() => {}),
    remote: {
      facts: () =>
        readLinkFacts(
          { status: { kind: 'off', since: 0 }, heardAt: null, devices: [{ ...DEVICE, ...device }] },
          clock.now(),
        ),
      devices: () => [{ ...DEVICE, ...device }],
      revoke: (id: string) => done.push(`revoke ${id}`) > 0,
      onDidChange: () => () => {},
      pairing: {
        get requests() {
          return requests;
        },
        offer: null,
        isShown: false,
        hide: () => {},
        onDidChangeOffer: () => () => {},
        onDidChangeRequests: (listener: typeof tell) => {
          tell = listener;
          return () => {};
        },
        allow: (id: string, scope: string) => done.push(`allow ${id} ${scope}`) > 0,
      },
    },
    supervisor: { onDidChange: () => () => {}, state: () => ({ sessions, approvals: [] }) },
  } as unknown as Host;
  const settings = { get: () => ({ remoteControl: true }) } as unknown as SettingsStore;
  const screen = new Screen({ write: (text) => printed.push(text) });
  const app = new TerminalApp({
    host,
    settings,
    screen,
    clock,
    log: silentLog,
    build: 'b',
    quit: (how) => done.push(how?.leaveAgents ? 'leave' : 'quit'),
  });
  app.start();
  const ask = (...asking: PairingRequest[]) => {
    requests = asking;
    tell(asking);
  };
  const pass = (ms: number) => clock.advance(ms);
  return { app, done, printed, ask, pass };
}

test('someone who asks to be paired does not get the answer to a question that was open before', () => {
  const { app, done, ask } = open();
  app.press('d');
  app.press('1');
  ask(REQUEST);
  app.press('y');
  expect(done).toEqual(['revoke device']);
  app.press('y');
  expect(done).toEqual(['revoke device']);
  app.press('a');
  expect(done).toEqual(['revoke device', 'allow stranger full']);
  app.dispose();
});

test('no key that opens something is an answer to someone who asks at that moment', () => {
  const { app, done, ask } = open();
  ask(REQUEST);
  for (const key of ['p', 'l', 'd', 'r', 'q', '?', 'h']) app.press(key);
  expect(done).toEqual([]);
  app.press('a');
  expect(done).toEqual(['allow stranger full']);
  app.dispose();
});

test('a question about someone who is gone cannot be answered', () => {
  const { app, done, ask } = open();
  ask(REQUEST);
  ask();
  app.press('a');
  expect(done).toEqual([]);
  app.dispose();
});

test('a key whose wish fails, as on a full disk, is answered with words and ends nothing', () => {
  const { app, printed } = open({
    setRemoteControl: () => {
      throw new Error('ENOSPC: no space left on device');
    },
  });
  app.press('r');
  expect(printed.join('')).toContain('That did not work: ENOSPC');
  app.dispose();
});

test('someone who takes the place of another does not get the answer that was meant for that one', () => {
  const { app, done, ask, pass } = open();
  ask(REQUEST);
  ask({ ...REQUEST, id: 'second', name: 'Second' });
  app.press('a');
  expect(done).toEqual([]);
  pass(2_000);
  app.press('a');
  expect(done).toEqual(['allow second full']);
});

test('anyone who asks to be paired with another page than the one of this computer is marked', () => {
  const { printed, ask } = open();
  ask(REQUEST);
  expect(printed.join('')).toContain('says it is build b, as it should be');
  ask({ ...REQUEST, id: 'second', build: 'other' });
  expect(printed.join('')).toContain('! Its page says it is build other; the one that belongs to this computer is b.');
});

test.for([
  ['y', ['quit']],
  ['l', ['leave']],
  ['x', []],
] as const)('quitting while an agent works asks; "%s" does %j', ([key, expected]) => {
  const { app, done, printed } = open({ sessions: [{ title: 'Work', state: 'working' }] });
  app.press('q');
  expect(done).toEqual([]);
  expect(printed.join('')).toContain('y  quit and end them   l  leave them running until Baton is back');
  app.press(key);
  expect(done).toEqual(expected);
  app.dispose();
});

test('a device that has fallen silent is not listed as connected', () => {
  const { app, printed } = open({
    device: { connection: { provenAt: Number.MAX_SAFE_INTEGER, lastRoundTripMs: 20 } },
  });
  app.press('d');
  expect(printed.at(-2)).toContain('full · connected');
  app.dispose();
  const silent = open({ device: { connection: proveDevice(20, -60_000) } });
  silent.app.press('d');
  expect(silent.printed.at(-2)).toContain('full · silent for');
  silent.app.dispose();
});
