/**
 * What every Noise handshake of Baton is made of: Noise Protocol Framework, revision 34, with X25519, AES-GCM and SHA-256 on WebCrypto.
 * The patterns themselves are in `noise.ts` (the channel) and `noise-one-way.ts` (letters). Section numbers are the specification's.
 */
import { type Bytes, concat, equalBytes, utf8 } from './bytes.ts';
import { KEY_BYTES, sha256 } from './keys.ts';

export const EMPTY: Bytes = new Uint8Array(0);
const HASH_BYTES = 32;
export const TAG_BYTES = 16;

/** A message was forged, damaged, replayed, out of order, or made for another key, psk or prologue. Which, is not told. */
export class NoiseError extends Error {
  override name = 'NoiseError';
}

/** AES-256-GCM at once, ciphertext and tag in one: what WebCrypto only does later. For bodies that have such a cipher, as Node has. */
export type SealAtOnce = (key: Bytes, iv: Bytes, plaintext: Bytes, additionalData: Bytes) => Bytes;

/** A plaintext that has its nonce and is yet to be encrypted. Both ways give the same bytes, so no nonce ever seals two plaintexts. */
export interface Sealing {
  later(): Promise<Bytes>;
  /** Throws if the cipher was made without `SealAtOnce`. */
  atOnce(): Bytes;
}

/** Section 5.1: an AES-256-GCM key with a counter nonce (section 12.4: 32 zero bits, then the counter, big-endian). */
export class CipherState {
  readonly #key: CryptoKey;
  readonly #sealAtOnce: ((iv: Bytes, plaintext: Bytes, additionalData: Bytes) => Bytes) | null;
  #nonce = 0n;

  private constructor(
    key: CryptoKey,
    sealAtOnce: ((iv: Bytes, plaintext: Bytes, additionalData: Bytes) => Bytes) | null,
  ) {
    this.#key = key;
    this.#sealAtOnce = sealAtOnce;
  }

  /** With `seal` the raw key is kept beside the one that cannot be read. */
  static async create(key: Bytes, seal?: SealAtOnce): Promise<CipherState> {
    const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
    if (!seal) return new CipherState(imported, null);
    const own = key.slice();
    return new CipherState(imported, (iv, plaintext, additionalData) => seal(own, iv, plaintext, additionalData));
  }

  /** Takes the next nonce for this plaintext, which must not be changed any more. */
  reserve(plaintext: Bytes, additionalData: Bytes = EMPTY): Sealing {
    const iv = this.#nextNonce();
    return {
      later: async () =>
        new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, this.#key, plaintext)),
      atOnce: () => {
        if (!this.#sealAtOnce) throw new Error('This channel cannot encrypt at once.');
        return this.#sealAtOnce(iv, plaintext, additionalData);
      },
    };
  }

  /** The nonce is taken when this is called, so calls may overlap and still keep their order. */
  async encrypt(plaintext: Bytes, additionalData: Bytes = EMPTY): Promise<Bytes> {
    return await this.reserve(plaintext, additionalData).later();
  }

  /** Throws `NoiseError` if the tag is wrong. */
  async decrypt(ciphertext: Bytes, additionalData: Bytes = EMPTY): Promise<Bytes> {
    const params = { name: 'AES-GCM', iv: this.#nextNonce(), additionalData };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(params, this.#key, ciphertext));
    } catch (cause) {
      throw new NoiseError('The message is not authentic.', { cause });
    }
  }

  #nextNonce(): Bytes {
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setBigUint64(4, this.#nonce);
    this.#nonce += 1n; // 2^64 - 1 is out of reach: a channel lives 30 minutes.
    return iv;
  }
}

/** Section 5.2. */
export class SymmetricState {
  #chainingKey: Bytes;
  #cipher: CipherState | null = null;
  #hash: Bytes;

  private constructor(name: Bytes) {
    this.#chainingKey = name;
    this.#hash = name;
  }

