import { expect, test } from 'vitest';
import { renderTrayState, type TrayFacts } from '#main/desktop/tray/tray-state.ts';
import { AGES_REFRESHED_EVERY_MS, nextLookMs } from '#main/desktop/tray/tray-updater.ts';
import {
  DEVICE_SILENT_AFTER_MS,
  type DeviceEvidence,
  LINK_SILENT_AFTER_MS,
  nextChangeAt,
  proveDevice,
  readLinkFacts,
} from '#main/host/remote/link/link-facts.ts';
import type { RelayStatus } from '#main/host/remote/link/relay-status.ts';

const NOW = 1_700_000_000_000;

interface Change extends Partial<Omit<TrayFacts, 'link'>> {
  readonly link?: RelayStatus;
  readonly heardAt?: number | null;
  readonly devices?: readonly DeviceEvidence[];
}
function facts({ link, heardAt = NOW - 4_000, devices = [], ...change }: Change = {}): TrayFacts {
  const status = link ?? { kind: 'connected', since: NOW - 180_000 };
  return {
    link: readLinkFacts({ status, heardAt, devices }, NOW),
    sessions: [],
    approvals: [],
    isRemoteControlEnabled: true,
    diskTrouble: null,
    ...change,
  };
}
/** Proven so long ago; null: not connected. */
const device = (name: string, ago: number | null): DeviceEvidence => {
  const connection = ago === null ? null : { ...proveDevice(80, NOW - ago) };
  return { name, lastSeenAt: null, connection };
};
const render = (change: Change = {}) =>
  renderTrayState({ facts: facts(change), refusal: null, isClosing: false, now: NOW });
const session = (state: TrayFacts['sessions'][number]['state'], id = 's') => ({ id, title: id, state, since: NOW });
const unreachable = { kind: 'unreachable', since: NOW - 60_000, reason: 'No route.', retryAt: NOW } as const;

test('each of the five shapes stands for one thing', () => {
  expect(render({ isRemoteControlEnabled: false }).icon).toBe('off');
  expect(render().icon).toBe('connected');
  expect(render({ sessions: [session('working')] }).icon).toBe('working');
  expect(render({ sessions: [session('waiting')] }).icon).toBe('waiting');
  expect(render({ link: unreachable, heardAt: null }).icon).toBe('offline');
});

test('who needs a person comes first, and a lost connection before the work that goes on without it', () => {
  const busy = [session('working', 'a'), session('waiting', 'b')];
  expect(render({ link: unreachable, sessions: busy }).icon).toBe('waiting');
  expect(render({ link: unreachable, sessions: [session('working')] }).icon).toBe('offline');
  expect(render({ isRemoteControlEnabled: false, link: unreachable, sessions: [session('working')] }).icon).toBe(
    'working',
  );
  expect(render({ sessions: [session('working')], approvals: [{ session: 's' }] }).icon).toBe('waiting');
});

test('a connection is never claimed while it is only being made', () => {
  for (const kind of ['connecting', 'asleep', 'off'] as const) {
    const { icon, status } = render({ link: { kind, since: NOW - 3_000 }, heardAt: null });
    expect([icon, status]).toEqual(['offline', expect.not.stringMatching(/(?<!not )connected/i)]);
  }
});

test('the status line carries the age of what is claimed', () => {
  expect(render().status).toBe('Relay connected, heard 4 s ago');
  expect(render({ link: unreachable, heardAt: null }).status).toBe('Relay unreachable for 1 min');
  expect(render({ heardAt: NOW - 12_000 }).status).toBe('Relay silent for 12 s');
  const devices = [device('Old phone', 10_000), device('My phone', 4_000)];
  expect(render({ devices }).status).toBe('Relay connected, heard 4 s ago · My phone proven 4 s ago and 1 more');
  expect(render({ devices: [device('My phone', null)] }).status).toContain('no phone connected');
});

test('a phone that is silent is not called proven, however long its channel stays open', () => {
  const silent = device('My phone', 40_000);
  expect(render({ devices: [silent] }).status).toBe('Relay connected, heard 4 s ago · My phone silent for 40 s');
  expect(render({ devices: [silent, device('Tablet', 4_000)] }).status).toMatch(/Tablet proven 4 s ago and 1 more$/);
});

test('that nothing can be stored comes first', () => {
  expect(render({ diskTrouble: 'The disk is full. Free some space.' }).status).toBe(
    'The disk is full. Free some space. · Relay connected, heard 4 s ago',
  );
});

test('a relay that has fallen silent is not shown as a connection, and it is seen at once that it has', () => {
  const silent = { heardAt: NOW - LINK_SILENT_AFTER_MS - 1 };
  expect(render(silent).icon).toBe('offline');
  expect(render({ ...silent, sessions: [session('working')] }).icon).toBe('offline');
  expect(render({ ...silent, isRemoteControlEnabled: false }).icon).toBe('off');
  expect(render({ heardAt: NOW - LINK_SILENT_AFTER_MS }).icon).toBe('connected');

  const look = (change: Change) => nextLookMs(nextChangeAt(facts(change).link), NOW);
  expect(look({ heardAt: NOW - 4_000 })).toBe(LINK_SILENT_AFTER_MS + 1 - 4_000);
  expect(look({ heardAt: NOW })).toBe(AGES_REFRESHED_EVERY_MS);
  expect(look({ heardAt: NOW, devices: [device('Phone', 5_000)] })).toBe(DEVICE_SILENT_AFTER_MS + 1 - 5_000);
  expect(look(silent)).toBe(AGES_REFRESHED_EVERY_MS);
  expect(look({ link: unreachable, heardAt: null })).toBe(AGES_REFRESHED_EVERY_MS);
});

test('a host that does not run is said to, not shown as connected', () => {
  const refused = renderTrayState({ facts: null, refusal: 'Another Baton is running.', isClosing: false, now: NOW });
  expect(refused).toMatchObject({ icon: 'offline', status: expect.stringContaining('cannot work') });
  const absent = { facts: null, refusal: null, now: NOW };
  expect(renderTrayState({ ...absent, isClosing: false }).status).toBe('Baton is starting');
  expect(renderTrayState({ ...absent, isClosing: true }).status).toMatch(/^Baton is closing/);
});

test('the tooltip counts who waits and who works', () => {
  const sessions = [session('waiting', 'a'), session('waiting', 'b'), session('working', 'c')];
  expect(render({ sessions }).tooltip).toMatch(/^Baton: 2 sessions wait for you, an agent works · Relay connected/);
});

test('a device with a hostile name cannot break the line', () => {
  const devices = [device('a\nb\u202Ec', 0)];
  expect(render({ devices }).status).not.toMatch(/[\n\u202e]/);
});
