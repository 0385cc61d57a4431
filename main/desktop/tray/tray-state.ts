/** Pure: from what is known to what the tray shows. It claims nothing that was not proven, and says how old the proof is. */

import { agoWords, durationWords } from '#lib/duration-words.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import { type DeviceFact, type LinkFacts, provenDevices, silentDevices } from '#main/host/remote/link/link-facts.ts';
import type { PendingApproval, SessionSummary } from '#protocol/messages.ts';

/** Each has a shape of its own, told apart without colour. */
export type TrayIconName = 'off' | 'connected' | 'working' | 'waiting' | 'offline';

/** What the tray is drawn from while the host runs. */
export interface TrayFacts {
  readonly link: LinkFacts;
  readonly sessions: readonly Pick<SessionSummary, 'id' | 'title' | 'state' | 'since'>[];
  readonly approvals: readonly Pick<PendingApproval, 'session'>[];
  readonly isRemoteControlEnabled: boolean;
  /** Why nothing can be stored now; null if everything can. */
  readonly diskTrouble: string | null;
}
/** `facts` null: the host does not run; `refusal` says why, or is null while it starts or ends. */
export interface TrayInput {
  readonly facts: TrayFacts | null;
  readonly refusal: string | null;
  readonly isClosing: boolean;
  readonly now: number;
}

export interface TrayState {
  readonly icon: TrayIconName;
  /** First line of the menu. */
  readonly status: string;
  readonly tooltip: string;
}

const STATUS_MAX_CHARS = 120;

export function renderTrayState({ facts, refusal, isClosing, now }: TrayInput): TrayState {
  if (!facts) {
    const absence = refusal === null ? 'Baton is starting' : 'Baton cannot work: open the window to see why';
    const status = isClosing ? 'Baton is closing: agents end, phones are told' : absence;
    return { icon: 'offline', status, tooltip: status };
  }
  const link = describeRelay(facts, now);
  const waiting = countWaiting(facts);
  const working = facts.sessions.filter(({ state }) => state === 'working').length;
  const parts = [facts.diskTrouble, link, describeDevices(facts.link.devices, now)];
  const status = toPlainLine(parts.filter(Boolean).join(' · '), STATUS_MAX_CHARS);
  const activity = describeSessions(waiting, working);
  return {
    icon: chooseIcon(facts, waiting, working),
    status,
    tooltip: `Baton: ${[activity, status].filter(Boolean).join(' · ')}`,
  };
}

/** Who needs a person comes before everything; a lost connection before work that goes on without it. */
function chooseIcon(facts: TrayFacts, waiting: number, working: number): TrayIconName {
  if (waiting > 0) return 'waiting';
  if (facts.isRemoteControlEnabled && facts.link.relay.kind !== 'connected') return 'offline';
  if (working > 0) return 'working';
  return facts.isRemoteControlEnabled ? 'connected' : 'off';
}

function describeRelay({ link: { relay }, isRemoteControlEnabled }: TrayFacts, now: number): string {
  const elapsed = now - relay.since;
  const lasting = elapsed < 1000 ? '' : ` for ${durationWords(elapsed)}`;
  const remote = isRemoteControlEnabled ? '' : 'Remote control is off · ';
  switch (relay.kind) {
    case 'connected':
      return `${remote}Relay connected, heard ${relay.heardAt === null ? 'never' : agoWords(relay.heardAt, now)}`;
    case 'silent':
      return `${remote}Relay silent for ${durationWords(now - relay.heardAt)}`;
    case 'connecting':
      return `${remote}Connecting to the relay${lasting}`;
    case 'unreachable':
      return `${remote}Relay unreachable${lasting}`;
    case 'asleep':
      return `${remote}Asleep${lasting}`;
    case 'stopped':
      return `${remote}Stopped: open the window to see why`;
    case 'off':
      return `${remote}Not connected to a relay`;
  }
}

/** The proof is a round trip through the whole way that the device made. */
function describeDevices(devices: readonly DeviceFact[], now: number): string {
  const [proven, silent] = [provenDevices(devices), silentDevices(devices)];
  const others = proven.length + silent.length <= 1 ? '' : ` and ${proven.length + silent.length - 1} more`;
  if (proven[0]) return `${proven[0].name} proven ${agoWords(proven[0].provenAt, now)}${others}`;
  if (silent[0]) return `${silent[0].name} silent for ${durationWords(now - silent[0].provenAt)}${others}`;
  return devices.length === 0 ? '' : 'no phone connected';
}

function countWaiting({ sessions, approvals }: TrayFacts): number {
  const asking = new Set(approvals.map(({ session }) => session));
  return sessions.filter(({ id, state }) => state === 'waiting' || asking.has(id)).length;
}

function describeSessions(waiting: number, working: number): string {
  const words: string[] = [];
  if (waiting > 0) words.push(waiting === 1 ? 'a session waits for you' : `${waiting} sessions wait for you`);
  if (working > 0) words.push(working === 1 ? 'an agent works' : `${working} agents work`);
  return words.join(', ');
}
