import { describe, expect, test } from 'vitest';
import {
  DEVICE_SILENT_AFTER_MS,
  type DeviceEvidence,
  LINK_SILENT_AFTER_MS,
  nextChangeAt,
  proveDevice,
  provenDevices,
  readDeviceFact,
  readLinkFacts,
  readRelayFact,
  silentDevices,
} from '#main/host/remote/link/link-facts.ts';

const NOW = 1_700_000_000_000;
const SINCE = NOW - 60_000;
const CONNECTED = { kind: 'connected', since: SINCE } as const;

function device(name: string, provenAgo: number | null, lastSeenAt: number | null = null): DeviceEvidence {
  return { name, lastSeenAt, connection: provenAgo === null ? null : proveDevice(40, NOW - provenAgo) };
}

describe('the relay', () => {
  test.each([
    [0, 'connected'],
    [LINK_SILENT_AFTER_MS, 'connected'],
    [LINK_SILENT_AFTER_MS + 1, 'silent'],
    [40_000, 'silent'],
    // The clock was set back.
    [-5_000, 'connected'],
  ])('heard %i ms ago is %s', (ago, kind) => {
    const heardAt = NOW - ago;
    expect(readRelayFact(CONNECTED, heardAt, NOW)).toEqual(
      kind === 'silent'
        ? { kind, since: SINCE, heardAt }
        : { kind, since: SINCE, heardAt, holdsUntil: heardAt + LINK_SILENT_AFTER_MS },
    );
  });

  test('that has just accepted us and said nothing since is connected, and never heard', () => {
    expect(readRelayFact(CONNECTED, null, NOW)).toEqual({ ...CONNECTED, heardAt: null, holdsUntil: null });
  });

  test.each([
    { kind: 'off', since: SINCE } as const,
    { kind: 'connecting', since: SINCE } as const,
    { kind: 'asleep', since: SINCE } as const,
    { kind: 'unreachable', since: SINCE, reason: 'No route.', retryAt: NOW + 1 } as const,
    { kind: 'stopped', since: SINCE, reason: 'Replaced.' } as const,
  ])('that is $kind is so whenever it was heard last', (status) => {
    expect(readRelayFact(status, NOW, NOW)).toEqual(status);
    expect(readRelayFact(status, null, NOW)).toEqual(status);
  });
});

describe('a device', () => {
  test.each([
    [0, 'proven'],
    [DEVICE_SILENT_AFTER_MS, 'proven'],
    [DEVICE_SILENT_AFTER_MS + 1, 'silent'],
    [40_000, 'silent'],
  ])('that proved itself %i ms ago is %s', (ago, kind) => {
    const provenAt = NOW - ago;
    expect(readDeviceFact(device('Phone', ago), NOW)).toEqual(
      kind === 'silent'
        ? { kind, name: 'Phone', provenAt }
        : { kind, name: 'Phone', provenAt, lastRoundTripMs: 40, holdsUntil: provenAt + DEVICE_SILENT_AFTER_MS },
    );
  });

  test.each([[null], [NOW - 1]])('without a connection is away, however lately it was seen', (lastSeenAt) => {
    expect(readDeviceFact(device('Phone', null, lastSeenAt), NOW)).toEqual({ kind: 'away', name: 'Phone', lastSeenAt });
  });
});

test('devices are told apart by what they prove, the last proof first', () => {
  const { devices } = readLinkFacts(
    {
      status: CONNECTED,
      heardAt: NOW,
      devices: [device('a', 5_000), device('b', 50_000), device('c', null), device('d', 1_000), device('e', 20_000)],
    },
    NOW,
  );
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  expect([names(devices), names(provenDevices(devices)), names(silentDevices(devices))]).toEqual([
    ['a', 'b', 'c', 'd', 'e'],
    ['d', 'a'],
    ['e', 'b'],
  ]);
});

test('the next change is when the first of those that are heard falls silent; what is silent already does not change', () => {
  const next = (heardAt: number | null, devices: readonly DeviceEvidence[], now = NOW) =>
    nextChangeAt(readLinkFacts({ status: CONNECTED, heardAt, devices }, now));
  expect(next(NOW, [])).toBe(NOW + LINK_SILENT_AFTER_MS + 1);
  expect(next(NOW, [device('a', 9_000), device('b', 50_000)])).toBe(NOW - 9_000 + DEVICE_SILENT_AFTER_MS + 1);
  expect(next(NOW - 40_000, [device('b', 50_000), device('c', null)])).toBe(null);
  // Looked at then, it has changed; a moment before, it has not.
  const at = next(NOW, []) ?? 0;
  const kindAt = (now: number) => readRelayFact(CONNECTED, NOW, now).kind;
  expect([kindAt(at - 1), kindAt(at)]).toEqual(['connected', 'silent']);
});