  /** `name`: the protocol's, at most HASHLEN bytes, filled up with zero bytes. */
  static async create(name: string, prologue: Bytes): Promise<SymmetricState> {
    const bytes = utf8(name);
    if (bytes.length > HASH_BYTES) throw new RangeError('The name of the protocol is too long.');
    const state = new SymmetricState(concat(bytes, new Uint8Array(HASH_BYTES - bytes.length)));
    await state.mixHash(prologue);
    return state;
  }

  get hash(): Bytes {
    return this.#hash;
  }

  async mixHash(data: Uint8Array): Promise<void> {
    this.#hash = await sha256(concat(this.#hash, data));
  }

  async mixKey(material: Bytes): Promise<void> {
    const [chainingKey, key] = await this.#derive(material, 2);
    this.#chainingKey = chainingKey as Bytes;
    this.#cipher = await CipherState.create(key as Bytes);
  }

  async mixKeyAndHash(material: Bytes): Promise<void> {
    const [chainingKey, hash, key] = await this.#derive(material, 3);
    this.#chainingKey = chainingKey as Bytes;
    await this.mixHash(hash as Bytes);
    this.#cipher = await CipherState.create(key as Bytes);
  }

  async encryptAndHash(plaintext: Bytes): Promise<Bytes> {
    const ciphertext = await this.#requireCipher().encrypt(plaintext, this.#hash);
    await this.mixHash(ciphertext);
    return ciphertext;
  }

  async decryptAndHash(ciphertext: Bytes): Promise<Bytes> {
    const plaintext = await this.#requireCipher().decrypt(ciphertext, this.#hash);
    await this.mixHash(ciphertext);
    return plaintext;
  }

  /** For the initiator to send, then for the responder. `seal`: for one's own of the two. */
  async split(seal: {
    initiator?: SealAtOnce | undefined;
    responder?: SealAtOnce | undefined;
  }): Promise<[CipherState, CipherState]> {
    const [first, second] = await this.#derive(EMPTY, 2);
    return [
      await CipherState.create(first as Bytes, seal.initiator),
      await CipherState.create(second as Bytes, seal.responder),
    ];
  }

  /** Section 4.3: Noise's HKDF is RFC 5869's with the chaining key as salt and no info. */
  async #derive(material: Bytes, outputs: 2 | 3): Promise<Bytes[]> {
    const key = await crypto.subtle.importKey('raw', material, 'HKDF', false, ['deriveBits']);
    const params = { name: 'HKDF', hash: 'SHA-256', salt: this.#chainingKey, info: EMPTY };
    const bits = new Uint8Array(await crypto.subtle.deriveBits(params, key, outputs * 256));
    return Array.from({ length: outputs }, (_, at) => bits.slice(at * 32, at * 32 + 32));
  }

  /** Each pattern's first token mixes a key, so plaintext is never sent as it is. */
  #requireCipher(): CipherState {
    if (!this.#cipher) throw new Error('The handshake has no key yet.');
    return this.#cipher;
  }
}

/** Section 12.1. Low-order keys give an all-zero secret, which WebCrypto refuses; checked once more for engines that do not. */
export async function agree(privateKey: CryptoKey, publicKey: Bytes): Promise<Bytes> {
  try {
    const remote = await crypto.subtle.importKey('raw', publicKey, 'X25519', true, []);
    const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: remote }, privateKey, 256));
    if (!equalBytes(secret, new Uint8Array(KEY_BYTES))) return secret;
  } catch (cause) {
    throw new NoiseError('The key cannot be agreed on.', { cause });
  }
  throw new NoiseError('The key is of low order.');
}

/** Token "e" in a psk handshake (section 9.2): the ephemeral key is also mixed into the key. */
export async function mixEphemeral(state: SymmetricState, publicKey: Bytes): Promise<void> {
  await state.mixHash(publicKey);
  await state.mixKey(publicKey);
}

/** The public key at the beginning of a message of exactly this length. */
export function takeKey(message: Bytes, expectedBytes: number): Bytes {
  if (message.length !== expectedBytes) throw new NoiseError('The message has the wrong length.');
  return message.slice(0, KEY_BYTES);
}
