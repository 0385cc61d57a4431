/** What the agents use of the computer, looked at only while a person looks too. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { WindowState } from '#preload/contract.ts';
import type { Host } from '../host/host.ts';

export const SAMPLE_EVERY_MS = 3_000;

export class UsageSampler {
  readonly #options: { host: () => Pick<Host, 'usage'> | null; clock: Clock; log: Log; onSample: () => void };
  #usage: WindowState['usage'] = {};
  #isRunning = false;
  #cancel: Disposer = () => {};

  constructor(options: {
    host: () => Pick<Host, 'usage'> | null;
    clock: Clock;
    log: Log;
    /** There is a new sample. */
    onSample: () => void;
  }) {
    this.#options = options;
  }

  /** The last sample. */
  get usage(): WindowState['usage'] {
    return this.#usage;
  }

  setRunning(isRunning: boolean): void {
    if (isRunning === this.#isRunning) return;
    this.#isRunning = isRunning;
    this.#cancel();
    if (isRunning) unawaited(this.#sample(), 'look at what sessions use', this.#options.log);
  }

  dispose(): void {
    this.setRunning(false);
  }

  /** The next look is planned after this one: on a slow computer they do not pile up. */
  async #sample(): Promise<void> {
    const { host, clock, log, onSample } = this.#options;
    try {
      this.#usage = (await host()?.usage()) ?? {};
      if (this.#isRunning) onSample();
    } catch (error) {
      log.warn('Failed to look at what agents use', { error });
    }
    this.#cancel();
    if (this.#isRunning)
      this.#cancel = clock.after(SAMPLE_EVERY_MS, () =>
        unawaited(this.#sample(), 'look at what sessions use', this.#options.log),
      );
  }
}
