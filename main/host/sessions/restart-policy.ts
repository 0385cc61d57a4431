/** When an agent that died is started again by itself, and when that is given up. Pure. */

export const RESTARTS_MAX = 5;
/** Restarts longer ago than this no longer count. */
export const RESTART_WINDOW_MS = 60 * 60_000;
const DELAYS_MS = [1_000, 2_000, 5_000, 15_000, 30_000] as const;

export type RestartPlan = { kind: 'restart'; afterMs: number; number: number } | { kind: 'give-up'; text: string };

/** `earlier`: when it was restarted before (ms), in any order. A turn that ended well, or a person, empties that list. */
export function nextRestart(earlier: readonly number[], now: number): RestartPlan {
  const recent = earlier.filter((at) => at > now - RESTART_WINDOW_MS).length;
  if (recent >= RESTARTS_MAX) {
    return {
      kind: 'give-up',
      text: `The agent was restarted ${RESTARTS_MAX} times and stopped again, so Baton leaves it alone now. Resume the session to try once more.`,
    };
  }
  return { kind: 'restart', afterMs: DELAYS_MS[Math.min(recent, DELAYS_MS.length - 1)] as number, number: recent + 1 };
}
