/**
 * What a device signs to prove itself to its host: ECDSA P-256 under its auth key, the one key of a device that no script can copy.
 * Noise key and pre-shared key say the same, but a script that runs in the page once can carry those two away.
 */
import { type Bytes, encodeFields, fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { sign, verify } from './keys.ts';

/** One handshake, as the device's last message of it can speak about it. */
export interface ProvenHandshake {
  readonly purpose: 'device' | 'pairing';
  readonly hostId: string;
  /** The device's id, or the pairing id. */
  readonly id: string;
  /** The handshake hash after the second message: both ephemeral keys are in it, so no proof serves twice. */
  readonly transcript: Bytes;
}

/** The text of one letter's content. */
export interface ProvenLetter {
  readonly hostId: string;
  readonly deviceId: string;
  readonly text: string;
}

/** Base64url, 86 characters; so below. */
export function proveHandshake(authKey: CryptoKey, what: ProvenHandshake): Promise<string> {
  return prove(authKey, handshakeBytes(what));
}

/** Whether the owner of this auth key (SPKI) made the proof, of this handshake. Never throws; so below. */
export function isHandshakeProven(authKey: Bytes, proof: string, what: ProvenHandshake): Promise<boolean> {
  return isProven(authKey, proof, handshakeBytes(what));
}

export function proveLetter(authKey: CryptoKey, what: ProvenLetter): Promise<string> {
  return prove(authKey, letterBytes(what));
}

export function isLetterProven(authKey: Bytes, proof: string, what: ProvenLetter): Promise<boolean> {
  return isProven(authKey, proof, letterBytes(what));
}

function handshakeBytes(what: ProvenHandshake): Bytes {
  return encodeFields('baton/1 handshake proof', what.purpose, what.hostId, what.id, what.transcript);
}

function letterBytes(what: ProvenLetter): Bytes {
  return encodeFields('baton/1 letter proof', what.hostId, what.deviceId, utf8(what.text));
}

async function prove(authKey: CryptoKey, bytes: Bytes): Promise<string> {
  return toBase64Url(await sign(authKey, bytes));
}

async function isProven(authKey: Bytes, proof: string, bytes: Bytes): Promise<boolean> {
  const signature = fromBase64Url(proof);
  return signature !== null && (await verify(authKey, signature, bytes));
}
