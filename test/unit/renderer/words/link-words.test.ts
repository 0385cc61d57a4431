import { describe, expect, test } from 'vitest';
import type { DeviceView, LinkView } from '#preload/contract.ts';
import { hostOf, linkWords, proofWords } from '#renderer/words/link-words.ts';

const NOW = Date.parse('2026-11-22T16:00:00Z');
const STYLE = { locale: 'en-GB', timeZone: 'UTC' };
const RELAY = {
  origin: 'https://relay.example',
  isOwn: false,
  phoneOrigin: 'https://relay.example',
  isReachableByPhones: true,
};

function link(change: Partial<LinkView>): LinkView {
  return {
    kind: 'connected',
    since: NOW - 60_000,
    reason: null,
    retryAt: null,
    heardAt: null,
    relay: RELAY,
    ...change,
  };
}
function device(change: Partial<DeviceView>): DeviceView {
  return {
    id: 'a',
    name: 'Pixel 8',
    scope: 'full',
    pairedAt: 0,
    lastSeenAt: null,
    connection: null,
    watching: null,
    ...change,
  };
}

describe('the status line', () => {
  test('says connected only with how long ago the relay was heard', () => {
    expect(linkWords(link({ heardAt: NOW - 3000 }), NOW, STYLE)).toEqual({
      shape: 'proven',
      tone: 'good',
      text: 'Connected to relay.example',
      age: 'heard 3 s ago',
      detail: null,
      canRetry: false,
    });
    expect(linkWords(link({}), NOW, STYLE).age).toBe('not heard yet');
  });

  test('no longer says connected once the relay, asked every 5 s, is silent for more than two of them', () => {
    expect(linkWords(link({ heardAt: NOW - 11_000 }), NOW, STYLE).tone).toBe('good');
    const silent = linkWords(link({ heardAt: NOW - 12_000 }), NOW, STYLE);
    expect([silent.tone, silent.text, silent.canRetry]).toEqual(['warn', 'No word from relay.example for 12 s', true]);
  });

  test('says since when the relay is away, why, and when the next try is', () => {
    const away = { kind: 'unreachable', reason: 'The name was not found', retryAt: NOW + 8200 } as const;
    expect(linkWords(link(away), NOW, STYLE)).toMatchObject({
      text: 'Cannot reach relay.example since 15:59',
      detail: 'The name was not found. Next try in 9 s.',
      canRetry: true,
    });
    expect(linkWords(link({ ...away, reason: null, retryAt: NOW }), NOW, STYLE).detail).toBe('Trying now.');
    expect(linkWords(link({ ...away, reason: 'It refuses.', retryAt: null }), NOW, STYLE).detail).toBe('It refuses.');
  });

  test('has words of its own for every other state, and names the relay inside Baton', () => {
    const own = { ...RELAY, isOwn: true, origin: 'http://127.0.0.1:8377' };
    expect(linkWords(link({ kind: 'connecting', relay: own }), NOW, STYLE).text).toBe(
      'Connecting to Baton’s own relay …',
    );
    expect(linkWords(link({ kind: 'asleep' }), NOW, STYLE).text).toBe('Asleep since 15:59');
    expect(linkWords(link({ kind: 'stopped', reason: 'Replaced.' }), NOW, STYLE)).toMatchObject({
      text: 'Stopped since 15:59',
      detail: 'Replaced.',
      tone: 'bad',
    });
    expect(linkWords(link({ kind: 'off' }), NOW, STYLE).text).toBe('Not connected to a relay');
    const starting = { ...link({}).relay, origin: '' };
    expect(linkWords(link({ kind: 'off', relay: starting }), NOW, STYLE)).toMatchObject({
      text: 'Baton is starting',
      detail: null,
      canRetry: false,
    });
  });
});

describe('the proof of devices', () => {
  test('is the device that answered last, with its round trip, and how many are connected', () => {
    const phone = device({ connection: { provenAt: NOW - 9000, lastRoundTripMs: 12 } });
    const tablet = device({ id: 'b', name: 'iPad', connection: { provenAt: NOW - 2000, lastRoundTripMs: 37.6 } });
    expect(proofWords([phone, tablet], NOW)).toBe('iPad answered 2 s ago · 38 ms · 2 devices');
    expect(proofWords([phone], NOW)).toBe('Pixel 8 answered 9 s ago · 12 ms');
  });

  test('is not made up where nothing is connected or paired', () => {
    expect(proofWords([], NOW)).toBe('No phone is paired yet.');
    expect(proofWords([device({})], NOW)).toBe('Pixel 8 is not connected.');
    expect(proofWords([device({ lastSeenAt: NOW - 3_600_000 }), device({ id: 'b' })], NOW)).toBe(
      'No paired device is connected. Last seen 1 h ago.',
    );
  });
});

test('an address is shown by its name, and what is none as it is', () => {
  expect([hostOf('https://relay.example:8443'), hostOf('nonsense')]).toEqual(['relay.example:8443', 'nonsense']);
});
