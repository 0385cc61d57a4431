/** Pure: what the status line says. */
import type { HostState, SessionSummary } from '../../protocol/messages.ts';
import { describeAge, describeAgo } from '../host/age.ts';
import { toPlainLine } from '../host/plain-line.ts';
import type { LinkStatus } from '../host/remote/relay-link.ts';
import type { DeviceView } from '../host/remote/remote-control.ts';

function describeLink(status: LinkStatus, heardAt: number | null, now: number): string {
  const age = describeAge(now - status.since);
  switch (status.kind) {
    case 'connected':
      return `● relay connected for ${age}, heard ${heardAt === null ? 'never' : describeAgo(now - heardAt)}`;
    case 'connecting':
      return `◌ connecting to the relay (${age})`;
    case 'unreachable':
      return `○ relay unreachable for ${age}: ${status.reason} Next try in ${describeAge(Math.max(1000, status.retryAt - now))}`;
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
  const connected = devices.filter((device) => device.connection !== null);
  const counted = `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`;
  if (connected.length === 0) return `${counted}, none connected`;
  const freshest = connected.reduce((best, device) =>
    (device.connection?.provenAt ?? 0) > (best.connection?.provenAt ?? 0) ? device : best,
  );
  const { provenAt, lastRoundTripMs } = freshest.connection ?? { provenAt: now, lastRoundTripMs: null };
  const trip = lastRoundTripMs === null ? '' : `, ${Math.round(lastRoundTripMs)} ms`;
  return `${counted}, ${connected.length} connected (heard ${describeAgo(now - provenAt)}${trip})`;
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
