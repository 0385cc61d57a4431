/** Why a data folder cannot be used, from what the file system threw: the end of a sentence that names the folder. */
export function describeDataFolderError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not write there.';
  if (code === 'EEXIST') return 'it is a file.';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no folder can be made there.';
  if (code === 'EROFS') return 'the file system is read-only.';
  if (code === 'ENOSPC') return 'the disk is full.';
  return error instanceof Error ? `${error.message}.` : String(error);
}
