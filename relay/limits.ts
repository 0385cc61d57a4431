/** Every bound of the relay, named once. `createRelay({limits})` overrides single ones. */
import {
  LETTER_LIFETIME_MS,
  LETTERS_PER_DEVICE_MAX,
  LIVE_CHANNELS_MAX,
  PAIRING_CODE_LIFETIME_MS,
  RELAY_FRAME_MAX_BYTES,
} from '#protocol/limits.ts';

/** `max` at once, and `max` more spread evenly over every `windowMs` after that. */
export interface Rate {
  readonly max: number;
  readonly windowMs: number;
}

export interface RelayLimits {
  /** WebSockets at the same time, in all. */
  readonly socketsMax: number;
  /** WebSockets at the same time from one address (an IPv6 /64 counts as one). */
  readonly socketsPerAddressMax: number;
  /** Of those, sockets that have not yet proven who they are. */
  readonly unauthenticatedPerAddressMax: number;
  /** TCP connections beyond `socketsMax`: page loads, and sockets being refused. */
  readonly pageConnectionsMax: number;

  /** A socket that has not authenticated by then is closed. */
  readonly authTimeoutMs: number;
  /** An authorisation is asked for again after this. */
  readonly authLifetimeMs: number;
  /** And must be given within this. */
  readonly authRenewTimeoutMs: number;
  /** New sockets from one address. */
  readonly attemptsPerAddress: Rate;
  /** Failed authentications from one address; when used up, it is refused anyone who it is. */
  readonly failuresPerAddress: Rate;
  /** Failed authentications that name one host; when used up, only its admitted devices are still heard. */
  readonly failuresPerHost: Rate;
  /** Attempts, good or bad, to use a pairing code of one host. */
  readonly pairingAttemptsPerHost: Rate;
  /** Successful authentications of one host or one device. */
  readonly connectionsPerIdentity: Rate;

  /** How long a pairing code is accepted after the host announced it. */
  readonly pairingLifetimeMs: number;
  /** Unused pairing codes of one host at the same time. */
  readonly pairingCodesPerHostMax: number;
  /** Pairing codes announced by one host. */
  readonly pairingOpensPerHost: Rate;
  /** Pairing codes in all, unused or remembered as used. */
  readonly pairingCodesMax: number;

  /** Devices and pairing sockets of one host at the same time. */
  readonly channelsPerHostMax: number;
  /** New channels that one device asks for. */
  readonly reopensPerDevice: Rate;
  /** Largest text message. */
  readonly controlMessageMaxBytes: number;
  /** Text messages on one socket. */
  readonly controlMessages: Rate;

  /** Largest frame of a device: with the channel's number before it, it must be a message that a host accepts. */
  readonly deviceFrameMaxBytes: number;
  /** Bytes waiting for one device; above, it is closed as too slow. */
  readonly deviceBufferMaxBytes: number;
  /** Bytes waiting for one host; above, no more is read from the devices that send to it. */
  readonly hostBufferPauseBytes: number;
  /** Bytes waiting for one host; above, its socket is cut. */
  readonly hostBufferMaxBytes: number;
  /** Messages waiting on one socket: small ones cost more memory than their bytes. */
  readonly queuedMessagesMax: number;

  readonly pingEveryMs: number;
  /** When a device asks, its host's socket is pinged before that is due, at most this often. */
  readonly probeEveryMs: number;
  /** A socket that sent no byte for this long is dead. */
  readonly silentMaxMs: number;
  /** How long a closed socket may take to say goodbye. */
  readonly closeTimeoutMs: number;

  /** Hosts whose admission lists are stored. */
  readonly storedHostsMax: number;
  /** Hosts stored for the first time from one address. */
  readonly newHostsPerAddress: Rate;
  /** The list of a host not seen for this long is deleted; the host brings it again when it comes. */
  readonly hostForgottenAfterMs: number;
  /** Hosts whose last coming and going is remembered while nobody of theirs is connected. */
  readonly idleHostsMax: number;

