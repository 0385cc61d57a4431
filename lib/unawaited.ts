import type { Log } from './log.ts';

/** Where no log is at hand, as in a page. */
const CONSOLE: Pick<Log, 'error'> = {
  error: (message, fields) => console.error(`Baton: ${message}`, fields?.error),
};

/** Marks a promise that is deliberately not waited for. `operation`, as in "save the draft": what goes wrong in it is a bug, and is logged. */
export function unawaited(promise: Promise<unknown>, operation: string, log: Pick<Log, 'error'> = CONSOLE): void {
  promise.catch((error: unknown) => log.error(`Failed to ${operation}`, { error }));
}
