/** Marks a promise that is deliberately not waited for; what goes wrong in it is a bug, and is logged. */
export function unawaited(promise: Promise<unknown>, operation: string): void {
  promise.catch((error: unknown) => console.error(`Baton: failed to ${operation}:`, error));
}
