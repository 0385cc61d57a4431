/**
 * What the window and the tray app say to each other: every call with its argument and its answer, and everything that main says unasked.
 * One schema: the types are inferred from it, main parses by it, and the garbage test goes through it. The preload takes its types only.
 */
import * as z from 'zod/mini';
import { scope, uuid } from '#protocol/commands.ts';
import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';
import { fromDevice } from '#protocol/messages.ts';
import { activityRow, guide, keepAwake, loginView, type Slice, updateView, windowState } from './window-state.ts';

export type { Scope } from '#protocol/commands.ts';
export type * from './window-state.ts';

export const ADDRESS_MAX_CHARS = 500;
export const CLIPBOARD_MAX_CHARS = 10_000;
export const COMMAND_MAX_CHARS = 4_096;
export const ARGUMENTS_MAX = 64;
/** As the settings have it. */
export const KEEP_AGENTS_MAX_HOURS = 24 * 365;
const ID_MAX_CHARS = 200;

/** `error` is for the person: what failed and what to do. Nothing has changed then. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: string };

export const page = z.enum(['sessions', 'pair', 'devices', 'settings', 'activity']);
export type Page = z.infer<typeof page>;

/** One step of testing a relay, in the order in which they were done; the first failure is the last step. */
export const relayTestStep = z.object({
  step: z.enum(['address', 'name', 'connect', 'secure', 'upgrade', 'sign-in', 'round-trip']),
  isOk: z.boolean(),
  /** For people: "Found at 203.0.113.7", "The certificate has expired". */
  text: z.string(),
  ms: z.number(),
});
export type RelayTestStep = z.infer<typeof relayTestStep>;

export const relayTest = z.object({
  isOk: z.boolean(),
  origin: z.nullable(z.string()),
  /** Host → relay → device → relay → host, with ends of our own; null if it did not come that far. */
  roundTripMs: z.nullable(z.number()),
  steps: z.readonly(z.array(relayTestStep)),
  /** One sentence: what is wrong and what to do, or that it works. */
  text: z.string(),
});
export type RelayTest = z.infer<typeof relayTest>;

const CHECKS = [
  ...(['folder', 'settings', 'history', 'keys', 'relay', 'clock', 'name', 'connect', 'secure', 'upgrade'] as const),
  ...(['sign-in', 'link', 'admission', 'round-trip', 'devices', 'agents', 'notifications'] as const),
] as const;

/** One thing that has to work for a phone to reach an agent here. */
export const check = z.object({
  name: z.enum(CHECKS),
  /** What people call it. */
  title: z.string(),
  /** `skipped`: it could not be found out, or there is nothing to find out. */
  state: z.enum(['ok', 'wrong', 'skipped']),
  text: z.string(),
  ms: z.number(),
});
export type Check = z.infer<typeof check>;

/** What the doctor found. */
export const diagnosis = z.object({
  isOk: z.boolean(),
  /** One sentence: the first thing that is wrong and what to do, or that nothing is. */
  text: z.string(),
  /** In the order in which they were made. */
  checks: z.readonly(z.array(check)),
  at: z.number(),
});
export type Diagnosis = z.infer<typeof diagnosis>;

/** Where the window may lead outside; each is one fixed https address in main. */
export const outsidePage = z.enum(['agent-client-protocol', 'caddy', 'tailscale-serve', 'update']);
export type OutsidePage = z.infer<typeof outsidePage>;

function call<Argument extends z.ZodMiniType, Value extends z.ZodMiniType>(argument: Argument, value: Value) {
  return { argument, value };
}

const nothing = z.null();
const id = z.string().check(z.minLength(1), z.maxLength(ID_MAX_CHARS));
const address = z.string().check(z.minLength(1), z.maxLength(ADDRESS_MAX_CHARS));
const agentId = z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/));
const aSession = z.strictObject({ session: uuid });
const aRequest = z.strictObject({ request: id });

/** A client's message, no larger than one that comes over the network. */
const clientMessage = fromDevice.check(z.refine((message) => jsonBytes(message) <= MESSAGE_MAX_BYTES, 'too large'));

