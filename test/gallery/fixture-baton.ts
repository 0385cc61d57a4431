/** Stands in for the core: made-up computers and a pairing that stands still at one step. */
import { type Signal, signal } from '@preact/signals';
import type { Baton, Pairing, PairingStep } from '#phone/core/contract.ts';
import type { FixtureHost } from './fixture-host.ts';

export class FixturePairing implements Pairing {
  readonly step: Signal<PairingStep>;

  constructor(step: PairingStep) {
    this.step = signal(step);
  }

  begin(): void {
    this.step.value = { kind: 'connecting' };
  }

  cancel(): void {
    this.step.value = { kind: 'refused', title: 'Cancelled', text: 'You cancelled pairing on this device.' };
  }
}

export interface FixtureBatonOptions {
  hosts?: readonly FixtureHost[];
  pairing?: PairingStep | null;
  hasUpdate?: boolean;
}

export class FixtureBaton implements Baton {
  readonly hosts: Signal<readonly FixtureHost[]>;
  readonly build = 'a3f29c81d04e';
  readonly update: Signal<{ apply(): void } | null>;
  readonly pairing: FixturePairing | null;

  constructor({ hosts = [], pairing = null, hasUpdate = false }: FixtureBatonOptions) {
    this.hosts = signal(hosts);
    this.update = signal(hasUpdate ? { apply: () => location.reload() } : null);
    this.pairing = pairing ? new FixturePairing(pairing) : null;
  }

  pairFromAddress(): Pairing | null {
    return this.pairing;
  }

  pairFromLink(link: string): Pairing {
    return link.includes('#1.')
      ? new FixturePairing({ kind: 'ready', suggestedName: 'Chrome on Pixel 8', relay: 'https://relay.example' })
      : new FixturePairing({
          kind: 'refused',
          title: 'This is no pairing link',
          text: 'Copy the whole link that Baton shows on your computer, from “https” to the end, and paste it again.',
        });
  }
}
