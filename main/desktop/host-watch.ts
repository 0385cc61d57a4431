/** Carries every change in the host to anyone who shows it or acts on it. */

import type { Clock } from '#lib/clock.ts';
import { coalesce } from '#lib/coalesce.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import type { SliceName } from '#preload/contract.ts';
import type { HostLifecycle, RunningHost } from './host-lifecycle.ts';

/** Notifications and keeping awake follow a change within this time. */
const REACT_WITHIN_MS = 100;
/** How often ages and sizes that no event tells of are read again while the window is in view. */
export const LOOK_AGAIN_EVERY_MS = 5_000;

/** All slices that live in the host. */
const HOST_SLICES: readonly SliceName[] = [
  ...(['app', 'link', 'sessions', 'usage', 'pairing', 'devices', 'settings', 'activity'] as const),
];

export interface HostWatchOptions {
  readonly lifecycle: HostLifecycle;
  readonly clock: Clock;
  /** Parts of the window may have changed. */
  readonly touch: (...slices: SliceName[]) => void;
  /** What the tray shows may have changed. */
  readonly touchTray: () => void;
  /** Sessions, questions or pairing requests have changed; null: there is no host any more. */
  readonly react: (running: RunningHost | null) => void;
  readonly log: Log;
}

/** Watches the host, the next one too, until it is disposed. */
export function watchHost(options: HostWatchOptions): Disposer {
  const { lifecycle, clock, touch, touchTray, react } = options;
  const reaction = coalesce(clock, REACT_WITHIN_MS, () => react(lifecycle.running));
  const disposers: Disposer[] = [
    lifecycle.onDidChange(() => {
      touch(...HOST_SLICES);
      touchTray();
      react(lifecycle.running);
    }),
    reaction.dispose,
  ];
  lifecycle.use(({ host }) => {
    const watches = [
      host.supervisor.onDidChange(() => {
        touch('sessions', 'devices', 'activity');
        touchTray();
        reaction.touch();
      }),
      host.remote.onDidChange(() => {
        touch('link', 'devices', 'sessions', 'activity');
        touchTray();
      }),
      host.remote.pairing.onDidChangeRequests(() => reaction.touch()),
    ];
    return () => {
      for (const dispose of watches) dispose();
    };
  });
  return () => {
    for (const dispose of disposers) dispose();
  };
}
