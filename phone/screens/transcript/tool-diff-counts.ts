import { diffLines } from '#phone/transcript/line-diff.ts';
import type { ToolCall } from '#protocol/events.ts';

interface Counts {
  readonly added: number;
  readonly removed: number;
}

const counted = new WeakMap<ToolCall, Counts | null>();

/** Lines added and removed by all changes of a tool call; null if it changes no file. Counted once per call. */
export function toolDiffCounts(call: ToolCall): Counts | null {
  const known = counted.get(call);
  if (known !== undefined) return known;
  const diffs = call.content.flatMap((content) =>
    content.kind === 'diff' ? diffLines(content.before, content.after) : [],
  );
  const counts =
    diffs.length === 0
      ? null
      : {
          added: diffs.reduce((sum, diff) => sum + diff.added, 0),
          removed: diffs.reduce((sum, diff) => sum + diff.removed, 0),
        };
  counted.set(call, counts);
  return counts;
}
