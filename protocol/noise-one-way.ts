/**
 * `Noise_Kpsk0_25519_AESGCM_SHA256` on WebCrypto: Noise Protocol Framework, revision 34. The only pattern of letters.
 *
 *     -> s
 *     <- s
 *     ...
 *     -> psk, e, es, ss
 *
 * Of the one-way patterns (section 7.4), N does not say who sent it. X sends the sender's key along, which the host has since pairing;
 * K does not, and what it proves is the same (section 7.7: source 1, destination 2). Source 1 alone could be forged by anyone who
 * stole the host's key; "psk0" (section 9) makes that take the device's psk as well, and reading too. It says nothing about replay:
 * receipts do. Section numbers are the specification's.
 */
import { type Bytes, concat } from './bytes.ts';
import { generateNoiseKeys, KEY_BYTES } from './keys.ts';
import type { HandshakeOptions } from './noise.ts';
import {
  agree,
  type CipherState,
  mixEphemeral,
  NoiseError,
  SymmetricState,
  TAG_BYTES,
  takeKey,
} from './noise-state.ts';

const PROTOCOL_NAME = 'Noise_Kpsk0_25519_AESGCM_SHA256';
/** What the first message is longer than its payload. */
export const ONE_WAY_OVERHEAD_BYTES = KEY_BYTES + TAG_BYTES;

export interface OneWayOptions extends HandshakeOptions {
  /** The other side's static key, known beforehand. */
  readonly remoteKey: Bytes;
}

export interface OneWayResult {
  /** For what follows the first message, from the sender to the recipient; section 7.4: nothing goes the other way. */
  readonly cipher: CipherState;
  readonly handshakeHash: Bytes;
}

/** The device's side: the first message with its payload, and the cipher for what follows. */
export async function writeOneWay(
  options: OneWayOptions,
  payload: Bytes,
): Promise<OneWayResult & { readonly message: Bytes }> {
  const { keys, remoteKey, psk } = options;
  const state = await begin(options, keys.publicKey, remoteKey);
  const ephemeral = options.ephemeral ?? (await generateNoiseKeys(false));
  await state.mixKeyAndHash(psk);
  await mixEphemeral(state, ephemeral.publicKey);
  await state.mixKey(await agree(ephemeral.privateKey, remoteKey));
  await state.mixKey(await agree(keys.privateKey, remoteKey));
  const message = concat(ephemeral.publicKey, await state.encryptAndHash(payload));
  const [cipher] = await state.split({});
  return { message, cipher, handshakeHash: state.hash };
}

/** The host's side. Throws `NoiseError` if the message is not of that device, for this host, psk and prologue. */
export async function readOneWay(
  options: Omit<OneWayOptions, 'ephemeral'>,
  message: Bytes,
): Promise<OneWayResult & { readonly payload: Bytes }> {
  const { keys, remoteKey, psk } = options;
  if (message.length < ONE_WAY_OVERHEAD_BYTES) throw new NoiseError('The message is too short.');
  const state = await begin(options, remoteKey, keys.publicKey);
  const remoteEphemeral = takeKey(message, message.length);
  await state.mixKeyAndHash(psk);
  await mixEphemeral(state, remoteEphemeral);
  await state.mixKey(await agree(keys.privateKey, remoteEphemeral));
  await state.mixKey(await agree(keys.privateKey, remoteKey));
  const payload = await state.decryptAndHash(message.slice(KEY_BYTES));
  const [cipher] = await state.split({});
  return { payload, cipher, handshakeHash: state.hash };
}

/** The prologue and both pre-messages: the sender's key, then the recipient's. */
async function begin(options: { readonly prologue: Bytes }, sender: Bytes, recipient: Bytes): Promise<SymmetricState> {
  const state = await SymmetricState.create(PROTOCOL_NAME, options.prologue);
  await state.mixHash(sender);
  await state.mixHash(recipient);
  return state;
}
