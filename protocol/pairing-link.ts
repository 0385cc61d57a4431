/**
 * What a pairing QR code holds: `https://APP/p#1.<host Noise public key>.<hostId>.<secret>.<relay origin>`.
 * Everything secret is in the fragment, which browsers never send.
 */
import { type Bytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from './bytes.ts';
import { parseKey } from './keys.ts';
import { parseRelayOrigin } from './relay-auth.ts';

export const PAIRING_PATH = '/p';
const VERSION = '1';

export interface PairingLink {
  /** Where the phone client is served, e.g. `https://relay.example`. */
  readonly appOrigin: string;
  readonly hostKey: Bytes;
  readonly hostId: string;
  /** One-time, 32 bytes. */
  readonly secret: Bytes;
  readonly relayOrigin: string;
}

export function formatPairingLink(link: PairingLink): string {
  const parts = [
    VERSION,
    toBase64Url(link.hostKey),
    link.hostId,
    toBase64Url(link.secret),
    toBase64Url(utf8(link.relayOrigin)),
  ];
  return `${link.appOrigin}${PAIRING_PATH}#${parts.join('.')}`;
}

/** Null if it is no pairing link of this version. */
export function parsePairingLink(url: string): PairingLink | null {
  if (!URL.canParse(url)) return null;
  const { origin, pathname, hash } = new URL(url);
  const [version, hostKeyText, hostId, secretText, relayText, ...rest] = hash.slice(1).split('.');
  if (pathname !== PAIRING_PATH || version !== VERSION || rest.length > 0) return null;
  const hostKey = parseKey(hostKeyText ?? '');
  const secret = parseKey(secretText ?? '');
  const relayBytes = fromBase64Url(relayText ?? '');
  if (!hostKey || !secret || !relayBytes || !parseKey(hostId ?? '')) return null;
  try {
    const relayOrigin = parseRelayOrigin(fromUtf8(relayBytes));
    return relayOrigin ? { appOrigin: origin, hostKey, hostId: hostId as string, secret, relayOrigin } : null;
  } catch {
    return null;
  }
}
