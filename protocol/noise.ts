/**
 * `Noise_XKpsk3_25519_AESGCM_SHA256` on WebCrypto, and no other pattern: Noise Protocol Framework, revision 34.
 *
 *     <- s
 *     ...
 *     -> e, es
 *     <- e, ee
 *     -> s, se, psk
 *
 * The initiator is the device, which knows the host's key from the QR code; the responder is the host. Section numbers are the
 * specification's.
 */
import { type Bytes, concat, equalBytes, utf8 } from './bytes.ts';
import { generateNoiseKeys, KEY_BYTES, type NoiseKeyPair, sha256 } from './keys.ts';

const PROTOCOL_NAME = 'Noise_XKpsk3_25519_AESGCM_SHA256';
const EMPTY: Bytes = new Uint8Array(0);
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
class SymmetricState {
  #chainingKey: Bytes;
  #cipher: CipherState | null = null;
  #hash: Bytes;

  private constructor(name: Bytes) {
    this.#chainingKey = name;
    this.#hash = name;
  }

  /** The protocol's name is exactly HASHLEN bytes long, so it is used as it is. */
  static async create(prologue: Bytes): Promise<SymmetricState> {
    const state = new SymmetricState(utf8(PROTOCOL_NAME));
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
async function agree(privateKey: CryptoKey, publicKey: Bytes): Promise<Bytes> {
  try {
    const remote = await crypto.subtle.importKey('raw', publicKey, 'X25519', true, []);
    const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: remote }, privateKey, 256));
    if (!equalBytes(secret, new Uint8Array(KEY_BYTES))) return secret;
  } catch (cause) {
    throw new NoiseError('The key cannot be agreed on.', { cause });
  }
  throw new NoiseError('The key is of low order.');
}

export interface HandshakeOptions {
  readonly keys: NoiseKeyPair;
  /** 32 bytes. */
  readonly psk: Bytes;
  readonly prologue: Bytes;
  /** Makes `atOnce` possible for what is sent after the handshake. */
  readonly sealAtOnce?: SealAtOnce | undefined;
  /** Only for known-answer tests. */
  readonly ephemeral?: NoiseKeyPair;
}

export interface HandshakeResult {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** Section 11.2: unique to this handshake; both sides have the same. */
  readonly handshakeHash: Bytes;
  readonly remoteKey: Bytes;
}

/** Section 5.3, unrolled for this one pattern. Each method is called once, in the order of the pattern. */
export class Initiator {
  readonly #options: HandshakeOptions;
  readonly #hostKey: Bytes;
  readonly #ephemeral: NoiseKeyPair;
  readonly #state: SymmetricState;

  private constructor(options: HandshakeOptions, hostKey: Bytes, ephemeral: NoiseKeyPair, state: SymmetricState) {
    this.#options = options;
    this.#hostKey = hostKey;
    this.#ephemeral = ephemeral;
    this.#state = state;
  }

  static async create(options: HandshakeOptions & { readonly hostKey: Bytes }): Promise<Initiator> {
    const state = await SymmetricState.create(options.prologue);
    await state.mixHash(options.hostKey);
    return new Initiator(options, options.hostKey, options.ephemeral ?? (await generateNoiseKeys(false)), state);
  }

  /** -> e, es */
  async writeFirst(): Promise<Bytes> {
    await mixEphemeral(this.#state, this.#ephemeral.publicKey);
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, this.#hostKey));
    return concat(this.#ephemeral.publicKey, await this.#state.encryptAndHash(EMPTY));
  }

  /** <- e, ee. Then -> s, se, psk with the payload. */
  async readSecondWriteThird(message: Bytes, payload: Bytes): Promise<{ message: Bytes; result: HandshakeResult }> {
    const remoteEphemeral = takeKey(message, KEY_BYTES + TAG_BYTES);
    await mixEphemeral(this.#state, remoteEphemeral);
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, remoteEphemeral));
    await this.#state.decryptAndHash(message.slice(KEY_BYTES));

    const encryptedKey = await this.#state.encryptAndHash(this.#options.keys.publicKey);
    await this.#state.mixKey(await agree(this.#options.keys.privateKey, remoteEphemeral));
    await this.#state.mixKeyAndHash(this.#options.psk);
    const encryptedPayload = await this.#state.encryptAndHash(payload);
    const [send, receive] = await this.#state.split({ initiator: this.#options.sealAtOnce });
    const result = { send, receive, handshakeHash: this.#state.hash, remoteKey: this.#hostKey };
    return { message: concat(encryptedKey, encryptedPayload), result };
  }
}

export class Responder {
  readonly #options: HandshakeOptions;
  readonly #state: SymmetricState;
  #ephemeral: NoiseKeyPair | null = null;

  private constructor(options: HandshakeOptions, state: SymmetricState) {
    this.#options = options;
    this.#state = state;
  }

  static async create(options: HandshakeOptions): Promise<Responder> {
    const state = await SymmetricState.create(options.prologue);
    await state.mixHash(options.keys.publicKey);
    return new Responder(options, state);
  }

  /** -> e, es. Then <- e, ee. */
  async readFirstWriteSecond(message: Bytes): Promise<Bytes> {
    const remoteEphemeral = takeKey(message, KEY_BYTES + TAG_BYTES);
    await mixEphemeral(this.#state, remoteEphemeral);
    await this.#state.mixKey(await agree(this.#options.keys.privateKey, remoteEphemeral));
    await this.#state.decryptAndHash(message.slice(KEY_BYTES));

    this.#ephemeral = this.#options.ephemeral ?? (await generateNoiseKeys(false));
    await mixEphemeral(this.#state, this.#ephemeral.publicKey);
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, remoteEphemeral));
    return concat(this.#ephemeral.publicKey, await this.#state.encryptAndHash(EMPTY));
  }

  /** -> s, se, psk. Only after this is the initiator known to be who it says. */
  async readThird(message: Bytes): Promise<{ payload: Bytes; result: HandshakeResult }> {
    if (!this.#ephemeral || message.length < KEY_BYTES + TAG_BYTES * 2)
      throw new NoiseError('The message is too short.');
    const remoteKey = await this.#state.decryptAndHash(message.slice(0, KEY_BYTES + TAG_BYTES));
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, remoteKey));
    await this.#state.mixKeyAndHash(this.#options.psk);
    const payload = await this.#state.decryptAndHash(message.slice(KEY_BYTES + TAG_BYTES));
    const [receive, send] = await this.#state.split({ responder: this.#options.sealAtOnce });
    return { payload, result: { send, receive, handshakeHash: this.#state.hash, remoteKey } };
  }
}

/** Token "e" in a psk handshake (section 9.2): the ephemeral key is also mixed into the key. */
async function mixEphemeral(state: SymmetricState, publicKey: Bytes): Promise<void> {
  await state.mixHash(publicKey);
  await state.mixKey(publicKey);
}

function takeKey(message: Bytes, expectedBytes: number): Bytes {
  if (message.length !== expectedBytes) throw new NoiseError('The message has the wrong length.');
  return message.slice(0, KEY_BYTES);
}
