/** Proving oneself to a relay by signing its nonce: no bearer tokens. */
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { type AuthKeyPair, keyId, relayAuthBytes, sign, verify } from './keys.ts';
import { PROTOCOL_VERSION } from './limits.ts';
import type { RelayAuth, RelayRole } from './relay-messages.ts';

/** Answers a relay's challenge. `relayOrigin` is the origin the client believes it speaks to, e.g. `https://relay.example`. */
export async function answerChallenge(options: {
  role: RelayRole;
  hostId: string;
  id: string;
  keys: AuthKeyPair;
  relayOrigin: string;
  nonce: string;
}): Promise<RelayAuth> {
  const nonce = fromBase64Url(options.nonce);
  if (!nonce) throw new Error('The relay sent a nonce that is not base64url.');
  const { role, hostId, id, relayOrigin } = options;
  const signature = await sign(options.keys.privateKey, relayAuthBytes({ role, hostId, id, relayOrigin, nonce }));
  return {
    type: 'auth',
    version: PROTOCOL_VERSION,
    role,
    hostId,
    id,
    key: toBase64Url(options.keys.publicKey),
    signature: toBase64Url(signature),
  };
}

/**
 * Whether `auth` proves what it says for one of the relay's own origins and this nonce. Checks the signature, and for hosts and
 * devices that the id is the hash of the key; whether a device is admitted, or a pairing id known, is for the caller.
 */
export async function verifyAuth(auth: RelayAuth, nonce: string, relayOrigins: readonly string[]): Promise<boolean> {
  const key = fromBase64Url(auth.key);
  const signature = fromBase64Url(auth.signature);
  const nonceBytes = fromBase64Url(nonce);
  if (!key || !signature || !nonceBytes || auth.version !== PROTOCOL_VERSION) return false;
  const own = await keyId(key);
  if (auth.role === 'host' && (auth.hostId !== own || auth.id !== own)) return false;
  if (auth.role === 'device' && auth.id !== own) return false;
  const { role, hostId, id } = auth;
  for (const relayOrigin of relayOrigins) {
    if (await verify(key, signature, relayAuthBytes({ role, hostId, id, relayOrigin, nonce: nonceBytes }))) return true;
  }
  return false;
}

/** Where clients connect: `wss://relay.example/v1` for the origin `https://relay.example`. */
export const RELAY_SOCKET_PATH = '/v1';

/**
 * The relay's origin (http or https) from what a person typed: `relay.example`, `https://relay.example/`, `wss://…`.
 * Null if it is no such address. Plain http is accepted for loopback only: elsewhere a page has no WebCrypto.
 */
export function parseRelayOrigin(text: string): string | null {
  const trimmed = text.trim();
  const withScheme = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  let url: URL;
  try {
    url = new URL(withScheme.replace(/^ws(s?):/i, 'http$1:'));
  } catch {
    return null;
  }
  if (url.username || url.password || url.search || url.hash) return null;
  if (url.protocol === 'https:') return url.origin;
  return url.protocol === 'http:' && isLoopback(url.hostname) ? url.origin : null;
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

/** The WebSocket address of a relay's origin. */
export function relaySocketUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}${RELAY_SOCKET_PATH}`;
}
