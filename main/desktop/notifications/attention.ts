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

export interface Screens {
  /** The page of the window; null unless it has the focus. */
  readonly page: Page | null;
  /** The session that is open in the window, as long as the window is in view, with the focus or without. */
  readonly onWindow: string | null;
  readonly devices: readonly DeviceView[];
  readonly now: number;
}

/** A device that is silent may lie in a pocket: only one that proves to be there looks at what is on its screen. Pure. */
export function readAttention({ page, onWindow, devices, now }: Screens): Attention {
  const watched = devices.flatMap((device) =>
    device.watching !== null && readDeviceFact(device, now).kind === 'proven' ? [device.watching] : [],
  );
  return { page, sessions: new Set(onWindow === null ? watched : [onWindow, ...watched]) };
}
