/**
 * What the screens know of a host, and nothing else: signals to show, and calls to make. The phone implements it on IndexedDB,
 * WebCrypto and a WebSocket, the window on IPC; every screen of `ui/` is drawn from it.
 */
import type { ReadonlySignal } from '@preact/signals';
import type { CommandBody, CommandKind, ReceiptState, Scope } from '#protocol/commands.ts';
import type { SessionEvent } from '#protocol/events.ts';
import type { HostState } from '#protocol/messages.ts';

/**
 * Who is silent, as far as it is known. `relay`: it answers nothing either, though the socket is open. `passage`: the relay answers and hears
 * the host, but nothing comes through. `host`: the relay does not hear the host either, or cannot tell.
 */
export type Silent = 'host' | 'relay' | 'passage';

/** All times are milliseconds since 1970 by this device's clock; times from the host are already translated. */
export type HostStatus =
  /** Dialling, authenticating or shaking hands. */
  | { kind: 'connecting'; since: number }
  /** Proven by a round trip to the host itself at `provenAt`. */
  | { kind: 'connected'; provenAt: number; roundTripMs: number }
  /** The channel is open but the host has not answered for longer than PROOF_STALE_AFTER_MS. */
  | { kind: 'no-answer'; since: number; silent: Silent }
  /** The host said that it goes to sleep. */
  | { kind: 'asleep'; since: number }
  /** The host said that Baton was quit there. */
  | { kind: 'closed'; since: number }
  /** The relay answers, the host is not connected to it. `since` null: longer than the relay knows. */
  | { kind: 'host-offline'; since: number | null }
  | { kind: 'relay-unreachable'; since: number }
  /** The relay is there and lets nobody more in for now; `text` says what is full. */
  | { kind: 'full'; since: number; text: string }
  /** This device has no network. */
  | { kind: 'offline'; since: number }
  /** Only a person can change it; `text` says how. */
  | { kind: 'stopped'; reason: 'revoked' | 'not-admitted' | 'other-tab' | 'update-needed' | 'storage'; text: string };

/**
 * `waiting`: in the outbox, not connected. `left`: besides, sealed at the relay, which gives it to the host when that comes.
 * `collected`: the relay says that it gave it to the host. `sending`: handed to the channel, no receipt yet. Then as the host says.
 */
export type OutboxState = 'waiting' | 'left' | 'collected' | 'sending' | ReceiptState;

export interface OutboxEntry {
  readonly id: string;
  readonly session: string;
  readonly kind: CommandKind;
  readonly body: CommandBody;
  readonly state: OutboxState;
  /** The host's; while `waiting`, why the relay does not keep it. */
  readonly reason: string | null;
  readonly at: number;
}

export interface Streaming {
  readonly id: string;
  readonly role: 'message' | 'thought';
  readonly text: string;
}

export interface SessionLog {
  /** What is loaded, in order, without gaps. Grows at both ends. */
  readonly events: ReadonlySignal<readonly SessionEvent[]>;
  /** Text that is being written right now, oldest first. */
  readonly streaming: ReadonlySignal<readonly Streaming[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  readonly isLoadingOlder: ReadonlySignal<boolean>;
  /** From this device's store first, else from the host; resolves false if neither has it now. */
  loadOlder(): Promise<boolean>;
}

/** One host, as a client of it sees it. */
export interface HostClient {
  readonly hostId: string;
  readonly name: ReadonlySignal<string>;
  readonly scope: ReadonlySignal<Scope>;
  readonly status: ReadonlySignal<HostStatus>;
  /** Last known, also while offline; null before the first. */
  readonly state: ReadonlySignal<HostState | null>;
  /** When the host last proved `state`; null before the first. */
  readonly stateProvenAt: ReadonlySignal<number | null>;
  /** Every command that still matters to a screen, oldest first: open ones, and finished ones until dismissed or a day old. */
  readonly outbox: ReadonlySignal<readonly OutboxEntry[]>;
  /** The host's build, once known in this connection. */
  readonly hostBuild: ReadonlySignal<string | null>;
  /** The log of one session, loaded on first use from the store. Its text streams while it is `watch`ed. */
  log(session: string): SessionLog;
  /** Tell the host which session is on the screen; null for none. */
  watch(session: string | null): void;
  /** Stores the command durably, then sends it. Resolves with its id once stored; rejects if it cannot be stored (quota). */
  send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Promise<string>;
  /** Take back a command: deletes it if it never left this device, else asks the host. */
  withdraw(command: string): Promise<void>;
  /** Hide a finished command. */
  dismiss(command: string): Promise<void>;
  /** The whole of an output that was cut for the log; rejects with words if it cannot be had now. */
  blob(session: string, blob: string): Promise<string>;
  /** Drop the connection and dial at once. */
  retryNow(): void;
  /** Forget this host on this device: keys, history, outbox. */
  forget(): Promise<void>;
}
