/**
 * Brings one device the host's state. Only the latest counts, so nothing is queued behind a full link; and while nothing but logs
 * grows, which the device sees by the events themselves, a state is sent now and then instead of with each event.
 */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { LINK_BUFFER_MAX_BYTES } from '#protocol/limits.ts';
import type { FromHost, HostState } from '#protocol/messages.ts';
import type { SyncPort } from './sync.ts';

/** How often the lengths of the logs are told, if nothing else changes. */
export const LOG_GROWTH_EVERY_MS = 2_000;
/** How often it is checked whether a full buffer has drained; sockets do not say. */
const DRAIN_CHECK_EVERY_MS = 20;

/** What devices may see of the host, with a version that only grows. */
export interface StateSource {
  state(): { version: number; value: HostState };
}

export class StateFeed {
  readonly #source: StateSource;
  readonly #port: SyncPort;
  readonly #clock: Clock;
  #sentVersion = 0;
  #sentSubstance = '';
  #wait: { readonly kind: 'growth' | 'drain'; readonly cancel: Disposer } | null = null;
  #isDisposed = false;

  constructor(source: StateSource, port: SyncPort, clock: Clock) {
    this.#source = source;
    this.#port = port;
    this.#clock = clock;
  }

  /** The state may be another one. */
  update(): void {
    this.#update({ isGrowthDue: false });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stopWaiting();
  }

  #update({ isGrowthDue }: { isGrowthDue: boolean }): void {
    if (this.#isDisposed) return;
    const { version, value } = this.#source.state();
    if (version <= this.#sentVersion) return;
    const substance = substanceOf(value);
    if (substance === this.#sentSubstance && !isGrowthDue) {
      this.#waitFor('growth');
      return;
    }
    if (this.#port.bufferedBytes() > LINK_BUFFER_MAX_BYTES) {
      this.#waitFor('drain');
      return;
    }
    this.#stopWaiting();
    this.#sentVersion = version;
    this.#sentSubstance = substance;
    this.#port.send({ type: 'state', version, value } satisfies FromHost);
  }

  #waitFor(kind: 'growth' | 'drain'): void {
    // The longer wait gives way to the shorter one.
    if (this.#wait && (this.#wait.kind === 'drain' || kind === 'growth')) return;
    this.#stopWaiting();
    const ms = kind === 'growth' ? LOG_GROWTH_EVERY_MS : DRAIN_CHECK_EVERY_MS;
    const cancel = this.#clock.after(ms, () => {
      this.#wait = null;
      this.#update({ isGrowthDue: true });
    });
    this.#wait = { kind, cancel };
  }

  #stopWaiting(): void {
    this.#wait?.cancel();
    this.#wait = null;
  }
}

/** The state without what changes with every event of a log. */
function substanceOf(value: HostState): string {
  return JSON.stringify({
    ...value,
    sessions: value.sessions.map((session) => ({ ...session, seq: 0, updatedAt: 0 })),
  });
}
