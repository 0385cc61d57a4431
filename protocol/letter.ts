/**
 * A letter: one command of a device, sealed so that only its host can read it, to be left at a relay while the host is away.
 *
 * Sealed, it is as long as one of LETTER_SIZES. Inside is a length (u32, big-endian), that many bytes of JSON, and zero bytes up to
 * the end. The first part goes with the handshake message, the rest follows in transport messages, since a Noise message has an end
 * (section 3); the length inside says which of the sizes it must have, so that nothing can be cut off.
 */
import * as z from 'zod/mini';
import { type Bytes, concat, fromUtf8, toBase64Url, utf8 } from './bytes.ts';
import { uuid, type WireCommand, wireCommand } from './commands.ts';
import { FRAME_PLAINTEXT_MAX_BYTES, LETTER_SIZES } from './limits.ts';
import { ONE_WAY_OVERHEAD_BYTES, type OneWayOptions, readOneWay, writeOneWay } from './noise-one-way.ts';
import { NoiseError, TAG_BYTES } from './noise-state.ts';

const LENGTH_BYTES = 4;
const LETTER_ID_BYTES = 16;
const FIRST_BYTES = ONE_WAY_OVERHEAD_BYTES + FRAME_PLAINTEXT_MAX_BYTES;
const NEXT_BYTES = FRAME_PLAINTEXT_MAX_BYTES + TAG_BYTES;

/** What is in a letter. */
export const letter = z.object({
  /** When it was sealed, by the host's clock as far as the device knows it, in milliseconds since 1970. */
  sealedAt: z.number(),
  /** The command of the same session before which this one must not happen; null if there is none that is open. */
  after: z.nullable(uuid),
  command: wireCommand,
});
export type Letter = z.infer<typeof letter>;

export interface OpenedLetter {
  readonly content: Letter;
  /** What its device signed, and its signature; null if it is of a page that signs nothing. See `proof.ts`. */
  readonly signed: { readonly text: string; readonly proof: string } | null;
}

/**
 * A signed letter's text begins with the signature, as the first member of the object: what is signed is the text without that. A host
 * that knows of no signatures reads it as any other.
 */
const SIGNED_TEXT = /^\{"proof":"([\w-]{1,100})",/;

/** It decrypts, and holds something else than a letter: a device of another version, or a bug. */
export class MalformedLetter extends Error {
  override name = 'MalformedLetter';
}

/** A name for a letter that says nothing of its content. */
export function createLetterId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(LETTER_ID_BYTES)));
}

/** Seals the letter, signed by `prove` (see `proof.ts`) if that is given; null if it is too large for one. */
export async function sealLetter(
  content: { sealedAt: number; after: string | null; command: WireCommand },
  options: OneWayOptions,
  prove?: (text: string) => Promise<string>,
): Promise<Bytes | null> {
  const text = JSON.stringify(content);
  const body = utf8(prove ? `{"proof":"${await prove(text)}",${text.slice(1)}` : text);
  const size = sizeFor(body.length);
  if (size === null) return null;
  const plaintext = new Uint8Array(plaintextBytes(size));
  new DataView(plaintext.buffer).setUint32(0, body.length);
  plaintext.set(body, LENGTH_BYTES);
  const { message, cipher } = await writeOneWay(options, plaintext.slice(0, FRAME_PLAINTEXT_MAX_BYTES));
  const parts: Bytes[] = [message];
  for (let at = FRAME_PLAINTEXT_MAX_BYTES; at < plaintext.length; at += FRAME_PLAINTEXT_MAX_BYTES) {
    parts.push(await cipher.encrypt(plaintext.slice(at, at + FRAME_PLAINTEXT_MAX_BYTES)));
  }
  return concat(...parts);
}

/**
 * Opens a letter of the device whose key and psk these are. Throws `NoiseError` if it is not by it, not for this host, or changed
 * in any way, and `MalformedLetter` if what is in it is no letter.
 */
export async function openLetter(sealed: Bytes, options: Omit<OneWayOptions, 'ephemeral'>): Promise<OpenedLetter> {
  if (!LETTER_SIZES.some((size) => size === sealed.length)) throw new NoiseError('The letter has the wrong length.');
  const { payload, cipher } = await readOneWay(options, sealed.slice(0, FIRST_BYTES));
  const parts = [payload];
  for (let at = FIRST_BYTES; at < sealed.length; at += NEXT_BYTES) {
    parts.push(await cipher.decrypt(sealed.slice(at, at + NEXT_BYTES)));
  }
  const plaintext = concat(...parts);
  const length = new DataView(plaintext.buffer).getUint32(0);
  if (sizeFor(length) !== sealed.length) throw new NoiseError('The letter was cut off.');
  return parseLetter(plaintext.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
}

function parseLetter(body: Uint8Array): OpenedLetter {
  let value: unknown;
  let text: string;
  try {
    text = fromUtf8(body);
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedLetter('The letter is not JSON.', { cause });
  }
  const parsed = letter.safeParse(value);
  if (!parsed.success)
    throw new MalformedLetter(`The letter is malformed at "${parsed.error.issues[0]?.path.join('.')}".`);
  const [head, proof] = SIGNED_TEXT.exec(text) ?? [];
  return { content: parsed.data, signed: head && proof ? { text: `{${text.slice(head.length)}`, proof } : null };
}

/** The smallest size that holds a body of so many bytes; null if none does. */
function sizeFor(bodyBytes: number): number | null {
  return LETTER_SIZES.find((size) => plaintextBytes(size) >= LENGTH_BYTES + bodyBytes) ?? null;
}

/** How much plaintext makes a letter of this size. */
function plaintextBytes(size: number): number {
  const following = Math.ceil(Math.max(0, size - FIRST_BYTES) / NEXT_BYTES);
  return size - ONE_WAY_OVERHEAD_BYTES - following * TAG_BYTES;
}
