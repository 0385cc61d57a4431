/**
 * What is known of the link: how the relay is, and when each device last proved itself. Decided here once, so that tray, terminal,
 * window, doctor and notifications only find words. Pure. All times are milliseconds since 1970.
 */
import type { RelayStatus } from './relay-status.ts';

/** How often the relay is asked for a sign of life. */
export const LINK_PING_EVERY_MS = 5_000;
/** A relay may be silent for this long and still be called connected: two pings, and a second for the answer. */
export const LINK_SILENT_AFTER_MS = 2 * LINK_PING_EVERY_MS + 1_000;
/**
 * A page on the screen is heard every 5 s (`PING_INTERVAL_MS` in `phone/core`). One that is not for this long is hidden, frozen or gone:
 * its channel is open and proves nothing.
 */
export const DEVICE_SILENT_AFTER_MS = 12_000;

export type RelayFact =
  /** `heardAt` null: not since the relay accepted us. Unless it is heard again, it counts as silent after `holdsUntil`. */
  | {
      readonly kind: 'connected';
      readonly since: number;
      readonly heardAt: number | null;
      readonly holdsUntil: number | null;
    }
  /** `since`: when the connection that is still open was made. */
  | { readonly kind: 'silent'; readonly since: number; readonly heardAt: number }
  | Exclude<RelayStatus, { readonly kind: 'connected' }>;

/** The last round trip through the whole way that the device proved. It counts as silent after `holdsUntil`. */
export interface DeviceProof {
  readonly provenAt: number;
  readonly lastRoundTripMs: number | null;
  readonly holdsUntil: number;
}

/** What a device is judged by. `connection` null: it has none now. */
export interface DeviceEvidence {
  readonly name: string;
  readonly lastSeenAt: number | null;
  readonly connection: DeviceProof | null;
}

export type DeviceFact =
  | ({ readonly kind: 'proven'; readonly name: string } & DeviceProof)
  | { readonly kind: 'silent'; readonly name: string; readonly provenAt: number }
  | { readonly kind: 'away'; readonly name: string; readonly lastSeenAt: number | null };

export interface LinkFacts {
  readonly relay: RelayFact;
  /** In the order of the devices. */
  readonly devices: readonly DeviceFact[];
}

export function readLinkFacts(
  { status, heardAt, devices }: { status: RelayStatus; heardAt: number | null; devices: readonly DeviceEvidence[] },
  now: number,
): LinkFacts {
  return { relay: readRelayFact(status, heardAt, now), devices: devices.map((device) => readDeviceFact(device, now)) };
}

/** `heardAt`: when the relay was last heard on this connection. */
export function readRelayFact(status: RelayStatus, heardAt: number | null, now: number): RelayFact {
  if (status.kind !== 'connected') return status;
  const holdsUntil = relayHoldsUntil(status, heardAt);
  if (heardAt !== null && isOver(holdsUntil, now)) return { kind: 'silent', since: status.since, heardAt };
  return { kind: 'connected', since: status.since, heardAt, holdsUntil };
}

export function readDeviceFact({ name, lastSeenAt, connection }: DeviceEvidence, now: number): DeviceFact {
  if (connection === null) return { kind: 'away', name, lastSeenAt };
  if (isOver(connection.holdsUntil, now)) return { kind: 'silent', name, provenAt: connection.provenAt };
  return { kind: 'proven', name, ...connection };
}

/** Until when a relay that was heard then is called connected; null if it is not connected, or was never heard. */
export function relayHoldsUntil(status: RelayStatus, heardAt: number | null): number | null {
  return status.kind === 'connected' && heardAt !== null ? heardAt + LINK_SILENT_AFTER_MS : null;
}

/** A round trip that a device proves at this moment. */
export function proveDevice(lastRoundTripMs: number | null, now: number): DeviceProof {
  return { provenAt: now, lastRoundTripMs, holdsUntil: now + DEVICE_SILENT_AFTER_MS };
}

/** When the facts are others unless something is heard before: silence has no event. Null if they last. */
export function nextChangeAt({ relay, devices }: LinkFacts): number | null {
  const limits = [relay, ...devices].flatMap((fact) =>
    'holdsUntil' in fact && fact.holdsUntil !== null ? [fact.holdsUntil + 1] : [],
  );
  return limits.length === 0 ? null : Math.min(...limits);
}

/** Devices that prove to be there, the one proven last first. */
export function provenDevices(devices: readonly DeviceFact[]): Extract<DeviceFact, { kind: 'proven' }>[] {
  return devices.filter((device) => device.kind === 'proven').sort((a, b) => b.provenAt - a.provenAt);
}

/** Devices with an open channel that proves nothing, the one that fell silent last first. */
export function silentDevices(devices: readonly DeviceFact[]): Extract<DeviceFact, { kind: 'silent' }>[] {
  return devices.filter((device) => device.kind === 'silent').sort((a, b) => b.provenAt - a.provenAt);
}

function isOver(holdsUntil: number | null, now: number): boolean {
  return holdsUntil !== null && now > holdsUntil;
}
