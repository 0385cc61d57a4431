import type { CheckName } from './check.ts';

/** What people call each check. */
export const CHECK_TITLES: Readonly<Record<CheckName, string>> = {
  folder: 'Data folder',
  settings: 'Settings',
  history: 'History',
  keys: 'Keys',
  relay: 'Relay',
  clock: 'Clock',
  name: 'Name (DNS)',
  connect: 'Connection (TCP)',
  secure: 'Encryption (TLS)',
  upgrade: 'WebSocket',
  'sign-in': 'Sign-in',
  link: 'Baton’s own link',
  admission: 'Admission',
  'round-trip': 'Round trip',
  devices: 'Devices',
  agents: 'Agents',
  notifications: 'Notifications',
};
