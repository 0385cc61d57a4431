/** What nobody caught, in the tray app: written down, and shown. */
import { type CrashSource, surviveCrashes } from '#lib/crash-policy.ts';
import type { Log } from '#lib/log.ts';

/** One message on the screen is enough for what follows from it. */
export const SHOW_AGAIN_AFTER_MS = 60_000;

export function installCrashHandlers(options: {
  process: CrashSource;
  log: Log;
  show: (title: string, text: string) => void;
  now: () => number;
}): void {
  const { process, log, show, now } = options;
  let shownAt = Number.NEGATIVE_INFINITY;
  surviveCrashes(process, (what, error) => {
    log.error(what, { error });
    if (now() - shownAt < SHOW_AGAIN_AFTER_MS) return;
    shownAt = now();
    const words = error instanceof Error ? error.message : String(error);
    show(
      'Something went wrong in Baton',
      `${words}\n\nBaton goes on. If it does not work as it should, quit it and start it again. The log in its data folder (baton.log) has the details.`,
    );
  });
}
