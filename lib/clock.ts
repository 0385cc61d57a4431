import type { Disposer } from './disposer.ts';

/** Time, passed in so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after `ms`, unless disposed before. */
  after(ms: number, callback: () => void): Disposer;
}

/** The computer's own clock. Timers do not keep a Node process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    // A page's timer is a number, and keeps nothing alive.
    (timer as { unref?(): void }).unref?.();
    return () => clearTimeout(timer);
  },
};