/** Every channel from the window to main. */
export const calls = {
  /** The whole state; from then on slices are pushed. */
  'window.load': call(nothing, windowState),
  /** Which page is on view, so that nobody is notified of what they look at. */
  'window.show-page': call(z.strictObject({ page }), nothing),
  /** The browser's `online` and `offline`. */
  'window.network': call(z.strictObject({ isOnline: z.boolean() }), nothing),
  'window.close': call(nothing, nothing),

  /** Begins a channel of the window as a client of the host, under an id of its own; messages come by the push `client`. */
  'client.open': call(z.strictObject({ channel: uuid }), nothing),
  /** `received`: characters of this channel's messages that have come, so that main knows what is on its way. */
  'client.send': call(
    z.strictObject({ channel: uuid, received: z.int().check(z.nonnegative()), message: clientMessage }),
    nothing,
  ),

  /** A session's own switch, which only this computer has; what every client may do goes by `client.send`. */
  'session.set-remote': call(z.strictObject({ session: uuid, isRemote: z.boolean() }), nothing),
  /** The address of the session on the page for phones. Holds no secret: only a paired device can use it. */
  'session.link': call(aSession, z.object({ link: z.string() })),

  /** The switch for all sessions. Main asks the person itself the first time it is turned on; `isEnabled` is what holds afterwards. */
  'remote.set': call(z.strictObject({ isEnabled: z.boolean() }), z.object({ isEnabled: z.boolean() })),

  'pairing.show': call(nothing, nothing),
  'pairing.hide': call(nothing, nothing),
  /** False: anyone who asked is gone. */
  'pairing.allow': call(z.strictObject({ request: id, scope }), z.object({ isThere: z.boolean() })),
  'pairing.deny': call(aRequest, nothing),

  'device.set-scope': call(z.strictObject({ device: id, scope }), nothing),
  'device.revoke': call(z.strictObject({ device: id }), nothing),
  'device.revoke-all': call(nothing, z.object({ revoked: z.number() })),

  'relay.reconnect': call(nothing, nothing),
  /** `address` null: our own relay. Takes up to 30 s. */
  'relay.test': call(z.strictObject({ address: z.nullable(address) }), relayTest),
  /** Moves to another relay; devices paired through the previous one have to be paired again. `publicUrl` only with `address` null. */
  'relay.set': call(
    z
      .strictObject({ address: z.nullable(address), publicUrl: z.nullable(address) })
      .check(z.refine((relay) => relay.address === null || relay.publicUrl === null, 'belongs to our own relay')),
    nothing,
  ),

  /** Checks everything that has to work, also while no host runs. Takes up to a minute; changes nothing. */
  'doctor.run': call(nothing, diagnosis),

  'settings.set': call(
    z
      .strictObject({
        keepAwake: z.exactOptional(keepAwake),
        // The file may hold fractions of an hour; the window offers none.
        keepAgentsHours: z.exactOptional(z.int().check(z.minimum(1), z.maximum(KEEP_AGENTS_MAX_HOURS))),
        isNotifying: z.exactOptional(z.boolean()),
      })
      .check(z.refine((change) => Object.keys(change).length > 0, 'nothing is to be set')),
    nothing,
  ),
  'settings.dismiss-guide': call(z.strictObject({ guide }), nothing),
  /** Answers what the system says afterwards. */
  'login.set': call(z.strictObject({ isEnabled: z.boolean() }), loginView),
  'agents.refresh': call(nothing, nothing),
  'agent.add': call(
    z.strictObject({
      id: agentId,
      name: z.string().check(z.trim(), z.minLength(1), z.maxLength(80)),
      command: z.string().check(z.trim(), z.minLength(1), z.maxLength(COMMAND_MAX_CHARS)),
      args: z.array(z.string().check(z.maxLength(COMMAND_MAX_CHARS))).check(z.maxLength(ARGUMENTS_MAX)),
    }),
    nothing,
  ),
  'agent.remove': call(z.strictObject({ id: agentId }), nothing),

  /** The system's own dialog; null if the person left it. */
  'folder.choose': call(nothing, z.object({ folder: z.nullable(z.string()) })),
  'data.show': call(nothing, nothing),
  /** Asks for a file, then writes every session as JSON Lines; null if the person left the dialog. */
  'history.export': call(nothing, z.object({ file: z.nullable(z.string()), sessions: z.number() })),
  /** `ended`: sessions that are over. `all`: ends the others first. The activity stays. */
  'history.delete': call(z.strictObject({ what: z.enum(['ended', 'all']) }), z.object({ sessions: z.number() })),
  /** Rows before `before`, newest first. */
  'activity.page': call(
    z.strictObject({ before: z.int().check(z.positive()) }),
    z.object({ rows: z.array(activityRow) }),
  ),
  /** Whether every row of the activity is as it was written. */
  'activity.verify': call(nothing, z.object({ isIntact: z.boolean(), text: z.string() })),

  'clipboard.write': call(z.strictObject({ text: z.string().check(z.maxLength(CLIPBOARD_MAX_CHARS)) }), nothing),
  'outside.open': call(z.strictObject({ page: outsidePage }), nothing),
  'update.check': call(nothing, updateView),
  'app.retry': call(nothing, nothing),
  /** Asks first if an agent is working. */
  'app.quit': call(nothing, nothing),
} as const;

export type Channel = keyof typeof calls;
export type ArgumentOf<Name extends Channel> = z.infer<(typeof calls)[Name]['argument']>;
export type ValueOf<Name extends Channel> = z.infer<(typeof calls)[Name]['value']>;

/** What main says to the window as a client of the host. */
export const clientPush = z.discriminatedUnion('kind', [
  /** A host runs, and takes a channel. */
  z.object({ kind: z.literal('ready') }),
  /** `json`: a `fromHost` message of the protocol, written once for all clients. */
  z.object({ kind: z.literal('message'), channel: uuid, json: z.string() }),
  /** The channel is over. `isReplaced`: another page has taken over; `reason` is for the log. */
  z.object({ kind: z.literal('closed'), channel: uuid, isReplaced: z.boolean(), reason: z.string() }),
]);
export type ClientPush = z.infer<typeof clientPush>;

/** Everything that main says unasked. */
export interface Pushes {
  slice: Slice;
  /** Show this page, as the tray's menu or a notification asks; `session` is to be brought into view. */
  show: { readonly page: Page; readonly session: string | null };
  client: ClientPush;
}
export type PushName = keyof Pushes;

/** What the page sees of main: `window.baton`. */
export interface BatonBridge {
  call<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>): Promise<Result<ValueOf<Name>>>;
  /** Returns what ends it. */
  on<Name extends PushName>(name: Name, listener: (push: Pushes[Name]) => void): () => void;
}

/** Before the names of calls and pushes on Electron's own channels. */
export type WireChannel = `baton:${Channel}`;
export type WirePush = `baton:push:${PushName}`;

/** Infinite for what cannot be written as JSON: IPC also carries cycles and big integers. */
function jsonBytes(value: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
