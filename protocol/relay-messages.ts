/**
 * What the relay says and hears in the clear, as JSON text messages. Everything between host and device is binary and opaque to it.
 *
 * Order: relay `challenge` → client `auth` → relay `ready`. A host then says `admit` and `pair.open`; a device waits for `open`,
 * and from there on every binary message is a channel frame.
 */
import * as z from 'zod/mini';
import { DEVICES_MAX, LETTER_BATCH_MAX, LETTER_MAX_BYTES, LETTERS_PER_DEVICE_MAX } from './limits.ts';

const b64 = z.string().check(z.minLength(1), z.maxLength(400), z.regex(/^[A-Za-z0-9_-]+$/));
/** base64url of a SHA-256: 43 characters. */
export const keyHash = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
/** Chosen at random by the device for each letter; says nothing of what is in it. base64url of 16 bytes. */
const letterId = z.string().check(z.regex(/^[A-Za-z0-9_-]{22}$/));
const channelNumber = z.int().check(z.positive(), z.maximum(0xffff_ffff));
/**
 * Answered by a `pong` with the same number. Unlike the ping of WebSockets (RFC 6455, section 5.5.2), which a proxy answers and a page
 * cannot send, it reaches the relay itself. Said only to a relay whose `ready` says `pings`.
 */
const relayPing = z.object({ type: z.literal('ping'), id: z.int().check(z.nonnegative()) });

export const relayRole = z.enum(['host', 'device', 'pairing']);
export type RelayRole = z.infer<typeof relayRole>;

export const relayAuth = z.object({
  type: z.literal('auth'),
  version: z.number(),
  role: relayRole,
  hostId: keyHash,
  /** The host's own id, the device's id, or the pairing id. */
  id: keyHash,
  /** SPKI of the client's ECDSA P-256 key, base64url. */
  key: b64,
  /** ECDSA P-256 with SHA-256 (raw r‖s) over `relayAuthBytes`, base64url. */
  signature: b64,
});
export type RelayAuth = z.infer<typeof relayAuth>;

export const hostToRelay = z.discriminatedUnion('type', [
  relayAuth,
  /** The whole list of devices this host admits; replaces the one before. */
  z.object({
    type: z.literal('admit'),
    devices: z.array(z.object({ id: keyHash, key: b64 })).check(z.maxLength(DEVICES_MAX)),
  }),
  z.object({ type: z.literal('pair.open'), pairId: keyHash }),
  z.object({ type: z.literal('pair.close'), pairId: keyHash }),
  z.object({
    type: z.literal('channel.close'),
    channel: channelNumber,
    code: z.int().check(z.minimum(4000), z.maximum(4999)),
    reason: z.string().check(z.maxLength(120)),
  }),
  /**
   * Forget the letters that are in `taken`, then hand over the next few of those whose place is behind `after` (0: from the start).
   * Answered by any number of `mail.letter`, then `mail.batch`.
   */
  z.object({
    type: z.literal('mail.take'),
    after: z.int().check(z.nonnegative()),
    taken: z.array(letterId).check(z.maxLength(LETTER_BATCH_MAX)),
  }),
  relayPing,
]);
export type HostToRelay = z.infer<typeof hostToRelay>;

export const relayToHost = z.discriminatedUnion('type', [
  /** Also sent every 15 minutes; the client answers with a new `auth`. */
  z.object({ type: z.literal('challenge'), nonce: b64 }),
  /** `mailbox`: the relay keeps letters, and `mail.take` may be said. `pings`: it answers `ping`. */
  z.object({ type: z.literal('ready'), mailbox: z.optional(z.boolean()), pings: z.optional(z.boolean()) }),
  z.object({ type: z.literal('pong'), id: z.int() }),
  z.object({ type: z.literal('admitted'), count: z.int() }),
  z.object({ type: z.literal('pair.opened'), pairId: keyHash, lifetimeMs: z.number() }),
  z.object({ type: z.literal('pair.refused'), pairId: keyHash, reason: z.string() }),
  /** A device (id = device id) or someone with a pairing code (id = pairing id) is there. */
  z.object({
    type: z.literal('channel.open'),
    channel: channelNumber,
    role: z.enum(['device', 'pairing']),
    id: keyHash,
  }),
  z.object({ type: z.literal('channel.closed'), channel: channelNumber }),
  /** A letter of a device. Its `bytes` follow in binary messages on channel 0, before any other message of the mailbox. */
  z.object({
    type: z.literal('mail.letter'),
    letter: letterId,
    device: keyHash,
    bytes: z.int().check(z.positive(), z.maximum(LETTER_MAX_BYTES)),
  }),
  /** So much for this time. `last`: the place of the last letter, for the next `mail.take`; `isEmpty`: there was none. */
  z.object({ type: z.literal('mail.batch'), last: z.int().check(z.nonnegative()), isEmpty: z.boolean() }),
  z.object({ type: z.literal('restarting'), retryAfterMs: z.number() }),
]);
export type RelayToHost = z.infer<typeof relayToHost>;

