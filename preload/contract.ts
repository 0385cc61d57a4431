/**
 * What the window and the tray app say to each other. Every call with its argument and its answer, and every slice of the state
 * that is pushed: the whole on load, then each slice when it changes. Types only: the preload is one file and imports nothing.
 */
import type { Scope } from '#protocol/commands.ts';
import type { AgentInfo, FolderInfo, PendingApproval, SessionSummary } from '#protocol/messages.ts';

export type { Scope } from '#protocol/commands.ts';
export type { AgentInfo, FolderInfo, PendingApproval, SessionState, SessionSummary } from '#protocol/messages.ts';

/** `error` is for the person: what failed and what to do. Nothing has changed then. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: string };

export type Page = 'sessions' | 'pair' | 'devices' | 'settings' | 'activity';

/** All times are milliseconds since 1970 by this computer's clock. */
export interface WindowState {
  readonly app: AppView;
  readonly link: LinkView;
  readonly sessions: SessionsView;
  readonly usage: Readonly<Record<string, UsageView>>;
  readonly pairing: PairingView;
  readonly devices: readonly DeviceView[];
  readonly settings: SettingsView;
  /** Newest first; older rows by `activity.page`. */
  readonly activity: readonly ActivityRow[];
  readonly update: UpdateView;
}
export type SliceName = keyof WindowState;
export type Slice = { [Name in SliceName]: { readonly name: Name; readonly value: WindowState[Name] } }[SliceName];

export interface AppView {
  readonly version: string;
  readonly hostName: string;
  readonly system: 'linux' | 'mac' | 'windows';
  /** Names the page that phones get, for comparing. */
  readonly build: string;
  /** Why the host does not run, for example because another Baton uses the data folder; null if it runs. The other slices are empty then. */
  readonly refusal: string | null;
  /** What a person must be told once, such as that a damaged file was set aside. */
  readonly notices: readonly string[];
  /** False on a desktop that may show no tray icon: closing the window then says how to come back. */
  readonly isTrayKnown: boolean;
}

export interface LinkView {
  readonly kind: 'off' | 'connecting' | 'connected' | 'unreachable' | 'asleep' | 'stopped';
  readonly since: number;
  /** With `unreachable` and `stopped`. */
  readonly reason: string | null;
  /** With `unreachable`. */
  readonly retryAt: number | null;
  /** When the relay was last heard; null if it is not connected. */
  readonly heardAt: number | null;
  readonly relay: RelayView;
}

export interface RelayView {
  /** What the host dials. */
  readonly origin: string;
  /** The relay inside Baton, on loopback. */
  readonly isOwn: boolean;
  /** Where phones find the relay and its page; the same as `origin` unless something with https stands before our own relay. */
  readonly phoneOrigin: string;
  /** Whether a phone can reach it at all: false for loopback. */
  readonly isReachableByPhones: boolean;
}

export interface SessionsView {
  /** Open ones before ended ones. */
  readonly list: readonly SessionView[];
  readonly approvals: readonly PendingApproval[];
  /** Questions that were just settled, or whose answer is on its way; oldest first. */
  readonly settled: readonly SettledApproval[];
  readonly agents: readonly AgentInfo[];
  readonly folders: readonly FolderInfo[];
  /** The switch for all sessions, present and future. */
  readonly isRemoteControlEnabled: boolean;
}

export interface SettledApproval {
  readonly approval: string;
  readonly session: string;
  readonly title: string;
  readonly askedAt: number;
  /** How far the answer has come, or how the question ended. */
  readonly text: string;
  /** `bad`: the answer did not count, or may not have. */
  readonly tone: 'good' | 'quiet' | 'bad';
  /** Not to be shown after this; null while it is not over. */
  readonly until: number | null;
}

export type SessionView = SessionSummary & {
  /** Its own switch; it counts only while the one for all is on. */
  readonly isRemote: boolean;
  /** Names of the devices that have it on their screen now. */
  readonly watchedBy: readonly string[];
};

/** An agent and everything it started. */
export interface UsageView {
  readonly processes: number;
  readonly memoryBytes: number;
  /** Of one core, since the last look; null at the first. */
  readonly cpuPercent: number | null;
}

