/** Pure: sessions and devices as the window shows them. */

import type { DeviceView as HostDevice } from '#main/host/remote/remote-control.ts';
import type { DeviceView, SessionsView, SettledApproval } from '#preload/contract.ts';
import type { HostState } from '#protocol/messages.ts';

/** `isRemote`: the session's own switch. */
export function renderSessions(
  state: HostState,
  devices: readonly HostDevice[],
  isRemote: (session: string) => boolean,
  settled: readonly SettledApproval[] = [],
): SessionsView {
  const watchers = Map.groupBy(
    devices.filter((device) => device.connection !== null && device.watching !== null),
    (device) => device.watching as string,
  );
  return {
    list: state.sessions.map((session) => ({
      ...session,
      isRemote: isRemote(session.id),
      watchedBy: (watchers.get(session.id) ?? []).map(({ name }) => name),
    })),
    approvals: state.approvals,
    settled,
    agents: state.agents,
    folders: state.folders,
    isRemoteControlEnabled: state.isRemoteControlEnabled,
    diskTrouble: state.diskTrouble ?? null,
  };
}

export function renderDevices(
  devices: readonly HostDevice[],
  titleOf: (session: string) => string | null,
): DeviceView[] {
  return devices.map(({ id, name, scope, pairedAt, lastSeenAt, connection, watching }) => ({
    ...{ id, name, scope, pairedAt, lastSeenAt, connection },
    watching: watching === null || connection === null ? null : titleOf(watching),
  }));
}
