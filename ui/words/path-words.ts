/** Where a file lies, as seen from a session's folder. Pure. */

export interface PathWords {
  /** Relative to the folder if it plainly lies in there, else as the agent wrote it. */
  readonly text: string;
  /** It lies elsewhere, or that cannot be told. */
  readonly isOutside: boolean;
}

/** `folder`: absolute; null if it is not known. */
export function pathWords(path: string, folder: string | null): PathWords {
  if (folder === null) return { text: path, isOutside: false };
  const isWindows = /^[A-Za-z]:[\\/]|^\\\\/.test(folder);
  const parts = partsOf(path, isWindows);
  const isAbsolute = isWindows ? /^[A-Za-z]:[\\/]|^[\\/]/.test(path) : path.startsWith('/');
  const home = partsOf(folder, isWindows);
  const same = (a: string | undefined, b: string) => (isWindows ? a?.toLowerCase() === b.toLowerCase() : a === b);
  // `~` and `C:name` mean a place that only the computer knows.
  const isUnclear = !isAbsolute && /^~|^[A-Za-z]:/.test(path);
  const isStraight = !parts.some((part) => part === '..' || part === '.');
  if (!isAbsolute) return { text: path, isOutside: isUnclear || leaves(parts) };
  const isInside = home.every((part, index) => same(parts[index], part));
  if (!isStraight) return { text: path, isOutside: !isInside || leaves(parts.slice(home.length)) };
  if (!isInside) return { text: path, isOutside: true };
  const [name, separators] = isWindows ? ['[^\\\\/]', '[\\\\/]'] : ['[^/]', '/'];
  const way = new RegExp(`^${separators}*(?:${name}+${separators}+){${home.length}}`);
  return { text: parts.length === home.length ? path : path.replace(way, ''), isOutside: false };
}

function partsOf(path: string, isWindows: boolean): string[] {
  return path.split(isWindows ? /[\\/]+/ : /\/+/).filter((part) => part !== '');
}

/** Whether it climbs above where it begins. */
function leaves(parts: readonly string[]): boolean {
  let depth = 0;
  for (const part of parts) {
    if (part === '..') depth -= 1;
    else if (part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
