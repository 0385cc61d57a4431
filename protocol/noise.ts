/**
 * `Noise_XKpsk3_25519_AESGCM_SHA256` on WebCrypto: Noise Protocol Framework, revision 34. The only pattern of the channel.
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
import { type Bytes, concat } from './bytes.ts';
import { generateNoiseKeys, KEY_BYTES, type NoiseKeyPair } from './keys.ts';
import {
  agree,
  type CipherState,
  EMPTY,
  mixEphemeral,
  NoiseError,
  type SealAtOnce,
  SymmetricState,
  TAG_BYTES,
  takeKey,
} from './noise-state.ts';

const PROTOCOL_NAME = 'Noise_XKpsk3_25519_AESGCM_SHA256';

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
  /** The handshake hash as it was after the second message: what the third one can speak about. */
  readonly transcript: Bytes;
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
    const state = await SymmetricState.create(PROTOCOL_NAME, options.prologue);
    await state.mixHash(options.hostKey);
    return new Initiator(options, options.hostKey, options.ephemeral ?? (await generateNoiseKeys(false)), state);
  }

  /** -> e, es */
  async writeFirst(): Promise<Bytes> {
    await mixEphemeral(this.#state, this.#ephemeral.publicKey);
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, this.#hostKey));
    return concat(this.#ephemeral.publicKey, await this.#state.encryptAndHash(EMPTY));
  }

  /** <- e, ee. Then -> s, se, psk with the payload, which is made when the transcript is known. */
  async readSecondWriteThird(
    message: Bytes,
    createPayload: (transcript: Bytes) => Bytes | Promise<Bytes>,
  ): Promise<{ message: Bytes; result: HandshakeResult }> {
    const remoteEphemeral = takeKey(message, KEY_BYTES + TAG_BYTES);
    await mixEphemeral(this.#state, remoteEphemeral);
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, remoteEphemeral));
    await this.#state.decryptAndHash(message.slice(KEY_BYTES));

    const transcript = this.#state.hash;
    const payload = await createPayload(transcript);
    const encryptedKey = await this.#state.encryptAndHash(this.#options.keys.publicKey);
    await this.#state.mixKey(await agree(this.#options.keys.privateKey, remoteEphemeral));
    await this.#state.mixKeyAndHash(this.#options.psk);
    const encryptedPayload = await this.#state.encryptAndHash(payload);
    const [send, receive] = await this.#state.split({ initiator: this.#options.sealAtOnce });
    const result = { send, receive, handshakeHash: this.#state.hash, transcript, remoteKey: this.#hostKey };
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
    const state = await SymmetricState.create(PROTOCOL_NAME, options.prologue);
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
    const transcript = this.#state.hash;
    const remoteKey = await this.#state.decryptAndHash(message.slice(0, KEY_BYTES + TAG_BYTES));
    await this.#state.mixKey(await agree(this.#ephemeral.privateKey, remoteKey));
    await this.#state.mixKeyAndHash(this.#options.psk);
    const payload = await this.#state.decryptAndHash(message.slice(KEY_BYTES + TAG_BYTES));
    const [receive, send] = await this.#state.split({ responder: this.#options.sealAtOnce });
    return { payload, result: { send, receive, handshakeHash: this.#state.hash, transcript, remoteKey } };
  }
}
