/** Every page of the window: in use, empty, busy, failing, on the first run. */
import { proveDevice } from '#main/host/remote/link/link-facts.ts';
import type { Check, Diagnosis, Page, RelayTest, WindowState } from '#preload/contract.ts';
import type { HostState } from '#protocol/messages.ts';
import { FixtureBridge, type FixtureOptions } from './fixture-bridge.ts';
import { FixtureHost, type FixtureHostOptions } from './fixture-host.ts';
import { AGENTS, EDIT_APPROVAL, RUN_APPROVAL, sessions } from './fixture-state.ts';
import { LONG, LONG_HOST_NAME, LONG_PATH, type Scene } from './scene.ts';
import { sessionScenes } from './session-scenes.ts';
import {
  activity,
  DEVICES,
  device,
  firstHost,
  firstState,
  HOUR,
  LOOPBACK,
  link,
  MINUTE,
  offer,
  REQUEST,
  SECOND,
  sessionViews,
  settings,
  UNREACHABLE,
  windowHost,
  windowState,
} from './window-state.ts';

export interface WindowScene {
  readonly page: Page;
  /** The one that is open. */
  readonly session: string | null;
  make(): { readonly main: FixtureBridge; readonly host: FixtureHost };
}

interface WindowSceneOptions extends FixtureOptions {
  readonly host?: FixtureHostOptions;
}

function scene(page: Page, options: () => WindowSceneOptions, session: string | null = null): WindowScene {
  return {
    page,
    session,
    make: () => {
      const { host = {}, ...bridge } = options();
      return { main: new FixtureBridge(bridge), host: new FixtureHost({ state: windowHost(), ...host }) };
    },
  };
}

/** A scene of the session screen as the phone has it, on the host behind the window. */
function sharedScene({ path, make }: Scene): WindowScene {
  return {
    page: 'sessions',
    session: path.split('/').at(-1) ?? null,
    make: () => {
      const [host] = make().hosts.peek();
      if (!host) throw new Error('A session needs a host.');
      const state = windowState();
      const list = sessionViews(host.state.peek()?.sessions);
      return { main: new FixtureBridge({ state: { ...state, sessions: { ...state.sessions, list } } }), host };
    },
  };
}

const REFUSED = 'The history could not be written: the disk is full. Free some space, then try again.';

function busyHost(): HostState {
  const list = [0, 1, 2].flatMap((round) =>
    sessions().map((session, index) => ({
      ...session,
      id: `${session.id.slice(0, -2)}${round}${index}`,
      title: index === 1 ? LONG : session.title,
      folder: index === 2 ? LONG_PATH : session.folder,
      detail: index === 4 ? LONG : session.detail,
      agentName: index === 5 ? 'An agent with quite a long name of its own' : session.agentName,
      queued: round * 7,
    })),
  );
  const [first] = list;
  return windowHost({
    sessions: list,
    approvals: [
      { ...EDIT_APPROVAL, session: first?.id ?? '', title: LONG },
      {
        ...RUN_APPROVAL,
        session: list[1]?.id ?? '',
        options: [
          ...RUN_APPROVAL.options,
          {
            id: 'never',
            name: 'Never allow this kind of command again in this project or any other',
            kind: 'reject_always',
          },
        ],
      },
      {
        ...EDIT_APPROVAL,
        approval: 'ap-3',
        session: list[9]?.id ?? '',
        tool: null,
        title: 'Fetch https://example.com',
      },
    ],
  });
}

function busyState(): WindowState {
  const base = windowState();
  const perRound = sessions().length;
  const list = busyHost().sessions.map(({ id }, index) => ({
    id,
    isRemote: index % perRound !== 3,
    watchedBy: index % perRound === 2 ? ['Pixel 8', 'iPad in the kitchen', 'Work laptop'] : [],
  }));
  return windowState({
    app: {
      ...base.app,
      hostName: LONG_HOST_NAME,
      notices: [
        'The settings file could not be read. It was kept as /home/ada/.local/share/baton/settings.json.bad-2026-11-20; the defaults apply now.',
      ],
    },
    sessions: { ...base.sessions, list },
    usage: Object.fromEntries(
      list.map(({ id }, index) => [
        id,
        { processes: index + 1, memoryBytes: 1.3e8 * (index + 1), cpuPercent: index * 9 },
      ]),
    ),
    devices: [
      device({ name: 'Ada’s extraordinarily long-named telephone of the year before' }),
      ...['Work laptop', 'Firefox on the studio', 'Old iPhone', 'Tablet'].map((name, index) =>
        device({
          id: `device-${index}`,
          name,
          scope: index % 2 === 0 ? 'watch' : 'answer',
          connection: index < 2 ? proveDevice(null, Date.now() - index * 7 * SECOND) : null,
          watching: index === 0 ? LONG : null,
          lastSeenAt: index === 3 ? null : Date.now() - index * HOUR,
        }),
      ),
      ...DEVICES.slice(1),
    ],
    activity: [0, 1, 2, 3].flatMap((round) =>
      activity().map((row) => ({
        ...row,
        seq: row.seq - round * 10,
        at: row.at - round * 30 * HOUR,
        by: round === 1 ? 'Ada’s extraordinarily long-named telephone of the year before' : row.by,
        session: round === 2 ? LONG : row.session,
      })),
    ),
    settings: settings({ dataFolder: LONG_PATH, sessionCount: 64, historyBytes: 4.2e9 }),
  });
}

