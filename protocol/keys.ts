/**
 * Keys on WebCrypto: X25519 (RFC 7748) for the Noise channel, ECDSA P-256 for proving oneself to the relay,
 * HKDF-SHA-256 (RFC 5869) for what is derived from a pairing secret.
 */
import { type Bytes, encodeFields, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';

export const KEY_BYTES = 32;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const;

export interface NoiseKeyPair {
  readonly privateKey: CryptoKey;
  /** 32 bytes, raw. */
  readonly publicKey: Bytes;
}

export interface AuthKeyPair {
  readonly privateKey: CryptoKey;
  /** SPKI, DER. */
  readonly publicKey: Bytes;
}

/** `extractable`: only for a key that is written down right after, wrapped or in a 0600 file. */
export async function generateNoiseKeys(extractable: boolean): Promise<NoiseKeyPair> {
  const pair = (await crypto.subtle.generateKey('X25519', extractable, ['deriveBits'])) as CryptoKeyPair;
  return {
    privateKey: pair.privateKey,
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
  };
}

export async function generateAuthKeys(extractable: boolean): Promise<AuthKeyPair> {
  const pair = await crypto.subtle.generateKey(P256, extractable, ['sign', 'verify']);
  return {
    privateKey: pair.privateKey,
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)),
  };
}

/** PKCS #8 of an extractable private key. */
export async function exportPrivateKey(key: CryptoKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey('pkcs8', key));
}

export function importNoisePrivateKey(pkcs8: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
}

export function importAuthPrivateKey(pkcs8: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8, P256, false, ['sign']);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** base64url(SHA-256(SPKI)): names a host or a device, and proves itself to anyone who sees the key sign. */
export async function keyId(authPublicKey: Bytes): Promise<string> {
  return toBase64Url(await sha256(authPublicKey));
}

/** HKDF-SHA-256, 32 bytes. */
export async function hkdf(secret: Bytes, salt: Bytes, info: string): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 256));
}

/** What comes of the one-time secret in a pairing code: the relay learns `pairId` only, and cannot get from it to `psk`. */
export async function derivePairing(secret: Bytes): Promise<{ pairId: string; psk: Bytes }> {
  const none = new Uint8Array(0);
  const [pairId, psk] = await Promise.all([
    hkdf(secret, none, 'baton/1 pairing id'),
    hkdf(secret, none, 'baton/1 pairing psk'),
  ]);
  return { pairId: toBase64Url(pairId), psk };
}

/** The pre-shared key of one device for all later connections; bound to the handshake in which it was paired. */
export function deriveDevicePsk(pairPsk: Bytes, handshakeHash: Bytes): Promise<Bytes> {
  return hkdf(pairPsk, handshakeHash, 'baton/1 device psk');
}

/**
 * Six decimal digits that both sides show: equal, but for one chance in a million, only if both saw the same handshake. `reveal`: 32
 * random bytes of the host, told after the device's last handshake message. By that message the device is bound to its handshake, so
 * it cannot choose among many until the digits suit it. Bias below 10^-13.
 *
 * `reveal` null: the digits of a host of before, which tells nothing.
 */
export async function deriveDigits(handshakeHash: Bytes, reveal: Bytes | null): Promise<string> {
  const bytes = reveal
    ? await hkdf(handshakeHash, reveal, 'baton/1 pairing digits, revealed')
    : await hkdf(handshakeHash, new Uint8Array(0), 'baton/1 pairing digits');
  const number = new DataView(bytes.buffer).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, '0');
}

/** What a client signs to prove itself to a relay. Bound to the relay's origin, so that one relay cannot pass it on to another. */
export function relayAuthBytes(what: {
  role: string;
  hostId: string;
  id: string;
  relayOrigin: string;
  nonce: Bytes;
}): Bytes {
  return encodeFields('baton/1 relay auth', what.role, what.hostId, what.id, what.relayOrigin, what.nonce);
}

/** ECDSA P-256 with SHA-256, raw r‖s (64 bytes). */
export async function sign(privateKey: CryptoKey, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(ECDSA_SHA256, privateKey, bytes));
}

/** False for a bad signature and for a key that is no P-256 SPKI; never throws. */
export async function verify(spki: Bytes, signature: Bytes, bytes: Bytes): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('spki', spki, P256, false, ['verify']);
    return await crypto.subtle.verify(ECDSA_SHA256, key, signature, bytes);
  } catch {
    return false;
  }
}

/** 32 bytes from base64url, or null. */
export function parseKey(text: string): Bytes | null {
  const bytes = fromBase64Url(text);
  return bytes?.length === KEY_BYTES ? bytes : null;
}

export const PROLOGUE_DEVICE = 'baton/1 device';
export const PROLOGUE_PAIRING = 'baton/1 pairing';
export const PROLOGUE_MAILBOX = 'baton/1 mailbox';

const PROLOGUES = { device: PROLOGUE_DEVICE, pairing: PROLOGUE_PAIRING, mailbox: PROLOGUE_MAILBOX } as const;

/** Binds a handshake to its purpose, to the host, and to the device (or the pairing code) that it is for. */
export function encodePrologue(purpose: keyof typeof PROLOGUES, hostId: string, id: string): Bytes {
  return encodeFields(PROLOGUES[purpose], hostId, id);
}
