/** What host and device say to each other inside a channel: JSON, one message at a time, checked at both edges. */
import * as z from 'zod/mini';
import { receipt, scope, uuid, wireCommand } from './commands.ts';
import { agentMode, approvalOption, toolCall, wireEvent } from './events.ts';
import { DEVICE_NAME_MAX_CHARS, PAGE_MAX_EVENTS, PROOF_MAX_CHARS, SESSIONS_MAX } from './limits.ts';

const id = z.string().check(z.minLength(1), z.maxLength(200));
const count = z.int().check(z.nonnegative());
const at = z.number();

/** As a person would say it. `interrupted` can be resumed; `failed` could not be started; `ended` is over. */
export const sessionState = z.enum(['starting', 'idle', 'working', 'waiting', 'interrupted', 'failed', 'ended']);
export type SessionState = z.infer<typeof sessionState>;

export const sessionSummary = z.object({
  id: uuid,
  title: z.string(),
  agent: id,
  agentName: z.string(),
  folder: z.string(),
  state: sessionState,
  /** Since when it is in that state. */
  since: at,
  /** What it waits for or what went wrong, in a few words; empty if nothing. */
  detail: z.string(),
  /** Last event of its log; 0 if none. */
  seq: count,
  queued: count,
  mode: z.nullable(id),
  modes: z.array(agentMode),
  createdAt: at,
  updatedAt: at,
  /**
   * With `ended`: whether `session.resume` can make it go on. Absent from hosts that resume no session that has ended, so that nobody
   * offers it there; a client that does not know it offers nothing either.
   */
  canResume: z.optional(z.boolean()),
});
export type SessionSummary = z.infer<typeof sessionSummary>;

export const pendingApproval = z.object({
  approval: id,
  session: uuid,
  title: z.string(),
  tool: z.nullable(toolCall),
  options: z.array(approvalOption),
  askedAt: at,
});
export type PendingApproval = z.infer<typeof pendingApproval>;

export const agentInfo = z.object({
  id,
  name: z.string(),
  /** Whether a session can be started with it now. */
  isInstalled: z.boolean(),
  /** What to run to install it, when it is missing. */
  install: z.optional(z.string()),
});
export type AgentInfo = z.infer<typeof agentInfo>;

export const folderInfo = z.object({ path: z.string(), name: z.string(), lastUsedAt: z.nullable(at) });
export type FolderInfo = z.infer<typeof folderInfo>;

/** What a device sees of the host besides the logs. Versioned: applied only if strictly newer within the same `epoch`. */
export const hostState = z.object({
  sessions: z.array(sessionSummary).check(z.maxLength(SESSIONS_MAX)),
  approvals: z.array(pendingApproval),
  /** Open questions that are not in `approvals` because there are too many; they follow as these are answered. Absent if there are none. */
  approvalsLeftOut: z.optional(count),
  agents: z.array(agentInfo),
  folders: z.array(folderInfo),
  /** False: remote control is off for all sessions; then `sessions` is empty. */
  isRemoteControlEnabled: z.boolean(),
  /** Why the computer can store nothing now, such as a full disk, in words; absent if it can. Older hosts put it into each `detail`. */
  diskTrouble: z.optional(z.string()),
});
export type HostState = z.infer<typeof hostState>;

/** Text that is still being written. `from` is where `text` begins in the whole; 0 starts it again. Has no place in the log. */
export const transient = z.object({
  session: uuid,
  /** The id that the finished `message` or `thought` event will carry. */
  id,
  role: z.enum(['message', 'thought']),
  from: count,
  text: z.string(),
});
export type Transient = z.infer<typeof transient>;

export const cursor = z.object({ session: uuid, epoch: z.string(), seq: count });
export type Cursor = z.infer<typeof cursor>;

/** See `proof.ts`. Pages of before have none. */
const proof = z.optional(z.string().check(z.maxLength(PROOF_MAX_CHARS)));

/**
 * Payload of the third handshake message of a paired device. `proof`: of this handshake, by the auth key under which it was
 * paired.
 */
