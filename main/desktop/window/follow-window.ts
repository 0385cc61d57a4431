/** What goes on only while the window is in view: slices are pushed, usage is sampled, ages are refreshed. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { LOOK_AGAIN_EVERY_MS } from '../host-watch.ts';
import type { SliceFeed } from '../ipc/slice-feed.ts';
import type { PairingCodes } from '../pairing-codes.ts';
import type { UsageSampler } from '../usage-sampler.ts';
import type { MainWindow } from './main-window.ts';

export function followWindow(options: {
  window: MainWindow;
  feed: SliceFeed;
  sampler: UsageSampler;
  pairing: PairingCodes;
  clock: Clock;
  /** Reads what the system may have changed meanwhile, when the window comes into view. */
  lookAgain: () => Promise<void>;
  log: Log;
}): Disposer {
  const { window, feed, sampler, pairing, clock, lookAgain, log } = options;
  let cancel: Disposer = () => {};
  // Some of what is shown grows older, or larger, without an event.
  const tick = () => {
    feed.touch('link', 'settings');
    cancel = clock.after(LOOK_AGAIN_EVERY_MS, tick);
  };
  const disposers = [
    window.onDidChangeSeen((isSeen) => {
      cancel();
      if (isSeen) tick();
      feed.setSeen(isSeen);
      sampler.setRunning(isSeen);
      pairing.setSeen(isSeen);
      if (isSeen) unawaited(lookAgain(), 'look at the system again', log);
    }),
    window.onDidUnload(() => feed.unload()),
    () => cancel(),
  ];
  return () => {
    for (const dispose of disposers) dispose();
  };
}