export interface PairingView {
  readonly isShown: boolean;
  /** Null while none can be shown; `trouble` then says why, unless it is only being made. */
  readonly offer: { readonly link: string; readonly expiresAt: number } | null;
  readonly trouble: string | null;
  readonly requests: readonly {
    readonly id: string;
    readonly name: string;
    readonly digits: string;
    readonly askedAt: number;
    /** Build of the page that asks, as it says itself. */
    readonly build: string;
  }[];
  /** The device that was paired last, while codes are on show: for a word of success. */
  readonly lastPaired: { readonly name: string; readonly at: number } | null;
}

export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly pairedAt: number;
  readonly lastSeenAt: number | null;
  /** Null unless it is connected now. */
  readonly connection: { readonly provenAt: number; readonly lastRoundTripMs: number | null } | null;
  /** Title of the session on its screen. */
  readonly watching: string | null;
}

export type KeepAwake = 'off' | 'always' | 'on-power';

export interface SettingsView {
  /** Origin of the chosen relay; null: our own, on loopback. */
  readonly relay: string | null;
  readonly relayPort: number;
  /** https origin that leads to our own relay, such as one of a private network; null if there is none. */
  readonly relayPublicUrl: string | null;
  readonly keepAwake: KeepAwake;
  /** How long agents may work on while Baton does not run; then they are ended. */
  readonly keepAgentsHours: number;
  /** Whether the computer is kept awake at this moment. */
  readonly isKeptAwake: boolean;
  readonly isNotifying: boolean;
  readonly login: LoginView;
  readonly secrets: SecretsView;
  readonly customAgents: readonly CustomAgentView[];
  readonly dataFolder: string;
  readonly historyBytes: number;
  readonly sessionCount: number;
  readonly dismissedGuides: readonly Guide[];
}

/** What the system says, never what was asked of it. */
export type LoginView =
  | { readonly kind: 'on' | 'off' }
  /** macOS: the person must allow it in the system's settings. */
  | { readonly kind: 'requires-approval' }
  /** It cannot be had here; `reason` says why. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** `keychain`: encrypted with a key that the system keeps. `file`: readable by this user only, and by every program of theirs. */
export type SecretsView = {
  readonly kind: 'keychain' | 'file';
  /** For the person: what that means here. */
  readonly text: string;
};

