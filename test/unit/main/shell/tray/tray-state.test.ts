import { expect, test } from 'vitest';
import { LINK_SILENT_AFTER_MS } from '#main/host/remote/relay-attempt.ts';
import { AGES_REFRESHED_EVERY_MS, nextLookMs } from '#main/shell/tray/tray-desk.ts';
import { renderTrayState, silentFrom, type TrayFacts } from '#main/shell/tray/tray-state.ts';

const NOW = 1_700_000_000_000;

function facts(change: Partial<TrayFacts> = {}): TrayFacts {
  return {
    link: { kind: 'connected', since: NOW - 180_000 },
    heardAt: NOW - 4_000,
    devices: [],
    sessions: [],
    approvals: [],
    isRemoteControlEnabled: true,
    ...change,
  };
}
const render = (change: Partial<TrayFacts> = {}) =>
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
  const connection = { provenAt: NOW - 4_000, lastRoundTripMs: 80 };
  const devices = [
    { name: 'Old phone', connection: { provenAt: NOW - 20_000, lastRoundTripMs: null } },
    { name: 'My phone', connection },
  ];
  expect(render({ devices }).status).toBe('Relay connected, heard 4 s ago · My phone proven 4 s ago and 1 more');
  expect(render({ devices: [{ name: 'My phone', connection: null }] }).status).toContain('no phone connected');
});

test('a relay that has fallen silent is not shown as a connection, and it is seen at once that it has', () => {
  const silent = { heardAt: NOW - LINK_SILENT_AFTER_MS - 1 };
  expect(render(silent).icon).toBe('offline');
  expect(render({ ...silent, sessions: [session('working')] }).icon).toBe('offline');
  expect(render({ ...silent, isRemoteControlEnabled: false }).icon).toBe('off');
  expect(render({ heardAt: NOW - LINK_SILENT_AFTER_MS }).icon).toBe('connected');

  const look = (change: Partial<TrayFacts>) => nextLookMs(silentFrom(facts(change)), NOW);
  expect(look({ heardAt: NOW - 4_000 })).toBe(LINK_SILENT_AFTER_MS + 1 - 4_000);
  expect(look({ heardAt: NOW })).toBe(AGES_REFRESHED_EVERY_MS);
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
  const devices = [{ name: 'a\nb\u202Ec', connection: { provenAt: NOW, lastRoundTripMs: 1 } }];
  expect(render({ devices }).status).not.toMatch(/[\n\u202e]/);
});
