/**
 * The keys of this device, one set per host.
 *
 * WebKit loses X25519 keys that are kept in IndexedDB (a `get` gives null), so that private key is kept wrapped under an AES-GCM key
 * that cannot be extracted, and is unwrapped as one that cannot either. ECDSA P-256 keys survive as they are.
 */
import { type Bytes, equalBytes, utf8 } from '#protocol/bytes.ts';
import {
  type AuthKeyPair,
  generateAuthKeys,
  generateNoiseKeys,
  keyId,
  type NoiseKeyPair,
  sign,
  verify,
} from '#protocol/keys.ts';
import type { KeysRecord } from './database.ts';

const WRAP = 'AES-GCM';
const WRAP_IV_BYTES = 12;

/** Keys ready for use; none of the private ones is extractable. */
export interface DeviceKeys {
  readonly deviceId: string;
  readonly noise: NoiseKeyPair;
  readonly auth: AuthKeyPair;
}

/** Everything but the psk, which only a finished handshake gives. */
export type NewKeysRecord = Omit<KeysRecord, 'psk'>;

/** Fresh keys in the shape in which they are stored. The extractable private key does not outlive this call. */
export async function createKeysRecord(): Promise<NewKeysRecord> {
  const [noise, auth, wrappingKey] = await Promise.all([
    generateNoiseKeys(true),
    generateAuthKeys(false),
    crypto.subtle.generateKey({ name: WRAP, length: 256 }, false, ['wrapKey', 'unwrapKey']),
  ]);
  const wrapIv = crypto.getRandomValues(new Uint8Array(WRAP_IV_BYTES));
  const wrapped = await crypto.subtle.wrapKey('pkcs8', noise.privateKey, wrappingKey, { name: WRAP, iv: wrapIv });
  return {
    deviceId: await keyId(auth.publicKey),
    wrappingKey,
    wrapIv,
    wrappedNoiseKey: new Uint8Array(wrapped),
    noisePublicKey: noise.publicKey,
    authPrivateKey: auth.privateKey,
    authPublicKey: auth.publicKey,
  };
}

/** Rejects if the stored keys are damaged. */
export async function unwrapKeys(record: NewKeysRecord): Promise<DeviceKeys> {
  const { wrappedNoiseKey, wrappingKey, wrapIv } = record;
  const unwrap = { name: WRAP, iv: wrapIv };
  const privateKey = await crypto.subtle.unwrapKey('pkcs8', wrappedNoiseKey, wrappingKey, unwrap, 'X25519', false, [
    'deriveBits',
  ]);
  return {
    deviceId: record.deviceId,
    noise: { privateKey, publicKey: record.noisePublicKey },
    auth: { privateKey: record.authPrivateKey, publicKey: record.authPublicKey },
  };
}

/** Whether the keys do what they are for: agree with another key on a secret, and sign what their public half verifies. */
export async function proveKeys(keys: DeviceKeys): Promise<boolean> {
  const other = await generateNoiseKeys(false);
  const [ours, theirs] = await Promise.all([
    agree(keys.noise.privateKey, other.publicKey),
    agree(other.privateKey, keys.noise.publicKey),
  ]);
  const message = utf8('baton/1 key check');
  const isSigned = await verify(keys.auth.publicKey, await sign(keys.auth.privateKey, message), message);
  return equalBytes(ours, theirs) && isSigned && (await keyId(keys.auth.publicKey)) === keys.deviceId;
}

async function agree(privateKey: CryptoKey, publicKey: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', publicKey, 'X25519', true, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: imported }, privateKey, 256));
}