export interface CustomAgentView {
  readonly id: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export type Guide = 'agents' | 'relay' | 'pair';

export interface ActivityRow {
  readonly seq: number;
  readonly at: number;
  /** Who: the name of a device, or "This computer". */
  readonly by: string;
  readonly isDevice: boolean;
  /** What, as a sentence without its subject: "allowed “Edit hello.js”", "paired “My phone” (everything)". */
  readonly text: string;
  /** Title of the session, if it is about one. */
  readonly session: string | null;
}

export type UpdateView =
  | { readonly kind: 'unknown' | 'checking' | 'current'; readonly at: number | null }
  | { readonly kind: 'available'; readonly version: string; readonly url: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** For example because it runs from its sources. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** One step of testing a relay, in the order in which they were done; the first failure is the last step. */
export interface RelayTestStep {
  readonly step: 'address' | 'name' | 'connect' | 'secure' | 'upgrade' | 'sign-in' | 'round-trip';
  readonly isOk: boolean;
  /** For people: "Found at 203.0.113.7", "The certificate has expired". */
  readonly text: string;
  readonly ms: number;
}
export interface RelayTest {
  readonly isOk: boolean;
  readonly origin: string | null;
  /** Host → relay → device → relay → host, with ends of our own; null if it did not come that far. */
  readonly roundTripMs: number | null;
  readonly steps: readonly RelayTestStep[];
  /** One sentence: what is wrong and what to do, or that it works. */
  readonly text: string;
}

/** One thing that has to work for a phone to reach an agent here. */
export interface Check {
  readonly name:
    | 'folder'
    | 'settings'
    | 'history'
    | 'keys'
    | 'relay'
    | 'clock'
    | 'name'
    | 'connect'
    | 'secure'
    | 'upgrade'
    | 'sign-in'
    | 'link'
    | 'admission'
    | 'round-trip'
    | 'devices'
    | 'agents'
    | 'notifications';
  /** What people call it. */
  readonly title: string;
  /** `skipped`: it could not be found out, or there is nothing to find out. */
  readonly state: 'ok' | 'wrong' | 'skipped';
  readonly text: string;
  readonly ms: number;
}
/** What the doctor found. */
export interface Diagnosis {
  readonly isOk: boolean;
  /** One sentence: the first thing that is wrong and what to do, or that nothing is. */
  readonly text: string;
  /** In the order in which they were made. */
  readonly checks: readonly Check[];
  readonly at: number;
}

/** Where the window may lead outside; each is one fixed https address in main. */
export type OutsidePage = 'agent-client-protocol' | 'caddy' | 'tailscale-serve' | 'update';

interface Call<Argument, Value> {
  readonly argument: Argument;
  readonly value: Value;
}

/** Every channel from the window to main. */
export interface Calls {
  /** The whole state; from then on slices are pushed. */
  'window.load': Call<null, WindowState>;
  /** Which page is on view, so that nobody is notified of what they look at. */
  'window.show-page': Call<{ page: Page }, null>;
  /** The browser's `online` and `offline`. */
  'window.network': Call<{ isOnline: boolean }, null>;
  'window.close': Call<null, null>;

  'session.start': Call<{ agent: string; folder: string; title: string | null }, { session: string }>;
  'session.end': Call<{ session: string }, null>;
  'session.resume': Call<{ session: string }, null>;
  'session.rename': Call<{ session: string; title: string }, null>;
  'session.set-remote': Call<{ session: string; isRemote: boolean }, null>;
  /** The address of the session on the page for phones. Holds no secret: only a paired device can use it. */
  'session.link': Call<{ session: string }, { link: string }>;
  'approval.answer': Call<{ session: string; approval: string; option: string }, null>;

  /** The switch for all sessions. Main asks the person itself the first time it is turned on; `isEnabled` is what holds afterwards. */
  'remote.set': Call<{ isEnabled: boolean }, { isEnabled: boolean }>;

  'pairing.show': Call<null, null>;
  'pairing.hide': Call<null, null>;
  /** False: whoever asked is gone. */
  'pairing.allow': Call<{ request: string; scope: Scope }, { isThere: boolean }>;
  'pairing.deny': Call<{ request: string }, null>;

  'device.set-scope': Call<{ device: string; scope: Scope }, null>;
  'device.revoke': Call<{ device: string }, null>;
  'device.revoke-all': Call<null, { revoked: number }>;

  'relay.reconnect': Call<null, null>;
  /** `address` null: our own relay. Takes up to 30 s. */
  'relay.test': Call<{ address: string | null }, RelayTest>;
  /** Moves to another relay; devices paired through the former one have to be paired again. `publicUrl` only with `address` null. */
  'relay.set': Call<{ address: string | null; publicUrl: string | null }, null>;

  /** Checks everything that has to work, also while no host runs. Takes up to a minute; changes nothing. */
  'doctor.run': Call<null, Diagnosis>;

  'settings.set': Call<{ keepAwake?: KeepAwake; keepAgentsHours?: number; isNotifying?: boolean }, null>;
  'settings.dismiss-guide': Call<{ guide: Guide }, null>;
  /** Answers what the system says afterwards. */
  'login.set': Call<{ isEnabled: boolean }, LoginView>;
  'agents.refresh': Call<null, null>;
  'agent.add': Call<{ id: string; name: string; command: string; args: string[] }, null>;
  'agent.remove': Call<{ id: string }, null>;

  /** The system's own dialog; null if the person left it. */
  'folder.choose': Call<null, { folder: string | null }>;
  'data.show': Call<null, null>;
  /** Asks for a file, then writes every session as JSON Lines; null if the person left the dialog. */
  'history.export': Call<null, { file: string | null; sessions: number }>;
  /** `ended`: sessions that are over. `all`: ends the others first. The activity stays. */
  'history.delete': Call<{ what: 'ended' | 'all' }, { sessions: number }>;
  /** Rows before `before`, newest first. */
  'activity.page': Call<{ before: number }, { rows: ActivityRow[] }>;
  /** Whether every row of the activity is as it was written. */
  'activity.verify': Call<null, { isIntact: boolean; text: string }>;

  'clipboard.write': Call<{ text: string }, null>;
  'outside.open': Call<{ page: OutsidePage }, null>;
  'update.check': Call<null, UpdateView>;
  'app.retry': Call<null, null>;
  /** Asks first if an agent is working. */
  'app.quit': Call<null, null>;
}
export type Channel = keyof Calls;
export type ArgumentOf<Name extends Channel> = Calls[Name]['argument'];
export type ValueOf<Name extends Channel> = Calls[Name]['value'];

/** Everything that main says unasked. */
export interface Pushes {
  slice: Slice;
  /** Show this page, as the tray's menu or a notification asks; `session` is to be brought into view. */
  show: { readonly page: Page; readonly session: string | null };
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
