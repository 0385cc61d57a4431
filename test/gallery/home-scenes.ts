/** The list of computers and their sessions, in every state of the link. */
import type { HostStatus } from '#ui/host-client.ts';
import { FixtureBaton } from './fixture-baton.ts';
import { FixtureHost, type FixtureHostOptions } from './fixture-host.ts';
import { AGENTS, EDIT_APPROVAL, hostState, SESSION, sessions, summary } from './fixture-state.ts';
import {
  HOUR,
  LONG,
  LONG_HOST_NAME,
  LONG_PATH,
  MINUTE,
  OFFLINE,
  REFUSED_START,
  type Scene,
  STARTING,
} from './scene.ts';

function home(options: FixtureHostOptions = {}): Scene {
  return { path: '/', make: () => new FixtureBaton({ hosts: [new FixtureHost({ state: hostState(), ...options })] }) };
}

/** A link that is not proven, with a list from some time ago. */
function away(status: HostStatus, ageMs = 12 * MINUTE): Scene {
  return home({ status, stateProvenAt: Date.now() - ageMs });
}

const PROVEN: HostStatus = { kind: 'connected', provenAt: Date.now() - 2000, roundTripMs: 38 };

export const homeScenes: Record<string, Scene> = {
  home: home(),
  'home-quiet': home({
    state: hostState({ approvals: [], sessions: sessions().filter(({ state }) => state !== 'waiting') }),
  }),
  'home-empty': home({ state: hostState({ sessions: [], approvals: [] }) }),
  'home-first': home({ state: null, status: { kind: 'connecting', since: Date.now() - 1000 }, stateProvenAt: null }),
  'home-remote-off': home({ state: hostState({ sessions: [], approvals: [], isRemoteControlEnabled: false }) }),
  'home-disk-full': home({ state: hostState({ diskTrouble: 'The disk is full. Free some space.' }) }),
  'home-watch': home({ scope: 'watch' }),
  'home-offline': away(OFFLINE),
  'home-asleep': away({ kind: 'asleep', since: Date.now() - 9 * HOUR }, 9 * HOUR),
  'home-quit': away({ kind: 'closed', since: Date.now() - 5 * MINUTE }),
  'home-no-answer': away({ kind: 'no-answer', since: Date.now() - 25_000, silent: 'host' }, 25_000),
  'home-host-offline': away({ kind: 'host-offline', since: Date.now() - 90 * MINUTE }, 90 * MINUTE),
  'home-host-unknown': away({ kind: 'host-offline', since: null }, 30 * HOUR),
  'home-relay-gone': away({ kind: 'relay-unreachable', since: Date.now() - 3 * MINUTE }, 3 * MINUTE),
  'home-revoked': away({
    kind: 'stopped',
    reason: 'revoked',
    text: 'Studio took back this device’s access. To use it again, pair it again with a code from that computer.',
  }),
  'home-other-tab': away(
    {
      kind: 'stopped',
      reason: 'other-tab',
      text: 'Baton is open in another tab of this browser, which has the connection.',
    },
    3000,
  ),
  'home-update': {
    path: '/',
    make: () => new FixtureBaton({ hosts: [new FixtureHost({ state: hostState() })], hasUpdate: true }),
  },
  'home-starting': home({ outbox: [STARTING, REFUSED_START] }),
  'home-two': {
    path: '/',
    make: () =>
      new FixtureBaton({
        hosts: [
          new FixtureHost({ state: hostState() }),
          new FixtureHost({
            hostId: 'laptop',
            name: 'Ada’s ThinkPad',
            status: { kind: 'asleep', since: Date.now() - 40 * MINUTE },
            stateProvenAt: Date.now() - 41 * MINUTE,
            state: hostState({
              approvals: [],
              sessions: [
                summary({
                  id: '0199b000-0000-7000-8000-000000000001',
                  title: 'Upgrade the build image',
                  state: 'working',
                  since: Date.now() - 44 * MINUTE,
                }),
              ],
            }),
          }),
        ],
      }),
  },
  'home-long': {
    path: '/',
    make: () =>
      new FixtureBaton({
        hosts: [
          new FixtureHost({
            name: LONG_HOST_NAME,
            status: { kind: 'relay-unreachable', since: Date.now() - 50 * HOUR },
            stateProvenAt: Date.now() - 50 * HOUR,
            state: hostState({
              approvals: [
                {
                  ...EDIT_APPROVAL,
                  title: LONG,
                  options: [
                    ...EDIT_APPROVAL.options,
                    {
                      id: 'never',
                      name: 'Never allow this kind of edit again in this project or any other',
                      kind: 'reject_always',
                    },
                  ],
                },
              ],
              sessions: [
                summary({ id: SESSION, title: LONG, folder: LONG_PATH, state: 'waiting', detail: LONG, queued: 31 }),
                summary({
                  id: '0199a000-0000-7000-8000-000000000002',
                  title: 'Short',
                  folder: '/',
                  state: 'working',
                  agentName: 'An agent with quite a long name of its own',
                }),
              ],
            }),
          }),
        ],
      }),
  },
  'no-agents': home({
    state: hostState({
      sessions: [],
      approvals: [],
      agents: AGENTS.map((agent) => ({
        ...agent,
        isInstalled: false,
        install: agent.install ?? `npm install -g ${agent.id}`,
      })),
    }),
  }),
  proven: home({ status: PROVEN }),
};