const FAILED_TEST: RelayTest = {
  isOk: false,
  origin: 'https://relay.example',
  roundTripMs: null,
  text: 'The certificate of relay.example has expired. Renew it on the server; Caddy does that by itself.',
  steps: [
    { step: 'address', isOk: true, text: 'https://relay.example', ms: 0 },
    { step: 'name', isOk: true, text: 'Found at 203.0.113.7', ms: 21 },
    { step: 'connect', isOk: true, text: 'Port 443 answers', ms: 34 },
    { step: 'secure', isOk: false, text: 'The certificate has expired on 20 November 2026', ms: 48 },
  ],
};

const GOOD_TEST: RelayTest = {
  isOk: true,
  origin: 'https://relay.example',
  roundTripMs: 41,
  text: 'The relay works.',
  steps: [
    ...FAILED_TEST.steps.slice(0, 3),
    { step: 'secure', isOk: true, text: 'The certificate is good for 71 days', ms: 48 },
    { step: 'upgrade', isOk: true, text: 'A WebSocket opens', ms: 22 },
    { step: 'sign-in', isOk: true, text: 'The relay knows this computer', ms: 31 },
    { step: 'round-trip', isOk: true, text: 'Computer → relay → device → relay → computer', ms: 41 },
  ],
};

const check = (name: Check['name'], title: string, text: string, state: Check['state'] = 'ok'): Check => ({
  ...{ name, title, state, text },
  ms: 12,
});

const BAD_DIAGNOSIS: Diagnosis = {
  isOk: false,
  at: Date.now(),
  text: 'That address sends on to https://portal.example (HTTP 302), as the sign-in page of a network does, or a relay that has moved; sign in to the network, or use the address to which it leads.',
  checks: [
    check('folder', 'Data folder', '/home/ada/.local/share/baton takes files; 75 GiB are left.'),
    check('settings', 'Settings', 'They can be read.'),
    check('history', 'History', 'It is open and in use.'),
    check('keys', 'Keys', 'This computer’s keys are there; relays know it as q7Zk3vXw….'),
    check('relay', 'Relay', 'https://relay.example.'),
    check('clock', 'Clock', 'The relay does not say what time it is.', 'skipped'),
    check('name', 'Name (DNS)', 'Found at 203.0.113.7.'),
    check('connect', 'Connection (TCP)', 'Something listens at port 443.'),
    check('secure', 'Encryption (TLS)', 'The certificate is good until 2027-01-20.'),
    check(
      'upgrade',
      'WebSocket',
      'That address sends on to https://portal.example (HTTP 302), as the sign-in page of a network does, or a relay that has moved. Sign in to the network, or use the address to which it leads.',
      'wrong',
    ),
    check('sign-in', 'Sign-in', 'Not tried, as what comes before it does not work.', 'skipped'),
    check(
      'link',
      'Baton’s own link',
      'Baton has not been connected for 12 min: Something other than a Baton relay answered (HTTP 302): a sign-in page of this network, or a wrong address. It tries again by itself in 14 s.',
      'wrong',
    ),
    check('admission', 'Admission', 'Baton is not connected, and brings the list of devices when it is.', 'skipped'),
    check('round-trip', 'Round trip', 'Not tried, as what comes before it does not work.', 'skipped'),
    check('devices', 'Devices', '“Pixel 8” was last seen 13 min ago; “iPad in the kitchen” was last seen 4 h ago.'),
    check('agents', 'Agents', 'Found: Claude Code, OpenCode.'),
    check('notifications', 'Notifications', 'They are switched off in Baton’s settings.', 'skipped'),
  ],
};

const GOOD_DIAGNOSIS: Diagnosis = {
  ...BAD_DIAGNOSIS,
  isOk: true,
  text: 'Everything works.',
  checks: BAD_DIAGNOSIS.checks.map((one) => (one.state === 'ok' ? one : { ...one, state: 'ok', text: 'It works.' })),
};

const PAGES: readonly Page[] = ['sessions', 'pair', 'devices', 'settings', 'activity'];

