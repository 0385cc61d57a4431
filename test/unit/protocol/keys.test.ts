import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, encodeFields, equalBytes, fromBase64Url, toBase64Url } from '#protocol/bytes.ts';
import {
  deriveDevicePsk,
  deriveDigits,
  derivePairing,
  generateAuthKeys,
  generateNoiseKeys,
  keyId,
} from '#protocol/keys.ts';
import { formatPairingLink, parsePairingLink } from '#protocol/pairing-link.ts';
import { answerChallenge, parseRelayOrigin, verifyAuth } from '#protocol/relay-auth.ts';

test('base64url has one spelling for each value, and refuses all others', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(new Uint8Array(bytes));
    }),
  );
  for (const text of ['AB', 'A', 'AA==', 'A+', 'a b', 'AAB']) expect(fromBase64Url(text)).toBeNull();
});

test('fields with moved borders give other bytes', () => {
  expect(equalBytes(encodeFields('ab', 'c'), encodeFields('a', 'bc'))).toBe(false);
  expect(equalBytes(encodeFields('ab'), encodeFields('ab', ''))).toBe(false);
});

test('pairing id, psk, device psk and digits depend on every bit of what they come from', async () => {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const other = secret.slice();
  other[31] = (other[31] as number) ^ 1;
  const [a, b] = [await derivePairing(secret), await derivePairing(other)];
  expect(a.pairId).not.toBe(b.pairId);
  expect(toBase64Url(a.psk)).not.toBe(a.pairId);
  expect(await derivePairing(secret)).toEqual(a);
  expect(await deriveDevicePsk(a.psk, secret)).not.toEqual(await deriveDevicePsk(a.psk, other));
  expect(await deriveDigits(secret, secret)).toMatch(/^\d{6}$/);
  expect(await deriveDigits(secret, secret)).not.toBe(await deriveDigits(other, secret));
  expect(await deriveDigits(secret, secret)).not.toBe(await deriveDigits(secret, other));
});

describe('proving oneself to a relay', () => {
  const origin = 'https://relay.example';
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  const sign = async (role: 'host' | 'device' | 'pairing' = 'host') => {
    const keys = await generateAuthKeys(false);
    const id = await keyId(keys.publicKey);
    return await answerChallenge({ role, hostId: id, id, keys, relayOrigin: origin, nonce });
  };

  test('is accepted for the origin, nonce and role it was made for', async () => {
    expect(await verifyAuth(await sign(), nonce, ['http://localhost:1', origin])).toBe(true);
    expect(await verifyAuth(await sign('device'), nonce, [origin])).toBe(true);
  });

  test('is refused for another origin, nonce, role, id or key', async () => {
    const auth = await sign();
    const stranger = await sign();
    const other = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
    expect(await verifyAuth(auth, nonce, ['https://evil.example'])).toBe(false);
    expect(await verifyAuth(auth, other, [origin])).toBe(false);
    expect(await verifyAuth({ ...auth, role: 'device' }, nonce, [origin])).toBe(false);
    expect(await verifyAuth({ ...auth, id: stranger.id, hostId: stranger.id }, nonce, [origin])).toBe(false);
    expect(await verifyAuth({ ...auth, key: stranger.key }, nonce, [origin])).toBe(false);
    expect(await verifyAuth({ ...auth, signature: stranger.signature }, nonce, [origin])).toBe(false);
    expect(await verifyAuth({ ...auth, key: 'AAAA' }, nonce, [origin])).toBe(false);
    expect(await verifyAuth({ ...auth, version: 2 }, nonce, [origin])).toBe(false);
  });
});

test('what a person types becomes a relay’s origin, or is refused', () => {
  const cases: [string, string | null][] = [
    ['relay.example', 'https://relay.example'],
    [' wss://relay.example:8443/ ', 'https://relay.example:8443'],
    ['http://127.0.0.1:8377', 'http://127.0.0.1:8377'],
    ['ws://localhost:1', 'http://localhost:1'],
    ['http://192.168.1.5', null],
    ['http://127.evil.example', null],
    ['https://user:secret@relay.example', null],
    ['ftp://relay.example', null],
    ['', null],
  ];
  expect(cases.map(([text]) => parseRelayOrigin(text))).toEqual(cases.map(([, origin]) => origin));
});

test('a pairing link comes back as it went in, with all secrets in the fragment; anything else is refused', async () => {
  const { publicKey } = await generateNoiseKeys(false);
  const hostId = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  const link = {
    appOrigin: 'https://relay.example',
    hostKey: publicKey,
    hostId,
    secret: crypto.getRandomValues(new Uint8Array(32)),
    relayOrigin: 'https://relay.example',
  };
  const text = formatPairingLink(link);
  expect(parsePairingLink(text)).toEqual(link);
  expect(text.split('#')[0]).toBe('https://relay.example/p');
  for (const wrong of [
    text.replace('#1.', '#2.'),
    text.replace('/p#', '/q#'),
    `${text}.x`,
    text.slice(0, -5),
    'no link',
    '',
  ]) {
    expect(parsePairingLink(wrong)).toBeNull();
  }
});

test('our known-answer vector is the one for this pattern', () => {
  const vector = JSON.parse(readFileSync(new URL('./noise-xkpsk3-own.json', import.meta.url), 'utf8'));
  expect(vector.protocol).toBe('Noise_XKpsk3_25519_AESGCM_SHA256');
  expect(concat(new Uint8Array(vector.protocol.length)).length).toBe(32);
});
