import { describe, expect, test } from 'vitest';
import { statusAfterEnd, statusAfterHostGone, statusAfterReady } from '#phone/core/link/link-status.ts';
import type { HostStatus } from '#ui/host-client.ts';

const NOW = 1_000_000;
const connecting: HostStatus = { kind: 'connecting', since: 1 };

describe('a relay without the host', () => {
  test('explains an absence by the host’s own goodbye, if the times fit', () => {
    const bye = { reason: 'asleep' as const, at: 500_000 };
    expect(statusAfterReady(connecting, { host: 'offline', since: 503_000 }, bye, NOW)).toEqual({
      kind: 'asleep',
      since: 500_000,
    });
    const quit = { reason: 'quit' as const, at: 500_000 };
    expect(statusAfterReady(connecting, { host: 'offline', since: 499_000 }, quit, NOW)).toEqual({
      kind: 'closed',
      since: 500_000,
    });
  });

  test('does not explain it by an old goodbye', () => {
    const bye = { reason: 'asleep' as const, at: 100_000 };
    expect(statusAfterReady(connecting, { host: 'offline', since: 900_000 }, bye, NOW)).toEqual({
      kind: 'host-offline',
      since: 900_000,
    });
    expect(statusAfterReady(connecting, { host: 'offline', since: null }, bye, NOW)).toEqual({
      kind: 'host-offline',
      since: null,
    });
  });

  test('never names a time in the future', () => {
    expect(statusAfterReady(connecting, { host: 'offline', since: NOW + 9 }, null, NOW)).toEqual({
      kind: 'host-offline',
      since: NOW,
    });
  });

  test('leaves a goodbye that was just heard on the screen', () => {
    const asleep: HostStatus = { kind: 'asleep', since: 5 };
    expect(statusAfterHostGone(asleep, NOW)).toBe(asleep);
    expect(statusAfterHostGone(connecting, NOW)).toEqual({ kind: 'host-offline', since: NOW });
  });
});

describe('a socket that ended', () => {
  test('leaves what is known of the host on the screen while the relay is dialled again', () => {
    const asleep: HostStatus = { kind: 'asleep', since: 5 };
    const end = { kind: 'closed' as const, code: 1006, reason: '', retryAfterMs: null };
    expect(statusAfterEnd(asleep, end, true, NOW)).toBe(asleep);
    expect(statusAfterEnd(asleep, { kind: 'unreachable' }, true, NOW)).toBe(asleep);
  });

  test('says that the relay is unreachable unless the host’s own goodbye explains it, and since when', () => {
    const unreachable: HostStatus = { kind: 'relay-unreachable', since: 5 };
    expect(statusAfterEnd(connecting, { kind: 'unreachable' }, true, NOW)).toEqual({
      kind: 'relay-unreachable',
      since: NOW,
    });
    expect(statusAfterEnd(unreachable, { kind: 'unreachable' }, true, NOW)).toBe(unreachable);
  });

  test('makes a proven connection one that is being dialled', () => {
    const connected: HostStatus = { kind: 'connected', provenAt: 5, roundTripMs: 5 };
    const end = { kind: 'closed' as const, code: 1006, reason: '', retryAfterMs: null };
    expect(statusAfterEnd(connected, end, true, NOW)).toEqual({ kind: 'connecting', since: NOW });
  });
});
