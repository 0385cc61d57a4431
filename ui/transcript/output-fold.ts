/** Cutting long things for a small screen, and sizes in words. Pure. */

export const OUTPUT_FOLDED_LINES = 12;
/** A single line this long is folded too: some tools print everything in one. */
const OUTPUT_FOLDED_CHARS = 3000;

export interface FoldedOutput {
  readonly text: string;
  /** Lines in the whole; null if it is shown whole. */
  readonly allLines: number | null;
}

/** The first lines of an output, and how many there are if that is not all. */
export function foldOutput(text: string, lines = OUTPUT_FOLDED_LINES): FoldedOutput {
  const body = text.replace(/\n+$/, '');
  let end = -1;
  for (let line = 0; line < lines; line += 1) {
    end = body.indexOf('\n', end + 1);
    if (end < 0) break;
  }
  const cut = Math.min(end < 0 ? body.length : end, OUTPUT_FOLDED_CHARS);
  if (cut >= body.length) return { text: body, allLines: null };
  return { text: body.slice(0, cut), allLines: countLines(body) };
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** 512 bytes, 63 KB, 1.4 MB. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The last two parts of a path with an ellipsis in front: `…/code/baton`. Short paths stay as they are. */
export function shortPath(path: string): string {
  const { parts, separator } = splitPath(path);
  if (parts.length <= 2) return path;
  return `…${separator}${parts.slice(-2).join(separator)}`;
}

/** The last part of a path: `baton`. The root stays as it is. */
export function folderName(path: string): string {
  return splitPath(path).parts.at(-1) ?? path;
}

function splitPath(path: string): { parts: string[]; separator: string } {
  const separator = path.includes('\\') && !path.includes('/') ? '\\' : '/';
  return { parts: path.split(separator).filter((part) => part !== ''), separator };
}

/** Where text that is still being written can be cut so that what lies before the cut will not change its looks: after blank lines outside code. */
export function splitBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence === null && mark !== null) fence = mark;
    else if (fence !== null && mark !== null && mark[0] === fence[0] && mark.length >= fence.length) fence = null;
    // An indented line after a blank one may belong to a list item above.
    if (fence === null && line.trim() === '' && block.length > 0) {
      blocks.push(block.join('\n'));
      block = [];
    } else if (block.length > 0 || line.trim() !== '') {
      if (block.length === 0 && /^\s/.test(line) && blocks.length > 0) block = [blocks.pop() as string, ''];
      block.push(line);
    }
  }
  if (block.length > 0) blocks.push(block.join('\n'));
  return blocks;
}