  /** Letters of one device that wait. */
  readonly lettersPerDeviceMax: number;
  /** Bytes of all letters that wait for one host … */
  readonly letterBytesPerHostMax: number;
  /** … and for all of them. */
  readonly letterBytesMax: number;
  /** A letter that was not taken within this is deleted. */
  readonly letterLifetimeMs: number;
  /** Letters that one device leaves. */
  readonly letterPutsPerDevice: Rate;
  /** Bytes of letters that are announced and not yet there in full, of all devices. */
  readonly letterUploadsMaxBytes: number;
  /** A letter that was announced must be there within this. */
  readonly letterUploadTimeoutMs: number;

  /** On a restart, clients are told to come back after a random time up to this … */
  readonly restartSpreadMinMs: number;
  /** … and this for each of them … */
  readonly restartSpreadPerSocketMs: number;
  /** … but at most this. */
  readonly restartSpreadMs: number;
  /** A stop takes at most this long. */
  readonly stopDeadlineMs: number;
}

/** Length of the channel's number on a host's socket. */
export const CHANNEL_BYTES = 4;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  socketsMax: 4096,
  socketsPerAddressMax: 256,
  unauthenticatedPerAddressMax: 32,
  pageConnectionsMax: 512,

  authTimeoutMs: 5 * SECOND_MS,
  authLifetimeMs: 15 * MINUTE_MS,
  authRenewTimeoutMs: 30 * SECOND_MS,
  attemptsPerAddress: { max: 600, windowMs: MINUTE_MS },
  failuresPerAddress: { max: 60, windowMs: MINUTE_MS },
  failuresPerHost: { max: 60, windowMs: MINUTE_MS },
  pairingAttemptsPerHost: { max: 30, windowMs: MINUTE_MS },
  connectionsPerIdentity: { max: 120, windowMs: MINUTE_MS },

  pairingLifetimeMs: PAIRING_CODE_LIFETIME_MS,
  pairingCodesPerHostMax: 4,
  pairingOpensPerHost: { max: 20, windowMs: MINUTE_MS },
  pairingCodesMax: 10_000,

  channelsPerHostMax: LIVE_CHANNELS_MAX,
  reopensPerDevice: { max: 20, windowMs: MINUTE_MS },
  controlMessageMaxBytes: 32 * KIB,
  controlMessages: { max: 100, windowMs: 5 * SECOND_MS },

  deviceFrameMaxBytes: RELAY_FRAME_MAX_BYTES - CHANNEL_BYTES,
  deviceBufferMaxBytes: 4 * MIB,
  hostBufferPauseBytes: 1 * MIB,
  hostBufferMaxBytes: 16 * MIB,
  queuedMessagesMax: 16 * KIB,

  pingEveryMs: 20 * SECOND_MS,
  probeEveryMs: 1 * SECOND_MS,
  silentMaxMs: 45 * SECOND_MS,
  closeTimeoutMs: 5 * SECOND_MS,

  storedHostsMax: 10_000,
  newHostsPerAddress: { max: 60, windowMs: HOUR_MS },
  hostForgottenAfterMs: 90 * 24 * HOUR_MS,
  idleHostsMax: 4096,

  lettersPerDeviceMax: LETTERS_PER_DEVICE_MAX,
  letterBytesPerHostMax: 32 * MIB,
  letterBytesMax: 512 * MIB,
  letterLifetimeMs: LETTER_LIFETIME_MS,
  letterPutsPerDevice: { max: 100, windowMs: MINUTE_MS },
  letterUploadsMaxBytes: 16 * MIB,
  letterUploadTimeoutMs: MINUTE_MS,

  restartSpreadMinMs: 1 * SECOND_MS,
  restartSpreadPerSocketMs: 4,
  restartSpreadMs: 5 * SECOND_MS,
  stopDeadlineMs: 3 * SECOND_MS,
};
