import type { Clock } from './clock.ts';
import type { Disposer } from './disposer.ts';

/** Many calls within `ms` are one call of `work`, at the end of that time. */
export function coalesce(clock: Clock, ms: number, work: () => void): { touch(): void; dispose: Disposer } {
  let cancel: Disposer | null = null;
  return {
    touch() {
      cancel ??= clock.after(ms, () => {
        cancel = null;
        work();
      });
    },
    dispose() {
      cancel?.();
      cancel = null;
    },
  };
}
