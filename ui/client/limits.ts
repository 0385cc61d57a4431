/** Limits and intervals of every client, named once. The wire's are in `protocol/limits.ts`. */

/** Clocks that differ by less than this are taken to agree: a round trip cannot measure it better. */
export const CLOCK_OFFSET_MIN_MS = 2_000;

/** Events that a log on the screen loads at a time. */
export const LOG_PAGE_EVENTS = 200;
/** Events after which an acknowledgement goes out even while more are being stored. */
export const ACK_EVERY_EVENTS = 128;
/** Characters of one streaming text that are kept; more is not shown before the finished message comes. */
export const STREAMING_TEXT_MAX_CHARS = 1024 * 1024;

/** Commands of one host that may wait unfinished on this device. */
export const OUTBOX_OPEN_MAX = 500;
/** Finished commands are kept for screens until dismissed, or for this long. */
export const OUTBOX_FINISHED_KEPT_MS = 24 * 60 * 60_000;
export const OUTBOX_FINISHED_MAX = 200;

/** The host's answer to a question (older events, a blob) is awaited this long. */
export const REQUEST_TIMEOUT_MS = 20_000;
