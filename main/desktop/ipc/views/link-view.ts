/** Pure: the link to the relay as the window shows it. */

import { relayHoldsUntil } from '#main/host/remote/link/link-facts.ts';
import type { RelayStatus } from '#main/host/remote/link/relay-status.ts';
import type { LinkView, RelayView } from '#preload/contract.ts';
import { isLoopback } from '#protocol/relay-auth.ts';

export function renderLink(status: RelayStatus, heardAt: number | null, relay: RelayView): LinkView {
  return {
    kind: status.kind,
    since: status.since,
    reason: 'reason' in status ? status.reason : null,
    retryAt: 'retryAt' in status ? status.retryAt : null,
    heardAt,
    holdsUntil: relayHoldsUntil(status, heardAt),
    relay,
  };
}

/** A page that is not on this computer has no WebCrypto without https, and loopback leads nowhere from a phone. */
export function renderRelay(relay: { relayOrigin: string; phoneOrigin: string; isOwn: boolean }): RelayView {
  const { relayOrigin, phoneOrigin, isOwn } = relay;
  const { protocol, hostname } = new URL(phoneOrigin);
  return {
    origin: relayOrigin,
    isOwn,
    phoneOrigin,
    isReachableByPhones: protocol === 'https:' && !isLoopback(hostname),
  };
}