/** A letter that is announced as larger than this is no letter; between this and LETTER_MAX_BYTES it is refused in good order. */
export const LETTER_PUT_MAX_BYTES = 4 * LETTER_MAX_BYTES;

/** Why a letter was not kept. `full`: as many of this device's wait as may. `no-room`: the relay, or its share for this host, is full. */
export const mailRefusal = z.enum([
  'full',
  'no-room',
  'too-large',
  'host-online',
  'host-takes-none',
  'not-admitted',
  'too-often',
]);
export type MailRefusal = z.infer<typeof mailRefusal>;

/** `kept`: waits at the relay. `handed`: was given to the host, which has not confirmed it. `taken`: the host has confirmed it. */
export const letterState = z.enum(['kept', 'handed', 'taken']);
export type LetterState = z.infer<typeof letterState>;

export const deviceToRelay = z.discriminatedUnion('type', [
  relayAuth,
  /** Drop the channel and open a new one on the same socket. */
  z.object({ type: z.literal('reopen') }),
  /**
   * Keep this letter for the host. Its `bytes` follow at once in binary messages, before anything else is sent.
   * Answered by `mail.kept` or `mail.refused`.
   */
  z.object({
    type: z.literal('mail.put'),
    letter: letterId,
    bytes: z.int().check(z.positive(), z.maximum(LETTER_PUT_MAX_BYTES)),
  }),
  /** Answered by `mail.listed`. */
  z.object({ type: z.literal('mail.list') }),
  /** Take this letter out again. Answered by `mail.cancelled`. */
  z.object({ type: z.literal('mail.cancel'), letter: letterId }),
  /** The relay also looks after the host's socket, so that the `pong` after the next ping knows whether that is alive. */
  relayPing,
]);
export type DeviceToRelay = z.infer<typeof deviceToRelay>;

export const relayToDevice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: b64 }),
  /** Authenticated. `host`: whether the host's link is up, and since when that is so (null: not since this relay started). */
  z.object({
    type: z.literal('ready'),
    host: z.enum(['online', 'offline']),
    since: z.nullable(z.number()),
    /** While the host is away, letters may be left for it here. */
    mailbox: z.optional(z.boolean()),
    /** The relay answers `ping`. */
    pings: z.optional(z.boolean()),
  }),
  /** `hostSilentMs`: for how long nothing at all came from the host's socket, to within a second; null if there is none. */
  z.object({ type: z.literal('pong'), id: z.int(), hostSilentMs: z.nullable(z.number()) }),
  /** A fresh channel to the host: the device begins its handshake. */
  z.object({ type: z.literal('open') }),
  /** The host's link is gone, or the host closed the channel (`code` and `reason` are the host's). */
  z.object({ type: z.literal('closed'), code: z.int(), reason: z.string(), at: z.number() }),
  /** The letter is on disk. */
  z.object({ type: z.literal('mail.kept'), letter: letterId }),
  z.object({ type: z.literal('mail.refused'), letter: letterId, reason: mailRefusal }),
  /** What the relay knows of this device's letters: those that wait, and the newest of those that the host has confirmed. */
  z.object({
    type: z.literal('mail.listed'),
    letters: z.array(z.object({ letter: letterId, state: letterState })).check(z.maxLength(2 * LETTERS_PER_DEVICE_MAX)),
  }),
  /** `was`: what the letter was until now. Only a `kept` one is gone without the host having seen it. */
  z.object({ type: z.literal('mail.cancelled'), letter: letterId, was: z.nullable(letterState) }),
  z.object({ type: z.literal('restarting'), retryAfterMs: z.number() }),
]);
export type RelayToDevice = z.infer<typeof relayToDevice>;

/** A binary message on the host's socket: the channel's number (u32, big-endian), then the frame. */
export function encodeBridgeFrame(channel: number, frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(4 + frame.length);
  new DataView(out.buffer).setUint32(0, channel);
  out.set(frame, 4);
  return out;
}

/** The parts of a bridged message, without copying the frame; null if it is too short to hold a channel number and a frame. */
export function decodeBridgeFrame(bytes: Uint8Array): { channel: number; frame: Uint8Array } | null {
  if (bytes.length < 5) return null;
  const channel = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  return { channel, frame: bytes.subarray(4) };
}

/** On the host's socket, the channel that carries the bytes of letters; no device ever has it. */
export const MAIL_CHANNEL = 0;
