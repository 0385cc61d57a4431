/** Notices what the system does not tell a plain process: that the computer slept, and that its network is another one now. */
import { networkInterfaces } from 'node:os';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';

const LOOK_EVERY_MS = 5_000;
/** A look that comes later than this was delayed by sleep, or the clock was set. */
const JUMP_MS = 10_000;

/** The computer's own addresses, loopback left out, as one text that changes when they do. */
export function ownAddresses(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses
    .filter((address) => !address.internal)
    .map(({ address }) => address)
    .sort()
    .join(' ');
}

/** Calls back after each sleep, jump of the clock, or change of addresses, in which a connection may look alive and be dead. */
export function watchWake(options: { clock: Clock; addresses?: () => string; onWake(why: string): void }): Disposer {
  const { clock, addresses = ownAddresses, onWake } = options;
  let cancel: Disposer = () => {};
  const look = (before: { at: number; addresses: string }) => {
    cancel = clock.after(LOOK_EVERY_MS, () => {
      const now = { at: clock.now(), addresses: addresses() };
      const elapsed = now.at - before.at;
      if (elapsed > LOOK_EVERY_MS + JUMP_MS || elapsed < 0) onWake('The computer slept, or its clock was set');
      else if (now.addresses !== before.addresses && now.addresses !== '') onWake('The network has changed');
      look(now);
    });
  };
  look({ at: clock.now(), addresses: addresses() });
  return () => cancel();
}
