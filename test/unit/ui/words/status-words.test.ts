import { expect, test } from 'vitest';
import type { HostStatus } from '#ui/host-client.ts';
import { statusWords } from '#ui/words/status-words.ts';

const NOW = Date.UTC(2026, 10, 11, 9, 0);
const STYLE = { locale: 'en-GB', timeZone: 'Europe/Berlin' };
const EVENING = Date.UTC(2026, 10, 10, 22, 10);

function line(status: HostStatus): string {
  return statusWords(status, NOW, STYLE).line;
}

test('every status is told with its age', () => {
  expect([
    line({ kind: 'connected', provenAt: NOW - 2000, roundTripMs: 38.4 }),
    line({ kind: 'connecting', since: NOW - 1000 }),
    line({ kind: 'connecting', since: NOW - 12_000 }),
    line({ kind: 'no-answer', since: NOW - 25_000, silent: 'host' }),
    line({ kind: 'no-answer', since: NOW - 25_000, silent: 'relay' }),
    line({ kind: 'no-answer', since: NOW - 25_000, silent: 'passage' }),
    line({ kind: 'asleep', since: EVENING }),
    line({ kind: 'closed', since: NOW - 300_000 }),
    line({ kind: 'host-offline', since: EVENING }),
    line({ kind: 'host-offline', since: null }),
    line({ kind: 'relay-unreachable', since: NOW - 600_000 }),
    line({ kind: 'offline', since: NOW - 600_000 }),
    line({ kind: 'stopped', reason: 'revoked', text: 'x' }),
    line({ kind: 'stopped', reason: 'other-tab', text: 'x' }),
  ]).toEqual([
    'Connected · proven 2 s ago · 38 ms',
    'Connecting …',
    'Connecting for 12 s …',
    'No answer from the computer for 25 s',
    'No answer from the relay for 25 s',
    'Nothing gets through the relay for 25 s',
    'Asleep since yesterday 23:10',
    'Baton was quit on the computer 5 min ago',
    'Computer offline since yesterday 23:10',
    'Computer offline, for longer than the relay knows',
    'Relay unreachable since 09:50 — trying again',
    'This device is offline since 09:50',
    'Stopped: this device’s access was revoked',
    'Stopped: Baton is open in another tab',
  ]);
});

test('only a round trip to the computer counts as proof', () => {
  const statuses: HostStatus[] = [
    { kind: 'connected', provenAt: NOW, roundTripMs: 1 },
    { kind: 'connecting', since: NOW },
    { kind: 'no-answer', since: NOW, silent: 'host' },
    { kind: 'asleep', since: NOW },
  ];
  expect(statuses.map((status) => statusWords(status, NOW).isProven)).toEqual([true, false, false, false]);
});

test('a stop says in the core’s words why, and offers what a person can do', () => {
  const words = (reason: 'revoked' | 'other-tab' | 'update-needed' | 'storage' | 'not-admitted') =>
    statusWords({ kind: 'stopped', reason, text: `because of ${reason}` }, NOW);
  expect(words('revoked')).toMatchObject({
    explanation: 'because of revoked',
    action: { kind: 'pair' },
    isDeliverable: false,
  });
  expect(words('not-admitted')).toMatchObject({ action: { kind: 'pair' }, isDeliverable: false });
  expect(words('other-tab')).toMatchObject({ action: { kind: 'retry' }, isDeliverable: true });
  expect(words('update-needed')).toMatchObject({ action: { kind: 'reload' }, isDeliverable: true });
  expect(words('storage')).toMatchObject({ action: { kind: 'retry' }, isDeliverable: false });
});

test('no two statuses share a shape', () => {
  const statuses: HostStatus[] = [
    { kind: 'connected', provenAt: NOW, roundTripMs: 1 },
    { kind: 'connecting', since: NOW },
    { kind: 'no-answer', since: NOW, silent: 'host' },
    { kind: 'asleep', since: NOW },
    { kind: 'closed', since: NOW },
    { kind: 'host-offline', since: NOW },
    { kind: 'relay-unreachable', since: NOW },
    { kind: 'offline', since: NOW },
    { kind: 'stopped', reason: 'revoked', text: '' },
  ];
  expect(new Set(statuses.map((status) => statusWords(status, NOW).shape)).size).toBe(statuses.length);
});
