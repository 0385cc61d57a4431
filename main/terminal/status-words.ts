/** Pure: what the status line says. */

import { agoWords, durationWords } from '#lib/duration-words.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import type { HostState, SessionSummary } from '#protocol/messages.ts';
import {
  type DeviceFact,
  type LinkFacts,
  provenDevices,
  type RelayFact,
  silentDevices,
} from '../host/remote/link/link-facts.ts';

function describeRelay(relay: RelayFact, now: number): string {
  const age = durationWords(now - relay.since);
  switch (relay.kind) {
    case 'connected':
      return `● relay connected for ${age}, heard ${relay.heardAt === null ? 'never' : agoWords(relay.heardAt, now)}`;
    case 'silent':
      return `◌ relay silent for ${durationWords(now - relay.heardAt)}, connected to it ${agoWords(relay.since, now)}`;
    case 'connecting':
      return `◌ connecting to the relay (${age})`;
    case 'unreachable':
      return `○ relay unreachable for ${age}: ${relay.reason} Next try in ${durationWords(Math.max(1000, relay.retryAt - now))}`;
    case 'asleep':
      return `◐ asleep for ${age}`;
    case 'stopped':
      return `■ stopped: ${relay.reason}`;
    case 'off':
      return '○ off';
  }
}

function describeDevices(devices: readonly DeviceFact[], now: number): string {
  if (devices.length === 0) return 'no device paired';
  const counted = `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`;
  const [proven, silent] = [provenDevices(devices), silentDevices(devices)];
  const [freshest] = proven;
  const [latest] = silent;
  if (!freshest && !latest) return `${counted}, none connected`;
  const quiet = latest ? `, ${silent.length} silent for ${durationWords(now - latest.provenAt)}` : '';
  if (!freshest) return `${counted}, none heard${quiet}`;
  const { provenAt, lastRoundTripMs } = freshest;
  const trip = lastRoundTripMs === null ? '' : `, ${Math.round(lastRoundTripMs)} ms`;
  return `${counted}, ${proven.length} connected (heard ${agoWords(provenAt, now)}${trip})${quiet}`;
}

/** One device in the list of devices. */
export function describeDevice(device: DeviceFact, now: number): string {
  switch (device.kind) {
    case 'proven':
      return 'connected';
    case 'silent':
      return `silent for ${durationWords(now - device.provenAt)}`;
    case 'away':
      return device.lastSeenAt === null ? 'never seen' : `seen ${agoWords(device.lastSeenAt, now)}`;
  }
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
  readonly link: LinkFacts;
  readonly state: HostState;
  readonly isRemoteControlEnabled: boolean;
  readonly now: number;
}

/** One line: trouble first, then link with its age, devices with the age of the last proof, sessions and what they wait for. */
export function describeStatus({ link, state, isRemoteControlEnabled, now }: StatusFacts): string {
  const remote = isRemoteControlEnabled ? '' : 'REMOTE CONTROL OFF · ';
  const line = [
    ...(state.diskTrouble === undefined ? [] : [`NOTHING CAN BE STORED: ${state.diskTrouble}`]),
    `${remote}${describeRelay(link.relay, now)}`,
    describeDevices(link.devices, now),
    describeSessions(state),
  ].join(' · ');
  // Titles are an agent's or a stranger's words, and reasons a relay's.
  return toPlainLine(line);
}
