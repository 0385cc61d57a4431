/** Pure: sessions and devices as the window shows them. */

import type { DeviceView as HostDevice } from '#main/host/remote/remote-control.ts';
import type { DeviceView, SessionsView } from '#preload/contract.ts';
import type { HostState } from '#protocol/messages.ts';

/** `isRemote`: the session's own switch. */
export function renderSessions(
  state: Pick<HostState, 'sessions' | 'isRemoteControlEnabled' | 'diskTrouble'>,
  devices: readonly HostDevice[],
  isRemote: (session: string) => boolean,
): SessionsView {
  const watchers = Map.groupBy(
    devices.filter((device) => device.connection !== null && device.watching !== null),
    (device) => device.watching as string,
  );
  return {
    list: state.sessions.map(({ id }) => ({
      id,
      isRemote: isRemote(id),
      watchedBy: (watchers.get(id) ?? []).map(({ name }) => name),
    })),
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
