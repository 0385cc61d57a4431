/** The part of Node's `process` that tells what nobody caught. */
export interface CrashSource {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
}

/**
 * One policy for every process of Baton: what nobody caught is reported and the process goes on, because what it holds (agents,
 * sessions, connections) is worth more than a clean end. For once everything runs: a failure to start is an end, with words.
 * A report that fails itself is given up: there is nowhere left to say it.
 */
export function surviveCrashes(source: CrashSource, report: (what: string, error: unknown) => void): void {
  const survive = (what: string) => (error: unknown) => {
    try {
      report(what, error);
    } catch {}
  };
  source.on('uncaughtException', survive('Nobody caught an error'));
  source.on('unhandledRejection', survive('Nobody handled a rejection'));
}
