/** The relay: which one, whether it works, and the switch for all sessions. */

import type { HostLifecycle } from '#main/desktop/host-lifecycle.ts';
import type { RemoteSwitch } from '#main/desktop/remote-switch.ts';
import type { Diagnosis, RelayTest } from '#preload/contract.ts';
import { parseRelayOrigin } from '#protocol/relay-auth.ts';
import { type CallHandlers, fail, succeed, withHost } from './call-handlers.ts';

type RelayChannel = 'remote.set' | 'relay.reconnect' | 'relay.test' | 'relay.set' | 'doctor.run' | 'window.network';

export function createRelayCalls(options: {
  lifecycle: HostLifecycle;
  remoteSwitch: RemoteSwitch;
  /** Tests the relay at an address; null: our own. */
  testRelay: (address: string | null) => Promise<RelayTest>;
  /** Checks everything that has to work. */
  examine: () => Promise<Diagnosis>;
  /** The network or the machine came back. */
  resume: () => void;
}): Pick<CallHandlers, RelayChannel> {
  const { lifecycle, remoteSwitch, testRelay, examine, resume } = options;
  const findHost = () => lifecycle.findStarted();
  return {
    'remote.set': ({ isEnabled }) => remoteSwitch.set(isEnabled),
    'relay.reconnect': () =>
      withHost(findHost, (host) => {
        host.remote.start();
        return succeed(null);
      }),
    'relay.test': async ({ address }) => succeed(await testRelay(address)),
    'relay.set': async ({ address, publicUrl }) => {
      const relay = address === null ? null : parseRelayOrigin(address);
      if (address !== null && relay === null) {
        return fail(
          `“${address}” is not the address of a relay. It looks like https://relay.example (plain http works on this computer only).`,
        );
      }
      const publicOrigin = publicUrl === null ? null : parseRelayOrigin(publicUrl);
      if (publicUrl !== null && publicOrigin?.startsWith('https://') !== true) {
        return fail(`“${publicUrl}” is not an https address. It looks like https://computer.example.`);
      }
      return await lifecycle.moveRelay({ address: relay, publicUrl: publicOrigin });
    },
    'doctor.run': async () => succeed(await examine()),
    'window.network': ({ isOnline }) => {
      if (isOnline) resume();
      return succeed(null);
    },
  };
}
