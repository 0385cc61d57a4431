/** Pure: from what is known to what the tray shows. It claims nothing that was not proven, and says how old the proof is. */

import { agoWords, durationWords } from '#lib/duration-words.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import { LINK_SILENT_AFTER_MS } from '#main/host/remote/relay-attempt.ts';
import type { LinkStatus } from '#main/host/remote/relay-link.ts';
import type { DeviceView } from '#main/host/remote/remote-control.ts';
import type { PendingApproval, SessionSummary } from '#protocol/messages.ts';

/** Each has a shape of its own, told apart without colour. */
export type TrayIconName = 'off' | 'connected' | 'working' | 'waiting' | 'offline';

/** What the tray is drawn from while the host runs. */
export interface TrayFacts {
  readonly link: LinkStatus;
  /** When the relay was last heard; null if it is not connected. */
  readonly heardAt: number | null;
  readonly devices: readonly Pick<DeviceView, 'name' | 'connection'>[];
  readonly sessions: readonly Pick<SessionSummary, 'id' | 'title' | 'state' | 'since'>[];
  readonly approvals: readonly Pick<PendingApproval, 'session'>[];
  readonly isRemoteControlEnabled: boolean;
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
  const link = describeLink(facts, now);
  const waiting = countWaiting(facts);
  const working = facts.sessions.filter(({ state }) => state === 'working').length;
  const status = toPlainLine([link, describeDevices(facts.devices, now)].filter(Boolean).join(' · '), STATUS_MAX_CHARS);
  const activity = describeSessions(waiting, working);
  return {
    icon: chooseIcon(facts, waiting, working, now),
    status,
    tooltip: `Baton: ${[activity, status].filter(Boolean).join(' · ')}`,
  };
}

/** Who needs a person comes before everything; a lost connection before work that goes on without it. */
function chooseIcon(facts: TrayFacts, waiting: number, working: number, now: number): TrayIconName {
  if (waiting > 0) return 'waiting';
  if (facts.isRemoteControlEnabled && (facts.link.kind !== 'connected' || isSilent(facts, now))) return 'offline';
  if (working > 0) return 'working';
  return facts.isRemoteControlEnabled ? 'connected' : 'off';
}

/** Until when what is drawn of the link holds if nothing more is heard; null if it says of itself since when it is so. */
export function silentFrom({ link, heardAt }: Pick<TrayFacts, 'link' | 'heardAt'>): number | null {
  return link.kind === 'connected' && heardAt !== null ? heardAt + LINK_SILENT_AFTER_MS + 1 : null;
}

function isSilent(facts: TrayFacts, now: number): boolean {
  const from = silentFrom(facts);
  return from !== null && now >= from;
}

function describeLink(facts: TrayFacts, now: number): string {
  const { link, heardAt, isRemoteControlEnabled } = facts;
  const elapsed = now - link.since;
  const lasting = elapsed < 1000 ? '' : ` for ${durationWords(elapsed)}`;
  const remote = isRemoteControlEnabled ? '' : 'Remote control is off · ';
  switch (link.kind) {
    case 'connected':
      if (heardAt !== null && isSilent(facts, now)) return `${remote}Relay silent for ${durationWords(now - heardAt)}`;
      return `${remote}Relay connected, heard ${heardAt === null ? 'never' : agoWords(heardAt, now)}`;
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
function describeDevices(devices: TrayFacts['devices'], now: number): string {
  const connected = devices.flatMap(({ name, connection }) =>
    connection ? [{ name, provenAt: connection.provenAt }] : [],
  );
  if (connected.length === 0) return devices.length === 0 ? '' : 'no phone connected';
  const freshest = connected.reduce((best, device) => (device.provenAt > best.provenAt ? device : best));
  const others = connected.length === 1 ? '' : ` and ${connected.length - 1} more`;
  return `${freshest.name} proven ${agoWords(freshest.provenAt, now)}${others}`;
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
