/** Whether a host lets a device in: found out by connecting as that device. */
import type { Environment } from './environment.ts';
import { HostLink } from './host-link.ts';
import { PAIRING_CONFIRM_TIMEOUT_MS } from './limits.ts';
import type { LinkIdentity } from './link-attempt.ts';

/** False if the host refuses, or does not answer within PAIRING_CONFIRM_TIMEOUT_MS. */
export async function isAdmitted(environment: Environment, identity: LinkIdentity, build: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stopTimer = environment.after(PAIRING_CONFIRM_TIMEOUT_MS, () => resolve(false));
  const link = new HostLink({
    environment,
    identity,
    build,
    bye: null,
    onOpened: () => {},
    onMessage: () => {},
    onProof: () => resolve(true),
    onDropped: () => {},
  });
  const unsubscribe = link.status.subscribe((status) => {
    if (status.kind === 'stopped') resolve(false);
  });
  return await promise.finally(() => {
    stopTimer();
    unsubscribe();
    link.dispose();
  });
}
