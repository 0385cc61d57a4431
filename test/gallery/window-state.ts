/** States of the window as main would push them. */
import type {
  ActivityRow,
  DeviceView,
  LinkView,
  PairingView,
  RelayView,
  SessionView,
  SettingsView,
  WindowState,
} from '#preload/contract.ts';
import type { HostState } from '#protocol/messages.ts';
import { AGENTS, hostState, sessions } from './fixture-state.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const PAIRING_LINK =
  'https://relay.example/p#1.q2s8Jm0eT4wYxZ1vB7nK9pL3hG5fD6aS8uR0tW2yE4i.Zk3mN7bV9cX1zQ5wE8rT2yU6iO0pA4sD7fG9hJ3kL1o.https://relay.example';

export const RELAY: RelayView = {
  origin: 'https://relay.example',
  isOwn: false,
  phoneOrigin: 'https://relay.example',
  isReachableByPhones: true,
};

export const LOOPBACK: RelayView = {
  origin: 'http://127.0.0.1:8377',
  isOwn: true,
  phoneOrigin: 'http://127.0.0.1:8377',
  isReachableByPhones: false,
};

export function link(change: Partial<LinkView> = {}): LinkView {
  return {
    kind: 'connected',
    since: Date.now() - 3 * HOUR,
    reason: null,
    retryAt: null,
    heardAt: Date.now() - 3 * SECOND,
    holdsUntil: Date.now() + 8 * SECOND,
    relay: RELAY,
    ...change,
  };
}

export const UNREACHABLE: LinkView = link({
  kind: 'unreachable',
  since: Date.now() - 12 * MINUTE,
  reason: 'The name relay.example was not found. Is this computer online?',
  retryAt: Date.now() + 9 * SECOND,
  heardAt: null,
  holdsUntil: null,
});

export function device(change: Partial<DeviceView> = {}): DeviceView {
  return {
    id: 'device-phone',
    name: 'Pixel 8',
    scope: 'full',
    pairedAt: Date.now() - 12 * DAY,
    lastSeenAt: Date.now() - 2 * SECOND,
    connection: { provenAt: Date.now() - 2 * SECOND, lastRoundTripMs: 38, holdsUntil: Date.now() + 10 * SECOND },
    watching: 'Back off when the relay is away',
    ...change,
  };
}

export const DEVICES: readonly DeviceView[] = [
  device(),
  device({
    id: 'device-tablet',
    name: 'iPad in the kitchen',
    scope: 'answer',
    lastSeenAt: Date.now() - 26 * HOUR,
    connection: null,
    watching: null,
  }),
];

/** What the computer alone knows of these sessions: the fourth is hidden from phones, the first is open on one. */
export function sessionViews(of: readonly { readonly id: string }[] = sessions()): SessionView[] {
  return of.map(({ id }, index) => ({ id, isRemote: index !== 3, watchedBy: index === 0 ? ['Pixel 8'] : [] }));
}

export function activity(): ActivityRow[] {
  const row = (seq: number, ago: number, by: string, text: string, session: string | null): ActivityRow => ({
    seq,
    at: Date.now() - ago,
    by,
    isDevice: by !== 'This computer',
    text,
    session,
  });
  return [
    row(214, 4 * MINUTE, 'Pixel 8', 'allowed “Edit src/relay/back-off.ts”', 'Back off when the relay is away'),
    row(213, 7 * MINUTE, 'Pixel 8', 'sent a prompt', 'Back off when the relay is away'),
    row(212, 31 * MINUTE, 'This computer', 'started a session with Claude Code', 'Write the release notes'),
    row(211, 52 * MINUTE, 'This computer', 'turned remote control on for all sessions', null),
    row(
      210,
      22 * HOUR,
      'iPad in the kitchen',
      'denied “Delete the folder dist”',
      'Checkout: totals are off by one cent',
    ),
    row(209, 23 * HOUR, 'This computer', 'paired “iPad in the kitchen” (answer and write)', null),
    row(208, 24 * HOUR, 'This computer', 'ended the session', 'Spike: search'),
    row(207, 74 * HOUR, 'Pixel 8', 'renamed the session', 'Rename the settings file'),
    row(206, 75 * HOUR, 'This computer', 'revoked “Old phone”', null),
  ];
}