export const windowScenes: Record<string, WindowScene> = {
  ...Object.fromEntries(Object.entries(sessionScenes).map(([name, one]) => [name, sharedScene(one)])),
  ...Object.fromEntries(
    PAGES.flatMap((page) => [
      [
        page,
        scene(page, () => ({ state: windowState({ pairing: offer() }), answers: { 'relay.test': () => GOOD_TEST } })),
      ],
      [`${page}-first`, scene(page, () => ({ state: firstState({ pairing: offer() }), host: { state: firstHost() } }))],
      [
        `${page}-busy`,
        scene(page, () => ({ state: { ...busyState(), pairing: offer() }, host: { state: busyHost() } })),
      ],
      [
        `${page}-failing`,
        scene(page, () => ({
          state: windowState({
            link: UNREACHABLE,
            pairing: offer({ offer: null, trouble: null }),
            devices: DEVICES.map((one) => ({
              ...one,
              connection: null,
              watching: null,
              lastSeenAt: Date.now() - 13 * MINUTE,
            })),
            settings: settings({
              login: { kind: 'unavailable', reason: 'inside Flatpak a program cannot add itself to the login.' },
              secrets: {
                kind: 'file',
                text: 'No keyring runs here, so they lie in a file that only you can read, as can every program of yours.',
              },
            }),
            update: { kind: 'failed', reason: 'the server did not answer.' },
          }),
          failure: REFUSED,
          host: { failure: REFUSED },
        })),
      ],
    ]),
  ),
  'sessions-disk-full': scene('sessions', () => {
    const state = windowState();
    return { state: { ...state, sessions: { ...state.sessions, diskTrouble: 'The disk is full. Free some space.' } } };
  }),
  'sessions-quiet': scene('sessions', () => {
    const quiet = sessions().filter(({ state }) => state !== 'waiting');
    const { sessions: slice, ...rest } = windowState();
    const list = slice.list.filter(({ id }) => quiet.some((one) => one.id === id));
    return {
      state: { ...rest, sessions: { ...slice, list } },
      host: { state: windowHost({ sessions: quiet, approvals: [] }) },
    };
  }),
  'sessions-no-agent': scene('sessions', () => {
    const agents = AGENTS.map((agent) => ({
      ...agent,
      isInstalled: agent.id === 'demo',
      install: agent.install ?? `npm install -g ${agent.id}`,
    }));
    return { state: firstState({ link: link() }), host: { state: firstHost({ agents }) } };
  }),
  'sessions-remote-off': scene('sessions', () => {
    const state = windowState();
    return { state: { ...state, sessions: { ...state.sessions, isRemoteControlEnabled: false } } };
  }),
  'sessions-asleep': scene('sessions', () => ({
    state: windowState({ link: link({ kind: 'asleep', since: Date.now() - 2 * HOUR, heardAt: null }) }),
  })),
  'sessions-pairing': scene('sessions', () => ({ state: windowState({ pairing: offer({ requests: [REQUEST] }) }) })),
  'pair-request': scene('pair', () => ({ state: windowState({ pairing: offer({ requests: [REQUEST] }) }) })),
  'pair-requests': scene('pair', () => ({
    state: windowState({
      pairing: offer({
        requests: [
          { ...REQUEST, name: 'Ada’s extraordinarily long-named telephone of the year before', build: '90ad3be1c255' },
          { ...REQUEST, id: 'request-2', name: 'Somebody', digits: '118204' },
        ],
      }),
    }),
  })),
  'pair-done': scene('pair', () => ({
    state: windowState({ pairing: offer({ lastPaired: { name: 'Ada’s Pixel 8', at: Date.now() - 5 * SECOND } }) }),
  })),
  'pair-loopback': scene('pair', () => ({ state: windowState({ link: link({ relay: LOOPBACK }), pairing: offer() }) })),
  'settings-test-failed': scene('settings', () => ({
    state: windowState(),
    answers: { 'relay.test': () => FAILED_TEST },
  })),
  'settings-test-passed': scene('settings', () => ({
    state: windowState(),
    answers: { 'relay.test': () => GOOD_TEST },
  })),
  'settings-testing': scene('settings', () => ({ state: windowState(), silent: ['relay.test'] })),
  'doctor-wrong': scene('settings', () => ({
    state: windowState({ link: UNREACHABLE }),
    answers: { 'doctor.run': () => BAD_DIAGNOSIS },
  })),
  'doctor-well': scene('settings', () => ({ state: windowState(), answers: { 'doctor.run': () => GOOD_DIAGNOSIS } })),
  'doctor-looking': scene('settings', () => ({ state: windowState(), silent: ['doctor.run'] })),
  'doctor-refusal': scene('sessions', () => ({
    host: { state: null },
    state: firstState({
      app: { ...firstState().app, refusal: 'Port 8377 on this computer is in use, perhaps by another Baton.' },
    }),
    answers: { 'doctor.run': () => BAD_DIAGNOSIS },
  })),
  'settings-own': scene('settings', () => ({
    state: windowState({
      app: { ...windowState().app, isTrayKnown: false, system: 'mac' },
      link: link({ relay: LOOPBACK }),
      settings: settings({ relay: null, login: { kind: 'requires-approval' }, keepAgentsHours: 36 }),
      update: { kind: 'available', version: '0.2.0', url: 'https://example.com/baton' },
    }),
  })),
  refusal: scene('sessions', () => ({
    host: { state: null },
    state: firstState({
      app: {
        ...firstState().app,
        refusal:
          'Another Baton uses /home/ada/.local/share/baton (process 41872, a host in a terminal). End that one, or start this one with --data and another folder.',
      },
    }),
  })),
  'load-failed': scene('sessions', () => ({
    ...{ state: firstState(), loadFailure: 'Baton is closing.' },
    host: { state: null },
  })),
};
