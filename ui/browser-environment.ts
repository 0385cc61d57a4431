/** What a client takes from the browser that it runs in. */
import type { ClientEnvironment } from './client/environment.ts';

/** Pages in the background draw nothing; there a frame is as long as this. */
const FRAME_TIMEOUT_MS = 100;

export function createClientEnvironment(): ClientEnvironment {
  return {
    now: () => Date.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    onNextFrame(callback) {
      const stop = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
      };
      const run = () => {
        stop();
        callback();
      };
      const frame = requestAnimationFrame(run);
      const timer = setTimeout(run, FRAME_TIMEOUT_MS);
      return stop;
    },
  };
}
