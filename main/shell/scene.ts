/** What notifications are made from: what goes on in the host, and who looks at it. */
import type { Page } from '#preload/contract.ts';
import type { Host } from '../host/host.ts';
import type { DeviceView } from '../host/remote/remote-control.ts';
import type { Looking, Scene } from './next-notifications.ts';

/** A device proves every few seconds that it is there; one that has not for this long may lie in a pocket. */
export const DEVICE_LOOKS_FOR_MS = 30_000;

export function readScene(host: Host): Scene {
  const { sessions, approvals } = host.supervisor.state();
  return { sessions, approvals, requests: host.remote.pairing.requests };
}

/** Pure. */
export function readLooking(page: Page | null, devices: readonly DeviceView[], now: number): Looking {
  const watched = devices.flatMap(({ connection, watching }) =>
    watching !== null && connection !== null && now - connection.provenAt < DEVICE_LOOKS_FOR_MS ? [watching] : [],
  );
  return { page, sessions: new Set(watched) };
}
