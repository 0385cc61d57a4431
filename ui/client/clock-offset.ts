/** How far the host's clock is ahead of this device's, measured by round trips. Pure. */
import { CLOCK_OFFSET_MIN_MS } from './limits.ts';

export interface ClockSample {
  /** The host's clock when it answered. */
  readonly hostNow: number;
  /** This device's clock when the answer came. */
  readonly receivedAt: number;
  /** Null for a greeting: how long it travelled is not known. */
  readonly roundTripMs: number | null;
}

export class ClockOffset {
  #applied: number;
  #bestRoundTripMs = Number.POSITIVE_INFINITY;

  /** `initial`: what was measured in an earlier connection; 0 if never. */
  constructor(initial: number) {
    this.#applied = initial;
  }

  /** Milliseconds to take away from the host's times. 0 while the clocks agree. */
  get value(): number {
    return this.#applied;
  }

  /** A new connection measures again: either clock may have been set meanwhile. */
  restart(): void {
    this.#bestRoundTripMs = Number.POSITIVE_INFINITY;
  }

  /** Takes a sample, and says whether `value` changed. The shortest round trip of a connection measures best. */
  take(sample: ClockSample): boolean {
    const roundTripMs = sample.roundTripMs ?? Number.MAX_VALUE;
    if (roundTripMs >= this.#bestRoundTripMs) return false;
    this.#bestRoundTripMs = roundTripMs;
    const measured = sample.hostNow - (sample.receivedAt - (sample.roundTripMs ?? 0) / 2);
    const next = Math.abs(measured) < CLOCK_OFFSET_MIN_MS ? 0 : measured;
    if (Math.abs(next - this.#applied) < (next === 0 ? 1 : CLOCK_OFFSET_MIN_MS)) return false;
    this.#applied = next;
    return true;
  }
}
