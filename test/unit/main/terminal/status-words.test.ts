import { expect, test } from 'vitest';
import { proveDevice, readLinkFacts } from '#main/host/remote/link/link-facts.ts';
import type { RelayStatus } from '#main/host/remote/link/relay-status.ts';
import type { DeviceView } from '#main/host/remote/remote-control.ts';
import { describeStatus } from '#main/terminal/status-words.ts';

const state = { sessions: [], approvals: [], agents: [], folders: [], isRemoteControlEnabled: true };
const line = (link: RelayStatus, now: number, facts: { heardAt?: number; devices?: readonly DeviceView[] } = {}) =>
  describeStatus({
    link: readLinkFacts({ status: link, heardAt: null, devices: [], ...facts }, now),
    state,
    isRemoteControlEnabled: true,
    now,
  });

test('an age of less than a second reads as well in the line as one of hours', () => {
  const unreachable = { kind: 'unreachable', since: 0, reason: 'Connection refused.', retryAt: 400 } as const;
  const rest = ' · no device paired · no session';
  expect(
    [0, 999, 61_000].map((now) => [
      line({ kind: 'connected', since: 0 }, now, { heardAt: now }),
      line(unreachable, now),
      line({ kind: 'connecting', since: 0 }, now),
      line({ kind: 'asleep', since: 0 }, now),
    ]),
  ).toEqual(
    ['1 s', '1 s', '1 min'].map((age) => [
      `● relay connected for ${age}, heard just now${rest}`,
      `○ relay unreachable for ${age}: Connection refused. Next try in 1 s${rest}`,
      `◌ connecting to the relay (${age})${rest}`,
      `◐ asleep for ${age}${rest}`,
    ]),
  );
});

test('a relay and a device that are silent are said with how long, never with "for just now"', () => {
  const device = { name: 'Phone', connection: proveDevice(12, 0) } as unknown as DeviceView;
  const lines = [0, 500, 13_000, 50_000].map((now) =>
    line({ kind: 'connected', since: 0 }, now, { heardAt: 0, devices: [device] }),
  );
  expect(lines.filter((text) => /(for|in) just now/.test(text))).toEqual([]);
  expect(lines.at(-1)).toBe(
    '◌ relay silent for 50 s, connected to it 50 s ago · 1 device, none heard, 1 silent for 50 s · no session',
  );
});

test('that nothing can be stored comes before everything else', () => {
  const link = readLinkFacts({ status: { kind: 'off', since: 0 }, heardAt: null, devices: [] }, 0);
  const full = { ...state, diskTrouble: 'The disk is full. Free some space.' };
  expect(describeStatus({ link, state: full, isRemoteControlEnabled: true, now: 0 })).toBe(
    'NOTHING CAN BE STORED: The disk is full. Free some space. · ○ off · no device paired · no session',
  );
});
