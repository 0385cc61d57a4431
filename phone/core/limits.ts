/** Limits and intervals of the phone's core, named once. Those of every client are in `ui/client/limits.ts`, the wire's in `protocol/limits.ts`. */

/** While the page is visible, how often the host is asked for a sign of life. */
export const PING_INTERVAL_MS = 5_000;
/**
 * No answer to a ping, nor anything else from the host, for this long: the screen says so and the page dials again. With PING_INTERVAL_MS
 * it is less than 15 s: no screen calls a link connected that has been dead for longer.
 */
export const PROOF_STALE_AFTER_MS = 8_000;
/**
 * A proof holds for no longer than this, whatever else may come from the host or be waited for: text that streams in proves nothing of the
 * other direction, and a fresh handshake may take its time.
 */
export const PROOF_HOLDS_MS = PING_INTERVAL_MS + PROOF_STALE_AFTER_MS + 500;
/** An answer that queues behind much else is waited for so long; then nothing is believed to reach the host, and the page dials again. */
export const PONG_GIVEN_UP_AFTER_MS = 30_000;
/** While the answer to a ping is missing, the relay is asked this often, so that it is known who is silent. */
export const PROBE_INTERVAL_MS = 2_000;
/** A host of which the relay has heard nothing for this long, though it was asked, is silent; one it has heard since is there. */
export const HOST_SILENT_AFTER_MS = 4_000;
/** A timer that comes this much too late: the page was frozen, without a word of it from the browser. */
export const FROZEN_FOR_MS = 5_000;
/** A socket that is not authenticated by then is given up. */
export const DIAL_TIMEOUT_MS = 15_000;
/** Pages that woke twice within this time (`pageshow` comes with `visibilitychange`) dial once. */
export const WAKE_COALESCE_MS = 500;
/** While the host is offline, a page whose relay answers no pings cannot tell it from a dead socket: it dials again after this, spread by half of it. */
export const HOST_OFFLINE_REDIAL_MS = 60_000;
/** A page whose storage failed tries again after this: room may have been made meanwhile, and nobody may be there to say so. */
export const STORAGE_RETRY_MS = 60_000;
/** A goodbye explains an absence if the relay lost sight of the host within this time of it. */
export const BYE_EXPLAINS_WITHIN_MS = 60_000;
/** A relay may ask to be left alone for at most this long. */
export const RETRY_AFTER_MAX_MS = 60_000;

export const RETRY_BASE_MS = 500;
export const RETRY_MAX_MS = 30_000;
/** A connection that held this long starts the back-off again. */
export const HEALTHY_AFTER_MS = 30_000;

/** The newest events of a session that are kept on this device; older ones come from the host by page. */
export const STORED_EVENTS_MAX = 5_000;
/** How far above STORED_EVENTS_MAX a session may grow before it is trimmed, so that trimming is rare. */
export const STORED_EVENTS_SLACK = 500;
/** Sessions of one host of which this device keeps anything. Must not exceed the cursors of one `sync` message. */
export const STORED_SESSIONS_MAX = 128;
/** What is kept of each session when the browser's storage is full. */
export const STORED_EVENTS_WHEN_FULL = 200;

/** A host that tells its part of the digits does so at once; one of before has none to tell. */
export const PAIRING_REVEAL_TIMEOUT_MS = 4_000;
/** After "stored" was said, the host's "done" is awaited this long before the new keys are tried instead. */
export const PAIRING_DONE_TIMEOUT_MS = 10_000;
/** How long the new keys are tried after "done" did not come. */
export const PAIRING_CONFIRM_TIMEOUT_MS = 30_000;
/** A relay that does not admit the new keys is asked again for this long: the host's word may still be on its way there. */
export const ADMISSION_SETTLES_WITHIN_MS = 5_000;
export const ADMISSION_CHECK_INTERVAL_MS = 500;

/** The last proof of the host's state is written down at most this often. */
export const PROOF_SAVE_INTERVAL_MS = 30_000;
/** How often a visible page asks whether there is a newer build of it. */
export const UPDATE_CHECK_INTERVAL_MS = 60 * 60_000;
