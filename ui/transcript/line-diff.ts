/**
 * A line diff, as Myers describes it in "An O(ND) Difference Algorithm and Its Variations" (1986), with the common head and
 * tail cut off first. Pure.
 */

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  /** Line number in the old text, from 1; null for an added line. */
  readonly before: number | null;
  /** Line number in the new text, from 1; null for a removed line. */
  readonly after: number | null;
}

export interface DiffHunk {
  /** Unchanged lines left out in front of this hunk. */
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

export interface LineDiff {
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly DiffHunk[];
  /** Unchanged lines left out after the last hunk. */
  readonly skippedAfter: number;
}

const CONTEXT_LINES = 3;
/** Beyond this many edits the middle is shown as replaced whole: exactness would cost more than it tells. */
const EDITS_MAX = 1500;

/** `isWhole`: unchanged lines far from a change are kept as well. */
export function diffLines(before: string | null, after: string, isWhole = false): LineDiff {
  const lines = alignLines(splitLines(before ?? ''), splitLines(after));
  return isWhole ? wholeDiff(lines) : toHunks(lines);
}

function wholeDiff(lines: readonly DiffLine[]): LineDiff {
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  const hunks = lines.length > 0 ? [{ skipped: 0, lines }] : [];
  return { added: count('added'), removed: count('removed'), hunks, skippedAfter: 0 };
}

/** What a comparison of lines does not show: how they end. Sentences; none if both texts end theirs alike. */
export function lineEndNotes(before: string | null, after: string): readonly string[] {
  const notes: string[] = [];
  const isCrLf = (text: string) => text.includes('\r\n');
  const isFinal = (text: string) => text === '' || text.endsWith('\n');
  if (before !== null && isCrLf(before) !== isCrLf(after)) {
    notes.push(
      isCrLf(after) ? 'The new lines end as on Windows (CR LF).' : 'The new lines no longer end as on Windows.',
    );
  }
  if (isCrLf(after) && /(?<!\r)\n/.test(after)) notes.push('Not all new lines end in the same way.');
  if (before === null ? !isFinal(after) : isFinal(before) !== isFinal(after)) {
    notes.push(isFinal(after) ? 'The last line now ends with a line end.' : 'The last new line has no line end.');
  }
  return notes;
}

/** Lines without their ends; a final line break makes no empty last line. */
export function splitLines(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function alignLines(a: readonly string[], b: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;

  const lines: DiffLine[] = [];
  for (let at = 0; at < head; at += 1) lines.push(same(a, at, at));
  for (const step of shortestEdit(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) {
    const { kind, before, after } = step;
    if (kind === 'same') lines.push(same(a, before + head, after + head));
    else if (kind === 'removed')
      lines.push({ kind, text: a[before + head] ?? '', before: before + head + 1, after: null });
    else lines.push({ kind, text: b[after + head] ?? '', before: null, after: after + head + 1 });
  }
  for (let at = tail; at > 0; at -= 1) lines.push(same(a, a.length - at, b.length - at));
  return lines;
}

function same(a: readonly string[], before: number, after: number): DiffLine {
  return { kind: 'same', text: a[before] ?? '', before: before + 1, after: after + 1 };
}

interface Step {
  kind: 'same' | 'added' | 'removed';
  before: number;
  after: number;
}

function shortestEdit(a: readonly string[], b: readonly string[]): Step[] {
  const limit = Math.min(a.length + b.length, EDITS_MAX);
  const offset = limit + 1;
  let reach = new Int32Array(2 * limit + 3);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits += 1) {
    trace.push(reach.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down =
        diagonal === -edits ||
        (diagonal !== edits && at(reach, offset + diagonal - 1) < at(reach, offset + diagonal + 1));
      let x = down ? at(reach, offset + diagonal + 1) : at(reach, offset + diagonal - 1) + 1;
      let y = x - diagonal;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      reach[offset + diagonal] = x;
      if (x >= a.length && y >= b.length) return walkBack(trace, offset, a.length, b.length);
    }
    reach = reach.slice();
  }
  return replaceWhole(a.length, b.length);
}

function walkBack(trace: readonly Int32Array[], offset: number, endX: number, endY: number): Step[] {
  const steps: Step[] = [];
  let x = endX;
  let y = endY;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] as Int32Array;
    const diagonal = x - y;
    const down =
      diagonal === -edits ||
      (diagonal !== edits && at(reach, offset + diagonal - 1) < at(reach, offset + diagonal + 1));
    const fromDiagonal = down ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : at(reach, offset + fromDiagonal);
    const fromY = edits === 0 ? 0 : fromX - fromDiagonal;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      steps.push({ kind: 'same', before: x, after: y });
    }
    if (edits === 0) break;
    if (down) {
      y -= 1;
      steps.push({ kind: 'added', before: x, after: y });
    } else {
      x -= 1;
      steps.push({ kind: 'removed', before: x, after: y });
    }
  }
  return steps.reverse();
}

