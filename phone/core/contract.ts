/** What the phone's screens know of its core besides the hosts themselves: pairing, and the page's own life. */
import type { ReadonlySignal } from '@preact/signals';
import type { HostClient } from '#ui/host-client.ts';

export type PairingStep =
  | { kind: 'checking' }
  /** Something this browser lacks, or the code is no good; `text` says what and what to do. */
  | { kind: 'refused'; title: string; text: string }
  /** The person names the device before anything is sent. */
  | { kind: 'ready'; suggestedName: string; relay: string }
  | { kind: 'connecting' }
  | { kind: 'compare'; digits: string }
  | { kind: 'storing' }
  | { kind: 'paired'; hostId: string; hostName: string };

export interface Pairing {
  readonly step: ReadonlySignal<PairingStep>;
  /** From `ready`: dial, shake hands, show the digits. */
  begin(deviceName: string): void;
  cancel(): void;
}

export interface Baton {
  readonly hosts: ReadonlySignal<readonly HostClient[]>;
  /** This page's own build hash, to compare with what the computer shows. */
  readonly build: string;
  /** A newer page is downloaded and waits for a yes. */
  readonly update: ReadonlySignal<{ apply(): void } | null>;
  /** Begin pairing from the fragment of the address bar, which is cleared at once. Null if there is no pairing code in it. */
  pairFromAddress(): Pairing | null;
  /** Begin pairing from a link that was pasted. */
  pairFromLink(link: string): Pairing;
}
