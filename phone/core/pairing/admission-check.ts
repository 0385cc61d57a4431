/** Whether a host lets a device in: found out by connecting as that device. */
import type { Environment } from '../environment.ts';
import { ADMISSION_CHECK_INTERVAL_MS, ADMISSION_SETTLES_WITHIN_MS, PAIRING_CONFIRM_TIMEOUT_MS } from '../limits.ts';
import { HostLink } from '../link/host-link.ts';
import type { LinkIdentity } from '../link/link-attempt.ts';

/** False if the host refuses, or does not answer within PAIRING_CONFIRM_TIMEOUT_MS. */
export async function isAdmitted(environment: Environment, identity: LinkIdentity, build: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stopTimer = environment.after(PAIRING_CONFIRM_TIMEOUT_MS, () => resolve(false));
  const link = new HostLink({
    environment,
    identity,
    build,
    bye: null,
    isHeldElsewhere: false,
    onOpened: () => {},
    onMessage: () => {},
    onProof: () => resolve(true),
    onDropped: () => {},
  });
  const startedAt = environment.monotonic();
  let stopRetry = () => {};
  const unsubscribe = link.status.subscribe((status) => {
    if (status.kind !== 'stopped') return;
    // The host may have said yes, and the relay not heard of it yet.
    const isSettled = environment.monotonic() - startedAt >= ADMISSION_SETTLES_WITHIN_MS;
    if (status.reason !== 'not-admitted' || isSettled) resolve(false);
    else stopRetry = environment.after(ADMISSION_CHECK_INTERVAL_MS, () => link.retryNow());
  });
  return await promise.finally(() => {
    stopTimer();
    stopRetry();
    unsubscribe();
    link.dispose();
  });
}
