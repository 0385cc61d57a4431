/** The present, once a second while somebody looks. */
import { type ReadonlySignal, signal } from '@preact/signals';

const TICK_MS = 1000;

export interface Clock {
  readonly now: ReadonlySignal<number>;
  dispose(): void;
}

export function createClock(document: Document): Clock {
  const now = signal(Date.now());
  let timer: ReturnType<typeof setInterval> | null = null;
  const tick = () => {
    now.value = Date.now();
  };
  const follow = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    if (document.visibilityState === 'hidden') return;
    tick();
    timer = setInterval(tick, TICK_MS);
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return {
    now,
    dispose: () => {
      document.removeEventListener('visibilitychange', follow);
      if (timer !== null) clearInterval(timer);
    },
  };
}
