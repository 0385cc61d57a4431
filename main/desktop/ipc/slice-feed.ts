/** Pushes what changed in the window's state: each slice only if it differs from what the window has, and not more often than it can be seen. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import type { Slice, SliceName, WindowState } from '#preload/contract.ts';
import type { WindowViews } from './views/window-views.ts';

/** Changes within this time are one. */
export const PUSH_EVERY_MS = 50;

export class SliceFeed {
  readonly #views: WindowViews;
  readonly #clock: Clock;
  readonly #push: (slice: Slice) => void;
  readonly #log: Log;
  readonly #dirty = new Set<SliceName>();
  /** What the window has, as text; a window that has not loaded has nothing. */
  readonly #sent = new Map<SliceName, string>();
  #isLoaded = false;
  #isSeen = false;
  #cancel: Disposer | null = null;

  constructor(options: { views: WindowViews; clock: Clock; push: (slice: Slice) => void; log: Log }) {
    this.#views = options.views;
    this.#clock = options.clock;
    this.#push = options.push;
    this.#log = options.log;
  }

  /** The whole state, for a window that begins. */
  load(): WindowState {
    this.#isLoaded = true;
    this.#dirty.clear();
    const names = Object.keys(this.#views) as SliceName[];
    return Object.fromEntries(
      names.map((name) => {
        const value = this.#views[name]();
        this.#sent.set(name, JSON.stringify(value));
        return [name, value];
      }),
    ) as unknown as WindowState;
  }

  /** The window's page is gone; the next one begins with `load`. */
  unload(): void {
    this.#isLoaded = false;
    this.#sent.clear();
  }

  /** These may have changed. While nobody sees the window, that is only noted. */
  touch(...names: SliceName[]): void {
    for (const name of names) this.#dirty.add(name);
    if (!this.#isSeen || !this.#isLoaded) return;
    this.#cancel ??= this.#clock.after(PUSH_EVERY_MS, () => {
      this.#cancel = null;
      this.flush();
    });
  }

  /** The window came into view, or went out of it; in view, it shows at once what changed meanwhile. */
  setSeen(isSeen: boolean): void {
    this.#isSeen = isSeen;
    if (isSeen) this.flush();
  }

  flush(): void {
    if (!this.#isLoaded) return;
    for (const name of [...this.#dirty]) {
      this.#dirty.delete(name);
      try {
        this.#pushIfChanged(name);
      } catch (error) {
        this.#log.error('A part of the window could not be brought up to date', { slice: name, error });
      }
    }
  }

  dispose(): void {
    this.#cancel?.();
    this.#isLoaded = false;
  }

  #pushIfChanged(name: SliceName): void {
    const value = this.#views[name]();
    const text = JSON.stringify(value);
    if (this.#sent.get(name) === text) return;
    this.#sent.set(name, text);
    this.#push({ name, value } as Slice);
  }
}
