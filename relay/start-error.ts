/** The relay could not start for a reason outside of it; the message is one sentence for the person who started it. */
export class RelayStartError extends Error {
  override name = 'RelayStartError';
  /** What Node or SQLite called it, e.g. EADDRINUSE; empty if it came from neither. */
  readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = errorCode(options?.cause);
  }
}

/** The `code` of a Node or SQLite error, or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
