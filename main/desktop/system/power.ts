/** Sleep, waking, and changes of the network. Sleep is planned: phones are told before it. */
import type { PowerMonitor } from 'electron';
import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { watchWake } from '#main/host/remote/wake-watch.ts';

/** One waking is told by several: the system, the lock screen, the clock. A second redial within this time would only cut off the first. */
export const WAKE_SETTLES_MS = 3_000;

/**
 * A computer that was about to sleep and is awake for so long did not fall asleep, or woke without anybody saying so: it happens that
 * a sleep is called off, and that one is too short to be seen by the clock.
 */
export const STILL_AWAKE_AFTER_MS = 60_000;

export interface PowerOptions {
  readonly powerMonitor: Pick<PowerMonitor, 'on' | 'off'>;
  readonly clock: Clock;
  /** For tests; by default those of this computer. */
  readonly addresses?: () => string;
  /** Synchronous and short: the system goes on as soon as it returns. */
  readonly suspend: () => void;
  readonly resume: () => void;
  /** The power cord was plugged or pulled. */
  readonly onPowerSource: () => void;
  /** Linux and macOS: the system shuts down, or the person logs out. It waits for us a while. */
  readonly onShutdown: () => void;
  readonly log: Log;
}

export class Power {
  readonly #options: PowerOptions;
  readonly #disposers: Disposer[] = [];
  #stopWatching: Disposer = () => {};
  #stopDoubting: Disposer = () => {};
  #isAsleep = false;
  #isDisposed = false;
  #wokeAt = Number.NEGATIVE_INFINITY;

  constructor(options: PowerOptions) {
    this.#options = options;
    const { powerMonitor, onPowerSource, onShutdown } = options;
    const listeners = [
      ['suspend', () => this.#handleSuspend()],
      ['resume', () => this.wake('The computer woke')],
      ['unlock-screen', () => this.wake('The screen was unlocked')],
      ['on-ac', onPowerSource],
      ['on-battery', onPowerSource],
      // Electron asks the system for time only if this is prevented; its types leave the event out.
      [
        'shutdown',
        (event?: { preventDefault(): void }) => {
          event?.preventDefault();
          onShutdown();
        },
      ],
    ] as const;
    for (const [event, listener] of listeners) {
      powerMonitor.on(event as 'suspend', listener);
      this.#disposers.push(() => powerMonitor.off(event as 'suspend', listener));
    }
    this.#watch();
  }

  /** Everything that was connected may look alive and be dead: it is dialled again, at once. */
  wake(why: string): void {
    const { clock, log, resume } = this.#options;
    const sinceLast = clock.now() - this.#wokeAt;
    if (!this.#isAsleep && sinceLast >= 0 && sinceLast < WAKE_SETTLES_MS) return;
    this.#wokeAt = clock.now();
    this.#isAsleep = false;
    this.#stopDoubting();
    log.info(why);
    resume();
    // From here on a jump of the clock is another one. Later, because a watch that calls back plans its next look after that.
    queueMicrotask(() => this.#watch());
  }

  /** The window says that the network is back: while the computer falls asleep, interfaces come and go, and nobody wakes for that. */
  handleOnline(): void {
    if (!this.#isAsleep) this.wake('The window says that the network is back');
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stopDoubting();
    this.#stopWatching();
    for (const dispose of this.#disposers) dispose();
  }

  #handleSuspend(): void {
    this.#options.suspend();
    this.#isAsleep = true;
    const { log, clock } = this.#options;
    log.info('The computer goes to sleep');
    this.#stopDoubting();
    this.#stopDoubting = clock.after(STILL_AWAKE_AFTER_MS, () => this.wake('The computer is awake after all'));
    this.#watch();
  }

  /** While it falls asleep, addresses come and go; then only a jump of the clock tells that it woke. */
  #watch(): void {
    this.#stopWatching();
    if (this.#isDisposed) return;
    const addresses = this.#isAsleep ? () => '' : this.#options.addresses;
    this.#stopWatching = watchWake({
      clock: this.#options.clock,
      ...(addresses && { addresses }),
      onWake: (why) => this.wake(why),
    });
  }
}
