import { errorCode } from './start-error.ts';

/** What is wrong with the disk, in words; null if the error is about something else. */
export function storageFailure(error: unknown): string | null {
  const code = errorCode(error);
  if (code === 'SQLITE_FULL') return 'the disk is full; free some space';
  return /^SQLITE_(IOERR|READONLY)/.test(code) ? `the disk failed (${code}); look at it` : null;
}
