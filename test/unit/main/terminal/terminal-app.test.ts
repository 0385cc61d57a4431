import { expect, test } from 'vitest';
import type { Host } from '../../../../main/host/host.ts';
import type { PairingRequest } from '../../../../main/host/remote/pairing.ts';
import type { SettingsStore } from '../../../../main/host/settings.ts';
import { Screen } from '../../../../main/terminal/screen.ts';
import { TerminalApp } from '../../../../main/terminal/terminal-app.ts';

const SESSION = { id: 'session', title: 'Fix the tests', agentName: 'Demo', state: 'working', since: 0 };
const DEVICE = { id: 'device', name: 'Old phone', scope: 'full', lastSeenAt: null, connection: null };
const USAGE = { processes: 3, memoryBytes: 312_400_000, cpuPercent: 4.2 };
const REQUEST: PairingRequest = { id: 'stranger', name: 'Stranger', digits: '123456', build: 'b', askedAt: 0 };

function open(options: { setRemoteControl?: () => void; sessions?: object[]; device?: object } = {}) {
  const { sessions = [], device = {} } = options;
  const printed: string[] = [];
  const done: string[] = [];
  let now = 0;
  let requests: PairingRequest[] = [];
  let tell: (requests: readonly PairingRequest[]) => void = () => {};
  const host = {
    setRemoteControl: options.setRemoteControl ?? (() => {}),
    remote: {
      status: { kind: 'off', since: 0 },
      link: { heardAt: null },
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
        deny: (id: string) => done.push(`deny ${id}`) > 0,
        allow: (id: string, scope: string) => done.push(`allow ${id} ${scope}`) > 0,
      },
    },
    supervisor: {
      onDidChange: () => () => {},
      state: () => ({ sessions, approvals: [] }),
      handleCommand: (_: unknown, { kind, session }: { kind: string; session: string }) => {
        done.push(`${kind} ${session}`);
        return { state: 'accepted' };
      },
    },
    usage: async () => ({ large: USAGE, session: { ...USAGE, memoryBytes: 40_000_000 } }),
  } as unknown as Host;
  const settings = { get: () => ({ remoteControl: true }) } as unknown as SettingsStore;
  const screen = new Screen({ write: (text) => printed.push(text) });
  const app = new TerminalApp({
    host,
    settings,
    screen,
    now: () => now,
    build: 'b',
    quit: (how) => done.push(how?.leaveAgents ? 'leave' : 'quit'),
  });
  app.start();
  const ask = (...asking: PairingRequest[]) => {
    requests = asking;
    tell(asking);
  };
  const pass = (ms: number) => {
    now += ms;
  };
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

test('whoever asks to be paired with another page than the one of this computer is marked', () => {
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

test('each session is listed with what it takes of the computer, the largest first, and can be ended after a question', async () => {
  const sessions = [SESSION, { ...SESSION, id: 'large', title: 'Large' }, { ...SESSION, id: 'over', state: 'ended' }];
  const { app, done, printed, pass } = open({ sessions });
  pass(180_000);
  app.press('s');
  await new Promise((resolve) => setImmediate(resolve));
  expect(printed.slice(-3)).toEqual([
    '  1  “Large” · Demo · working for 3 min · 3 processes, 312 MB, 4 % of one core\n',
    '  2  “Fix the tests” · Demo · working for 3 min · 3 processes, 40 MB, 4 % of one core\n',
    'Press a number to end that session, any other key to go back.\n',
  ]);
  app.press('1');
  app.press('n');
  expect(done).toEqual([]);
  app.press('s');
  await new Promise((resolve) => setImmediate(resolve));
  app.press('2');
  app.press('y');
  expect(done).toEqual(['session.end session']);
});

test('the list of sessions never takes the place of a question that came while it was made', async () => {
  const { app, done, ask } = open({ sessions: [SESSION] });
  app.press('s');
  ask(REQUEST);
  await new Promise((resolve) => setImmediate(resolve));
  app.press('1');
  app.press('n');
  expect(done).toEqual(['deny stranger']);
});

test('a device that has fallen silent is not listed as connected', () => {
  const connection = { provenAt: 0, lastRoundTripMs: 20 };
  const { app, printed, pass } = open({ device: { connection } });
  pass(12_000);
  app.press('d');
  expect(printed.at(-2)).toContain('full · connected');
  app.press('x');
  pass(48_000);
  app.press('d');
  expect(printed.at(-2)).toContain('full · silent for 1 min');
});
