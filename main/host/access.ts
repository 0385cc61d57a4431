/**
 * Who may see and do what on this computer: the one place that decides it. Pure: all it decides on is handed in.
 *
 * A device passes five gates in this order: it is paired, its scope allows the command, remote control is on, it is on for this
 * session, and the session is there. This computer passes only the last one.
 */
import { CloseCode } from '#protocol/close-codes.ts';
import { type CommandKind, isAllowed, type Scope } from '#protocol/commands.ts';
import type { Actor } from '#protocol/events.ts';
import { AT_COMPUTER } from './at-computer.ts';
import type { Device } from './history/device-store.ts';

/** Anyone who shows sessions and gives commands. */
export type Client =
  /** The window, the tray or a terminal on this computer: sees all sessions and may do everything. */
  | { readonly kind: 'computer'; readonly name: string }
  /** A phone that was paired once. `revokedAt`: milliseconds since 1970; null while it is paired. */
  | {
      readonly kind: 'device';
      readonly id: string;
      readonly name: string;
      readonly scope: Scope;
      readonly revokedAt: number | null;
    };

/** As much of a client as decides what it sees: all devices that are paired see the same. */
export type Viewer = { readonly kind: 'computer' } | { readonly kind: 'device'; readonly revokedAt: number | null };

/** What is known of the session that a client asks for. `isRemote` is the session's own switch. */
export type SessionStanding =
  | { readonly kind: 'known'; readonly record: { readonly isRemote: boolean } }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'deleted' };

/** The switch for all sessions, as the settings hold it. */
export interface Switches {
  readonly remoteControl: boolean;
}

/** What a decision about one session rests on, besides the client. */
export interface AccessFacts {
  readonly settings: Switches;
  readonly session: SessionStanding;
}

/** The client at this computer, by the name that logs and the audit give it. */
export const THIS_COMPUTER: Client = { kind: 'computer', name: AT_COMPUTER.name };
/** A paired device, whichever. */
export const PAIRED_DEVICE: Viewer = { kind: 'device', revokedAt: null };

export const DEVICE_REVOKED = 'This device was revoked.';
const WATCH_ONLY = 'This device may only watch. Its rights can be changed on the computer.';
const ANSWER_ONLY =
  'This device may send prompts and answer questions only. Its rights can be changed on the computer.';
const ALL_OFF = 'Remote control is switched off on the computer.';
const SESSION_OFF = 'Remote control is switched off for this session.';
const SESSION_UNKNOWN = 'This session is not known on the computer.';
const SESSION_DELETED = 'This session was deleted on the computer.';

/**
 * What a command needs of its session. `there`: it must exist. `not-deleted`: it may be missing, as the command makes it, or is about
 * something that has better words of its own. `none`: a prompt that comes after its withdrawal must not run, so that is always noted.
 */
const NEEDED_SESSION: Record<CommandKind, 'there' | 'not-deleted' | 'none'> = {
  prompt: 'there',
  'prompt.withdraw': 'none',
  'prompt.resolve': 'not-deleted',
  cancel: 'there',
  answer: 'not-deleted',
  'mode.set': 'there',
  'session.new': 'not-deleted',
  'session.end': 'there',
  'session.resume': 'there',
  'session.rename': 'there',
};

/** The device of this row as a client. */
export function deviceClient({ id, name, scope, revokedAt }: Device): Client {
  return { kind: 'device', id, name, scope, revokedAt };
}

/** The client as logs and receipts name who did something. */
export function actorOf(client: Client): Actor {
  return { device: client.kind === 'device' ? client.id : null, name: client.name };
}

/** What the client may do, as it is told. */
export function scopeOf(client: Client): Scope {
  return client.kind === 'device' ? client.scope : 'full';
}

/** Whether the device may connect, and its letters are opened. A revoked one has lost its key for good. */
export function isPaired(device: Device | null): device is Device & { psk: NonNullable<Device['psk']> } {
  return device !== null && device.revokedAt === null && device.psk !== null;
}

/** How a channel is closed for a device that is not paired; null: there never was such a device. */
export function channelRefusal(device: Device | null): { code: CloseCode; reason: string } {
  return device === null
    ? { code: CloseCode.notAdmitted, reason: 'Not paired.' }
    : { code: CloseCode.revoked, reason: DEVICE_REVOKED };
}

/** Why this client may give no command at all, and learns nothing of earlier ones; null if it may. */
export function clientRefusal(client: Client): string | null {
  return client.kind === 'device' && client.revokedAt !== null ? DEVICE_REVOKED : null;
}

/** Whether the switch for all sessions is on. */
export function isRemoteControlOn(settings: Switches): boolean {
  return settings.remoteControl;
}

/** Whether the client sees anything of this computer: its agents, its folders, and sessions as `canSee` decides. */
export function canSeeComputer(client: Viewer, settings: Switches): boolean {
  return client.kind === 'computer' || (client.revokedAt === null && settings.remoteControl);
}

/** Whether the client sees this session: its log, its state, its questions. */
export function canSee(client: Viewer, { settings, session }: AccessFacts): boolean {
  if (session.kind !== 'known') return false;
  return client.kind === 'computer' || (canSeeComputer(client, settings) && session.record.isRemote);
}

/** Why the client may not give this command now, in words for a person; null if it may. */
export function refusalFor(client: Client, command: CommandKind, facts: AccessFacts): string | null {
  const { settings, session } = facts;
  if (client.kind === 'device') {
    const refusal = clientRefusal(client);
    if (refusal !== null) return refusal;
    if (!isAllowed(client.scope, command)) return client.scope === 'watch' ? WATCH_ONLY : ANSWER_ONLY;
    if (!canSeeComputer(client, settings)) return ALL_OFF;
    if (session.kind === 'known' && !canSee(client, facts)) return SESSION_OFF;
  }
  const needed = NEEDED_SESSION[command];
  if (session.kind === 'deleted' && needed !== 'none') return SESSION_DELETED;
  if (session.kind === 'unknown' && needed === 'there') return SESSION_UNKNOWN;
  return null;
}