export const deviceHello = z.object({ version: z.number(), build: z.string(), proof });
/**
 * Payload of the third handshake message while pairing. `authKey`: SPKI of the device's ECDSA P-256 key, base64url; `proof`: of
 * this handshake, by that key. A page that has none does not know of `reveal` either, and is not asked about.
 */
export const pairingHello = z.object({
  version: z.number(),
  build: z.string(),
  name: z.string().check(z.minLength(1), z.maxLength(DEVICE_NAME_MAX_CHARS)),
  authKey: z.string().check(z.maxLength(200)),
  proof,
});
export type DeviceHello = z.infer<typeof deviceHello>;
export type PairingHello = z.infer<typeof pairingHello>;

/**
 * Said by the host in a pairing channel. `reveal`: 32 bytes, base64url, from which, with the handshake, both sides get the digits. The device stores its keys, reads them back and says `stored` before it counts as paired.
 */
export const pairingFromHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reveal'), reveal: z.string() }),
  z.object({ type: z.literal('allowed'), deviceId: id, hostName: z.string(), scope }),
  z.object({ type: z.literal('denied'), reason: z.string() }),
  z.object({ type: z.literal('done') }),
]);
export type PairingFromHost = z.infer<typeof pairingFromHost>;
export const pairingFromDevice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stored') }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
]);
export type PairingFromDevice = z.infer<typeof pairingFromDevice>;

export const fromDevice = z.discriminatedUnion('type', [
  /** First message of a channel and again whenever the device begins to follow other sessions. */
  z.object({ type: z.literal('sync'), cursors: z.array(cursor).check(z.maxLength(SESSIONS_MAX * 4)) }),
  /** Cumulative: everything up to `seq` of that session is stored on the device. */
  z.object({ type: z.literal('ack'), session: uuid, seq: count }),
  z.object({ type: z.literal('command'), command: wireCommand }),
  /** Older events: up to `limit` with seq < `before`. Answered by `page`. */
  z.object({
    type: z.literal('page'),
    request: id,
    session: uuid,
    before: count,
    limit: z.int().check(z.positive(), z.maximum(PAGE_MAX_EVENTS)),
  }),
  z.object({ type: z.literal('blob'), request: id, session: uuid, blob: id }),
  /** Which session is on the screen; its text is streamed while it is being written. */
  z.object({ type: z.literal('watch'), session: z.nullable(uuid) }),
  /** `lastRoundTripMs` of the previous ping, so that the host can show it too. */
  z.object({ type: z.literal('ping'), id: count, lastRoundTripMs: z.nullable(z.number()) }),
  z.object({ type: z.literal('bye') }),
]);
export type FromDevice = z.infer<typeof fromDevice>;

export const byeReason = z.enum(['asleep', 'quit', 'revoked', 'replaced']);
export type ByeReason = z.infer<typeof byeReason>;

export const fromHost = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    version: z.number(),
    /** Names the host's database; a changed epoch voids every cursor. */
    epoch: z.string(),
    hostName: z.string(),
    build: z.string(),
    scope,
    /** The host's clock, to show ages right on a device whose clock is wrong. */
    now: at,
  }),
  z.object({ type: z.literal('state'), version: count, value: hostState }),
  /** Contiguous events of one session, in order. */
  z.object({ type: z.literal('events'), session: uuid, epoch: z.string(), events: z.array(wireEvent) }),
  /** Replaces what the device has of that session. `last` is the seq of the last event; older ones are fetched by `page`. */
  z.object({ type: z.literal('snapshot'), session: uuid, epoch: z.string(), last: count, events: z.array(wireEvent) }),
  z.object({ type: z.literal('page'), request: id, session: uuid, epoch: z.string(), events: z.array(wireEvent) }),
  z.object({ type: z.literal('blob'), request: id, text: z.string() }),
  z.object({ type: z.literal('transient'), ...transient.shape }),
  z.object({ type: z.literal('receipt'), ...receipt.shape }),
  z.object({ type: z.literal('refused'), request: id, reason: z.string() }),
  z.object({ type: z.literal('pong'), id: count, now: at }),
  z.object({ type: z.literal('bye'), reason: byeReason, at }),
]);
export type FromHost = z.infer<typeof fromHost>;
