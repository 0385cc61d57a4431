/** Every limit of the wire, named once. Sizes are bytes unless the name says otherwise. */

export const PROTOCOL_VERSION = 1;

/** Largest WebSocket message the relay or the host accepts. */
export const RELAY_FRAME_MAX_BYTES = 128 * 1024;
/** Plaintext carried by one transport frame. */
export const FRAME_PLAINTEXT_MAX_BYTES = 32 * 1024;
/** Largest message that is put together again from several frames. */
export const MESSAGE_MAX_BYTES = 8 * 1024 * 1024;
/** Largest body of one command, as UTF-8 JSON. */
export const COMMAND_BODY_MAX_BYTES = 1024 * 1024;
/** A tool output above this is kept as a blob and fetched on demand. */
export const INLINE_OUTPUT_MAX_BYTES = 64 * 1024;

export const SESSIONS_MAX = 64;
export const DEVICES_MAX = 32;
export const LIVE_CHANNELS_MAX = 16;
/** Prompts that may wait in one session while its agent is busy. */
export const QUEUED_PROMPTS_MAX = 32;
export const TITLE_MAX_CHARS = 200;
export const DEVICE_NAME_MAX_CHARS = 60;
export const NOTE_MAX_CHARS = 4_000;
export const FOLDER_MAX_CHARS = 4_096;

/** Unacknowledged events a device may have outstanding. */
export const CREDIT_MAX_EVENTS = 512;
/** Unacknowledged event bytes a device may have outstanding. */
export const CREDIT_MAX_BYTES = 1024 * 1024;
/** A gap up to this many events is replayed; a longer one is answered by a snapshot. */
export const REPLAY_MAX_EVENTS = 500;
export const REPLAY_MAX_BYTES = 512 * 1024;
/** Events in a snapshot and, at most, in one page of older events. */
export const SNAPSHOT_EVENTS = 200;
export const PAGE_MAX_EVENTS = 200;
/** The host holds events back while its relay socket buffers more than this. */
export const LINK_BUFFER_MAX_BYTES = 1024 * 1024;

/** How long a pairing code is accepted after it was made. */
export const PAIRING_CODE_LIFETIME_MS = 120_000;
/** When a shown pairing code is replaced by a new one. */
export const PAIRING_CODE_RENEW_AFTER_MS = 90_000;
/** Of a device's signature as text; 86 are needed. */
export const PROOF_MAX_CHARS = 100;
/** A channel is replaced by a fresh handshake after this. */
export const CHANNEL_LIFETIME_MS = 30 * 60_000;
/** A handshake that has not finished by then is abandoned. */
export const HANDSHAKE_TIMEOUT_MS = 15_000;

/** A letter, as it is sealed, is exactly as long as one of these, so that its length says little. The last one is the largest. */
export const LETTER_SIZES = [1024, 4 * 1024, 16 * 1024, 64 * 1024, 256 * 1024] as const;
export const LETTER_MAX_BYTES = 256 * 1024;
/** A letter travels in pieces of at most this. */
export const LETTER_PIECE_BYTES = 64 * 1024;
/** Letters that a relay keeps of one device. */
export const LETTERS_PER_DEVICE_MAX = 50;
/** How long a relay keeps a letter. */
export const LETTER_LIFETIME_MS = 7 * 24 * 60 * 60_000;
/** The host does not act on a letter sealed longer ago than its lifetime and this, or by a clock that is ahead by more than this. */
export const LETTER_CLOCK_SLACK_MS = 2 * 24 * 60 * 60_000;
/** Letters, and bytes of letters, that a relay hands over before it is asked for more. */
export const LETTER_BATCH_MAX = 32;
export const LETTER_BATCH_MAX_BYTES = 1024 * 1024;
