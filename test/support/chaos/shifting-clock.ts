/** The computer's clock, set ahead by hand: what is too old becomes so without waiting. Timers run as ever. */
import { type Clock, systemClock } from '#lib/clock.ts';

export interface ShiftingClock extends Clock {
  shift(ms: number): void;
}

export function createShiftingClock(): ShiftingClock {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    after: (ms, callback) => systemClock.after(ms, callback),
    shift: (ms) => {
      ahead += ms;
    },
  };
}
