/** Proves that a relay works, or says what does not. */

import type { Log } from '#lib/log.ts';
import type { RelayTest } from '#preload/contract.ts';
import { testRelay } from '../host/remote/relay-test.ts';
import type { HostLifecycle } from './host-lifecycle.ts';

/** With null, our own is tested where phones look for it; it is opened for that if the host uses another one. */
export function createRelayTester(options: {
  lifecycle: HostLifecycle;
  log: Log;
}): (address: string | null) => Promise<RelayTest> {
  const { lifecycle, log } = options;
  return async (address) => {
    if (address !== null) return await testRelay({ address, log });
    return await lifecycle.borrowOwnRelay(async (relay) => {
      if (relay.kind === 'ready') return await testRelay({ address: relay.phoneOrigin, log });
      return { isOk: false, origin: null, roundTripMs: null, steps: [], text: relay.text };
    });
  };
}