export const NO_PAIRING: PairingView = { isShown: false, offer: null, trouble: null, requests: [], lastPaired: null };

export function offer(change: Partial<PairingView> = {}): PairingView {
  return {
    ...NO_PAIRING,
    isShown: true,
    offer: { link: PAIRING_LINK, expiresAt: Date.now() + 84 * SECOND },
    ...change,
  };
}

export const BUILD = '4f1c09ab27de';

export const REQUEST: PairingView['requests'][number] = {
  id: 'request-1',
  name: 'Ada’s Pixel 8',
  digits: '472913',
  askedAt: Date.now() - 4 * SECOND,
  build: BUILD,
};

export function settings(change: Partial<SettingsView> = {}): SettingsView {
  return {
    relay: 'https://relay.example',
    relayPort: 8377,
    relayPublicUrl: null,
    keepAwake: 'on-power',
    keepAgentsHours: 24,
    isKeptAwake: true,
    isNotifying: true,
    login: { kind: 'on' },
    secrets: {
      kind: 'keychain',
      text: 'They are encrypted with a key that GNOME Keyring holds, which opens when you log in.',
    },
    customAgents: [{ id: 'house-agent', name: 'House agent', command: '/opt/house/agent', args: ['--acp', '--quiet'] }],
    dataFolder: '/home/ada/.local/share/baton',
    historyBytes: 38_400_000,
    sessionCount: 8,
    dismissedGuides: [],
    ...change,
  };
}

/** A computer in use. */
export function windowState(change: Partial<WindowState> = {}): WindowState {
  const list = sessionViews();
  return {
    app: {
      version: '0.1.0',
      hostName: 'Studio',
      system: 'linux',
      build: BUILD,
      refusal: null,
      notices: [],
      isTrayKnown: true,
    },
    link: link(),
    sessions: { list, isRemoteControlEnabled: true, diskTrouble: null },
    usage: Object.fromEntries(
      list.slice(0, 4).map(({ id }, index) => [
        id,
        {
          processes: 3 + index,
          memoryBytes: 212_000_000 + index * 91_000_000,
          cpuPercent: [2, 0.4, 118, 0][index] ?? null,
        },
      ]),
    ),
    pairing: NO_PAIRING,
    devices: DEVICES,
    settings: settings(),
    activity: activity(),
    update: { kind: 'current', at: Date.now() - 3 * HOUR },
    ...change,
  };
}

/** The same computer, as the window's own client of the host sees it. */
export function windowHost(change: Partial<HostState> = {}): HostState {
  return hostState({
    agents: [...AGENTS, { id: 'house-agent', name: 'House agent', isInstalled: true }],
    ...change,
  });
}

/** A computer on which Baton was started for the first time, as its host shows it. */
export function firstHost(change: Partial<HostState> = {}): HostState {
  return hostState({
    ...{ sessions: [], approvals: [], folders: [], isRemoteControlEnabled: false },
    agents: AGENTS.map((agent) => ({ ...agent, isInstalled: agent.id === 'codex' })),
    ...change,
  });
}

/** The same, as main pushes it. */
export function firstState(change: Partial<WindowState> = {}): WindowState {
  return windowState({
    link: link({ relay: LOOPBACK, since: Date.now() - 20 * SECOND }),
    sessions: { list: [], isRemoteControlEnabled: false, diskTrouble: null },
    usage: {},
    devices: [],
    settings: settings({
      relay: null,
      keepAwake: 'off',
      isKeptAwake: false,
      login: { kind: 'off' },
      customAgents: [],
      historyBytes: 98_304,
      sessionCount: 0,
    }),
    activity: [],
    update: { kind: 'unknown', at: null },
    ...change,
  });
}
