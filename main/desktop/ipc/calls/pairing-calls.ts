/** Pairing, and the devices that were paired. */
import type { PairingCodes } from '#main/desktop/pairing-codes.ts';
import { type CallHandlers, type FindHost, fail, succeed, withHost } from './call-handlers.ts';

type PairingChannel =
  | 'pairing.show'
  | 'pairing.hide'
  | 'pairing.allow'
  | 'pairing.deny'
  | 'device.set-scope'
  | 'device.revoke'
  | 'device.revoke-all';

const NOT_PAIRED = 'This device is not paired any more.';

export function createPairingCalls(options: {
  findHost: FindHost;
  codes: PairingCodes;
}): Pick<CallHandlers, PairingChannel> {
  const { findHost, codes } = options;
  return {
    // Also while Baton still starts: what is wanted then holds.
    'pairing.show': () => {
      codes.show();
      return succeed(null);
    },
    'pairing.hide': () => {
      codes.hide();
      return succeed(null);
    },
    'pairing.allow': ({ request, scope }) =>
      withHost(findHost, (host) => succeed({ isThere: host.remote.pairing.allow(request, scope) })),
    'pairing.deny': ({ request }) =>
      withHost(findHost, (host) => {
        host.remote.pairing.deny(request);
        return succeed(null);
      }),
    'device.set-scope': ({ device, scope }) =>
      withHost(findHost, (host) => (host.remote.setScope(device, scope) ? succeed(null) : fail(NOT_PAIRED))),
    'device.revoke': ({ device }) =>
      withHost(findHost, (host) => (host.remote.revoke(device) ? succeed(null) : fail(NOT_PAIRED))),
    'device.revoke-all': () =>
      withHost(findHost, (host) => {
        const revoked = host.remote.devices().filter(({ id }) => host.remote.revoke(id)).length;
        return succeed({ revoked });
      }),
  };
}
