/** What a scene is, and what scenes of several screens share. */
import type { HostStatus, OutboxEntry } from '#ui/host-client.ts';
import type { FixtureBaton } from './fixture-baton.ts';

export interface Scene {
  /** Where the page is. */
  readonly path: string;
  make(): FixtureBaton;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const LONG =
  'Investigate-why-the-extraordinarily-long-name-of-this-session-does-not-break-anything and keep all of it readable on a small phone, even when nobody would ever type this';
export const LONG_PATH =
  '/home/ada/code/clients/a-company-with-a-remarkably-long-name/repositories/monorepo/packages/the-package-that-nobody-wants-to-touch-anymore';
export const LONG_HOST_NAME = 'adas-extraordinarily-long-workstation-name.office.example.internal';

export const OFFLINE: HostStatus = { kind: 'offline', since: Date.now() - 4 * MINUTE };

/** A session that the computer has taken on, but does not list yet. */
export const STARTING: OutboxEntry = {
  id: 'n1',
  session: '0199a000-0000-7000-8000-00000000000a',
  kind: 'session.new',
  body: { agent: 'claude', folder: '/home/ada/code/baton', title: 'Tidy the changelog' },
  state: 'accepted',
  reason: null,
  at: Date.now(),
};

/** A session that the computer would not start. */
export const REFUSED_START: OutboxEntry = {
  id: 'n2',
  session: '0199a000-0000-7000-8000-00000000000b',
  kind: 'session.new',
  body: { agent: 'claude', folder: '/home/ada/wrok' },
  state: 'rejected',
  reason: 'There is no folder /home/ada/wrok on this computer.',
  at: Date.now(),
};
