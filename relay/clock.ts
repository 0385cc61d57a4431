/** Time as the relay needs it; handed in, so that tests can drive it. */
export interface Clock {
  /** Monotonic milliseconds: for durations. Does not jump with the wall clock. */
  now(): number;
  /** Milliseconds since 1970: only for what people are shown. */
  wallNow(): number;
  /** Calls `run` every `ms` until the disposer is called. */
  every(ms: number, run: () => void): () => void;
}

export function createSystemClock(): Clock {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    every(ms, run) {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
  };
}