function replaceWhole(removed: number, added: number): Step[] {
  return [
    ...Array.from({ length: removed }, (_, before): Step => ({ kind: 'removed', before, after: 0 })),
    ...Array.from({ length: added }, (_, after): Step => ({ kind: 'added', before: removed, after })),
  ];
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}

function toHunks(lines: readonly DiffLine[]): LineDiff {
  const hunks: DiffHunk[] = [];
  let added = 0;
  let removed = 0;
  let shownUntil = 0;
  let index = 0;
  while (index < lines.length) {
    if (lines[index]?.kind === 'same') {
      index += 1;
      continue;
    }
    const start = Math.max(shownUntil, index - CONTEXT_LINES);
    let lastChange = index;
    let scan = index;
    while (scan < lines.length && scan - lastChange <= 2 * CONTEXT_LINES) {
      const kind = lines[scan]?.kind;
      if (kind === 'added') added += 1;
      if (kind === 'removed') removed += 1;
      if (kind !== 'same') lastChange = scan;
      scan += 1;
    }
    const end = Math.min(lines.length, lastChange + 1 + CONTEXT_LINES);
    hunks.push({ skipped: start - shownUntil, lines: lines.slice(start, end) });
    shownUntil = end;
    index = Math.max(end, lastChange + 1);
  }
  return { added, removed, hunks, skippedAfter: hunks.length > 0 ? lines.length - shownUntil : 0 };
}

/**
 * The part of a changed line that differs from its counterpart, as [start, end) in `text`; null if nothing or nearly
 * everything does, where marking would only shout.
 */
export function changedSpan(text: string, counterpart: string): readonly [number, number] | null {
  let head = 0;
  while (head < text.length && head < counterpart.length && text[head] === counterpart[head]) head += 1;
  let tail = 0;
  while (
    tail < text.length - head &&
    tail < counterpart.length - head &&
    text[text.length - 1 - tail] === counterpart[counterpart.length - 1 - tail]
  ) {
    tail += 1;
  }
  // A character of two units is marked whole.
  if (isInsidePair(text, head)) head -= 1;
  if (isInsidePair(text, text.length - tail)) tail -= 1;
  const isWorthIt = head + tail >= Math.max(text.length, counterpart.length) * 0.4;
  return isWorthIt && text.length - tail > head ? [head, text.length - tail] : null;
}

function isInsidePair(text: string, index: number): boolean {
  return /[\ud800-\udbff]/.test(text.charAt(index - 1)) && /[\udc00-\udfff]/.test(text.charAt(index));
}

/** For each line its counterpart across the change, where a run of removed lines meets an equally long run of added ones. */
export function pairChangedLines(lines: readonly DiffLine[]): ReadonlyMap<DiffLine, DiffLine> {
  const pairs = new Map<DiffLine, DiffLine>();
  let index = 0;
  while (index < lines.length) {
    const removed = runFrom(lines, index, 'removed');
    const added = runFrom(lines, index + removed.length, 'added');
    if (removed.length > 0 && removed.length === added.length) {
      removed.forEach((line, position) => {
        const other = added[position] as DiffLine;
        pairs.set(line, other).set(other, line);
      });
    }
    index += Math.max(1, removed.length + added.length);
  }
  return pairs;
}

function runFrom(lines: readonly DiffLine[], start: number, kind: DiffLine['kind']): readonly DiffLine[] {
  let end = start;
  while (lines[end]?.kind === kind) end += 1;
  return lines.slice(start, end);
}
