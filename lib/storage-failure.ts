/** What an error says of the disk, anyone who met it: SQLite or the file system. */

/** Whether there is no room, or no more for this user. */
export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT';
}

/** What is wrong with the disk, in words, if that is what the error is about; else null: then it is a bug. */
export function storageFailure(error: unknown): string | null {
  if (isDiskFull(error)) return 'The disk is full. Free some space.';
  const code = codeOf(error);
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|PERM|NOTADB|CORRUPT)/.test(code)) {
    return `The disk or the history file failed: ${(error as Error).message} (${code}).`;
  }
  return /^(EACCES|EPERM|EROFS|EIO|ENOTDIR|EEXIST)$/.test(code) ? `${(error as Error).message}.` : null;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
