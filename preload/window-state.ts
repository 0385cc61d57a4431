/** What the window shows of the computer besides its sessions: slices of state, the whole on load, then each when it changes. */
import * as z from 'zod/mini';
import { scope } from '#protocol/commands.ts';

const text = z.string();
const count = z.number();
/** Milliseconds since 1970 by this computer's clock. */
const at = z.number();
const list = <Item extends z.ZodMiniType>(item: Item) => z.readonly(z.array(item));

export const appView = z.object({
  version: text,
  hostName: text,
  system: z.enum(['linux', 'mac', 'windows']),
  /** Names the page that phones get, for comparing. */
  build: text,
  /** Why the host does not run, for example because another Baton uses the data folder; null if it runs. The other slices are empty then. */
  refusal: z.nullable(text),
  /** What a person must be told once, such as that a damaged file was set aside. */
  notices: list(text),
  /** False on a desktop that may show no tray icon: closing the window then says how to come back. */
  isTrayKnown: z.boolean(),
});
export type AppView = z.infer<typeof appView>;

export const relayView = z.object({
  /** What the host dials. */
  origin: text,
  /** The relay inside Baton, on loopback. */
  isOwn: z.boolean(),
  /** Where phones find the relay and its page; the same as `origin` unless something with https stands before our own relay. */
  phoneOrigin: text,
  /** Whether a phone can reach it at all: false for loopback. */
  isReachableByPhones: z.boolean(),
});
export type RelayView = z.infer<typeof relayView>;

export const linkView = z.object({
  kind: z.enum(['off', 'connecting', 'connected', 'unreachable', 'asleep', 'stopped']),
  since: at,
  /** With `unreachable` and `stopped`. */
  reason: z.nullable(text),
  /** With `unreachable`. */
  retryAt: z.nullable(at),
  /** When the relay was last heard; null if it is not connected. */
  heardAt: z.nullable(at),
  /** After this, a relay that is not heard again counts as silent; null if it is not connected. */
  holdsUntil: z.nullable(at),
  relay: relayView,
});
export type LinkView = z.infer<typeof linkView>;

/** What only this computer knows of a session; the rest, the window has as a client of the host. */
export const sessionView = z.object({
  id: text,
  /** Its own switch; it counts only while the one for all is on. */
  isRemote: z.boolean(),
  /** Names of the devices that have it on their screen now. */
  watchedBy: list(text),
});
export type SessionView = z.infer<typeof sessionView>;

export const sessionsView = z.object({
  list: list(sessionView),
  /** The switch for all sessions, present and future. */
  isRemoteControlEnabled: z.boolean(),
  /** Why nothing can be stored now, such as a full disk; null if everything can. */
  diskTrouble: z.nullable(text),
});
export type SessionsView = z.infer<typeof sessionsView>;

/** An agent and everything it started. */
export const usageView = z.object({
  processes: count,
  memoryBytes: count,
  /** Of one core, since the last look; null at the first. */
  cpuPercent: z.nullable(count),
});
export type UsageView = z.infer<typeof usageView>;

export const pairingView = z.object({
  isShown: z.boolean(),
  /** Null while none can be shown; `trouble` then says why, unless it is only being made. */
  offer: z.nullable(z.object({ link: text, expiresAt: at })),
  trouble: z.nullable(text),
  requests: list(
    z.object({
      id: text,
      name: text,
      digits: text,
      askedAt: at,
      /** Build of the page that asks, as it says itself. */
      build: text,
    }),
  ),
  /** The device that was paired last, while codes are on show: for a word of success. */
  lastPaired: z.nullable(z.object({ name: text, at })),
});
export type PairingView = z.infer<typeof pairingView>;

export const deviceView = z.object({
  id: text,
  name: text,
  scope,
  pairedAt: at,
  lastSeenAt: z.nullable(at),
  /** The last round trip that it proved; null unless it is connected now. After `holdsUntil` it counts as silent. */
  connection: z.nullable(z.object({ provenAt: at, lastRoundTripMs: z.nullable(count), holdsUntil: at })),
  /** Title of the session on its screen. */
  watching: z.nullable(text),
});
export type DeviceView = z.infer<typeof deviceView>;

export const keepAwake = z.enum(['off', 'always', 'on-power']);
export type KeepAwake = z.infer<typeof keepAwake>;

/** What the system says, never what was asked of it. */
export const loginView = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['on', 'off']) }),
  /** macOS: the person must allow it in the system's settings. */
  z.object({ kind: z.literal('requires-approval') }),
  /** It cannot be had here; `reason` says why. */
  z.object({ kind: z.literal('unavailable'), reason: text }),
]);
export type LoginView = z.infer<typeof loginView>;

/** `keychain`: encrypted with a key that the system keeps. `file`: readable by this user only, and by every program of theirs. */
export const secretsView = z.object({
  kind: z.enum(['keychain', 'file']),
  /** For the person: what that means here. */
  text,
});
export type SecretsView = z.infer<typeof secretsView>;

export const customAgentView = z.object({ id: text, name: text, command: text, args: list(text) });
export type CustomAgentView = z.infer<typeof customAgentView>;

export const guide = z.enum(['agents', 'relay', 'pair']);
export type Guide = z.infer<typeof guide>;

export const settingsView = z.object({
  /** Origin of the chosen relay; null: our own, on loopback. */
  relay: z.nullable(text),
  relayPort: count,
  /** https origin that leads to our own relay, such as one of a private network; null if there is none. */
  relayPublicUrl: z.nullable(text),
  keepAwake,
  /** How long agents may work on while Baton does not run; then they are ended. */
  keepAgentsHours: count,
  /** Whether the computer is kept awake at this moment. */
  isKeptAwake: z.boolean(),
  isNotifying: z.boolean(),
  login: loginView,
  secrets: secretsView,
  customAgents: list(customAgentView),
  dataFolder: text,
  historyBytes: count,
  sessionCount: count,
  dismissedGuides: list(guide),
});
export type SettingsView = z.infer<typeof settingsView>;

export const activityRow = z.object({
  seq: count,
  at,
  /** Who: the name of a device, or "This computer". */
  by: text,
  isDevice: z.boolean(),
  /** What, as a sentence without its subject: "allowed “Edit hello.js”", "paired “My phone” (everything)". */
  text,
  /** Title of the session, if it is about one. */
  session: z.nullable(text),
});
export type ActivityRow = z.infer<typeof activityRow>;

export const updateView = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['unknown', 'checking', 'current']), at: z.nullable(at) }),
  z.object({ kind: z.literal('available'), version: text, url: text }),
  z.object({ kind: z.literal('failed'), reason: text }),
  /** For example because it runs from its sources. */
  z.object({ kind: z.literal('unavailable'), reason: text }),
]);
export type UpdateView = z.infer<typeof updateView>;

export const windowState = z.object({
  app: appView,
  link: linkView,
  sessions: sessionsView,
  usage: z.readonly(z.record(text, usageView)),
  pairing: pairingView,
  devices: list(deviceView),
  settings: settingsView,
  /** Newest first; older rows by `activity.page`. */
  activity: list(activityRow),
  update: updateView,
});
export type WindowState = z.infer<typeof windowState>;
export type SliceName = keyof WindowState;
export type Slice = { [Name in SliceName]: { readonly name: Name; readonly value: WindowState[Name] } }[SliceName];
