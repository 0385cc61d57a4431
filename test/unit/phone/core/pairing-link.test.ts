import { describe, expect, test } from 'vitest';
import { suggestDeviceName } from '#phone/core/browser-check.ts';
import { readPairingLink } from '#phone/core/pairing.ts';
import { toBase64Url } from '#protocol/bytes.ts';
import { formatPairingLink } from '#protocol/pairing-link.ts';

const ORIGIN = 'https://relay.example';
const key = new Uint8Array(32).fill(3);
const url = formatPairingLink({
  appOrigin: ORIGIN,
  hostKey: key,
  hostId: toBase64Url(key),
  secret: key,
  relayOrigin: ORIGIN,
});

describe('a pairing link', () => {
  test('is read with blanks around it, as people paste it', () => {
    expect(readPairingLink(` ${url}\n`, ORIGIN)).toMatchObject({
      ok: true,
      link: { relayOrigin: ORIGIN, secret: key },
    });
  });

  test.each([
    ['damaged', url.slice(0, -1), /no pairing code/],
    ['another page', 'https://relay.example/', /no pairing code/],
    ['no address at all', 'hello', /no pairing code/],
    ['of another version', url.replace('#1.', '#2.'), /another version/],
  ])('that is %s is refused with words', (_what, link, title) => {
    expect(readPairingLink(link, ORIGIN)).toMatchObject({
      ok: false,
      refusal: { title: expect.stringMatching(title), text: expect.any(String) },
    });
  });

  test('to another relay than the one that served the page is refused, and says where it leads', () => {
    const read = readPairingLink(url, 'https://other.example');
    expect(read).toMatchObject({
      ok: false,
      refusal: { title: 'This code is for another relay', text: expect.stringContaining(ORIGIN) },
    });
  });
});

test.each([
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge on Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  ['something else', 'Browser'],
])('a device is suggested the name that a person would give it: %s', (userAgent, name) => {
  expect(suggestDeviceName(userAgent)).toBe(name);
});
