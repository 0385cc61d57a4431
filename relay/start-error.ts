/** The relay could not start for a reason outside of it; the message is one sentence for the person who started it. */
export class RelayStartError extends Error {
  override name = 'RelayStartError';
}

/** The `code` of a Node or SQLite error, or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
