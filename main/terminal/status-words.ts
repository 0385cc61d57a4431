/** Pure: what the status line says. */

import { agoWords, durationWords } from '#lib/duration-words.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import type { HostState, SessionSummary } from '#protocol/messages.ts';
import { LINK_SILENT_AFTER_MS } from '../host/remote/relay-attempt.ts';
import type { LinkStatus } from '../host/remote/relay-link.ts';
import type { DeviceView } from '../host/remote/remote-control.ts';

/** A page that is on the screen is heard every 5 s; see `phone/core/limits.ts`. */
export const DEVICE_SILENT_AFTER_MS = 12_000;

function describeLink(status: LinkStatus, heardAt: number | null, now: number): string {
  const age = durationWords(now - status.since);
  switch (status.kind) {
    case 'connected':
      if (heardAt !== null && now - heardAt > LINK_SILENT_AFTER_MS)
        return `◌ relay silent for ${durationWords(now - heardAt)}, connected to it ${agoWords(status.since, now)}`;
      return `● relay connected for ${age}, heard ${heardAt === null ? 'never' : agoWords(heardAt, now)}`;
    case 'connecting':
      return `◌ connecting to the relay (${age})`;
    case 'unreachable':
      return `○ relay unreachable for ${age}: ${status.reason} Next try in ${durationWords(Math.max(1000, status.retryAt - now))}`;
    case 'asleep':
      return `◐ asleep for ${age}`;
    case 'stopped':
      return `■ stopped: ${status.reason}`;
    case 'off':
      return '○ off';
  }
}

function describeDevices(devices: readonly DeviceView[], now: number): string {
  if (devices.length === 0) return 'no device paired';
  const open = devices.filter((device) => device.connection !== null);
  const counted = `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`;
  if (open.length === 0) return `${counted}, none connected`;
  const isHeard = ({ connection }: DeviceView) => now - (connection?.provenAt ?? 0) <= DEVICE_SILENT_AFTER_MS;
  const [connected, silent] = [open.filter(isHeard), open.filter((device) => !isHeard(device))];
  const quiet = silent.length === 0 ? '' : `, ${silent.length} silent${describeSilence(silent, now)}`;
  if (connected.length === 0) return `${counted}, none heard${quiet}`;
  const freshest = connected.reduce((best, device) =>
    (device.connection?.provenAt ?? 0) > (best.connection?.provenAt ?? 0) ? device : best,
  );
  const { provenAt, lastRoundTripMs } = freshest.connection ?? { provenAt: now, lastRoundTripMs: null };
  const trip = lastRoundTripMs === null ? '' : `, ${Math.round(lastRoundTripMs)} ms`;
  return `${counted}, ${connected.length} connected (heard ${agoWords(provenAt, now)}${trip})${quiet}`;
}

/** Its page is hidden, frozen or gone: the channel is open and proves nothing. */
function describeSilence(devices: readonly DeviceView[], now: number): string {
  const latest = Math.max(...devices.map(({ connection }) => connection?.provenAt ?? 0));
  return ` for ${durationWords(now - latest)}`;
}

const WAITS: Partial<Record<SessionSummary['state'], string>> = {
  waiting: 'waits for you',
  working: 'works',
  starting: 'starts',
  interrupted: 'interrupted',
  failed: 'failed',
};

function describeSessions(state: HostState): string {
  const live = state.sessions.filter((session) => session.state !== 'ended');
  if (live.length === 0) return 'no session';
  const busy = live.filter((session) => WAITS[session.state]).sort((a, b) => rank(a) - rank(b));
  const counted = `${live.length} ${live.length === 1 ? 'session' : 'sessions'}`;
  if (busy.length === 0) return `${counted}, idle`;
  const first = busy.slice(0, 3).map((session) => {
    const approval = state.approvals.find((pending) => pending.session === session.id);
    const what = session.state === 'waiting' && approval ? `waits for you: ${approval.title}` : WAITS[session.state];
    return `“${session.title}” ${what}`;
  });
  return `${counted}: ${first.join(' · ')}${busy.length > 3 ? ` and ${busy.length - 3} more` : ''}`;
}

const ORDER: readonly SessionSummary['state'][] = [
  'waiting',
  'failed',
  'interrupted',
  'working',
  'starting',
  'idle',
  'ended',
];
function rank(session: SessionSummary): number {
  return ORDER.indexOf(session.state);
}

export interface StatusFacts {
  readonly link: LinkStatus;
  readonly heardAt: number | null;
  readonly devices: readonly DeviceView[];
  readonly state: HostState;
  readonly isRemoteControlEnabled: boolean;
  readonly now: number;
}

/** One line: link with its age, devices with the age of the last proof, sessions and what they wait for. */
export function describeStatus(facts: StatusFacts): string {
  const remote = facts.isRemoteControlEnabled ? '' : 'REMOTE CONTROL OFF · ';
  const line = [
    `${remote}${describeLink(facts.link, facts.heardAt, facts.now)}`,
    describeDevices(facts.devices, facts.now),
    describeSessions(facts.state),
  ].join(' · ');
  // Titles are an agent's or a stranger's words, and reasons a relay's.
  return toPlainLine(line);
}
