/** What notifications are made from: what goes on in the host, and who looks at it. */

import type { Host } from '#main/host/host.ts';
import { readDeviceFact } from '#main/host/remote/link/link-facts.ts';
import type { DeviceView } from '#main/host/remote/remote-control.ts';
import type { Page } from '#preload/contract.ts';
import type { Attention, HostGlance } from './next-notifications.ts';

export function readHostGlance(host: Host): HostGlance {
  const { sessions, approvals } = host.supervisor.state();
  return { sessions, approvals, requests: host.remote.pairing.requests };
}

/** A device that is silent may lie in a pocket: only one that proves to be there looks at what is on its screen. Pure. */
export function readAttention(page: Page | null, devices: readonly DeviceView[], now: number): Attention {
  const watched = devices.flatMap((device) =>
    device.watching !== null && readDeviceFact(device, now).kind === 'proven' ? [device.watching] : [],
  );
  return { page, sessions: new Set(watched) };
}
