import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedSpan, type DiffLine, diffLines, pairChangedLines, splitLines } from '#phone/transcript/line-diff.ts';

function drawn(before: string | null, after: string): string[] {
  const diff = diffLines(before, after);
  const lines = diff.hunks.flatMap((hunk) => [
    ...(hunk.skipped > 0 ? [`@${hunk.skipped}`] : []),
    ...hunk.lines.map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`),
  ]);
  return diff.skippedAfter > 0 ? [...lines, `@${diff.skippedAfter}`] : lines;
}

const TEN = Array.from({ length: 10 }, (_, line) => `line ${line + 1}`);

describe('a line diff', () => {
  test('shows a changed line as removed and added, with three lines around it and the rest counted', () => {
    const after = TEN.with(5, 'changed');
    expect(drawn(TEN.join('\n'), after.join('\n'))).toEqual([
      '@2',
      ' line 3',
      ' line 4',
      ' line 5',
      '-line 6',
      '+changed',
      ' line 7',
      ' line 8',
      ' line 9',
      '@1',
    ]);
  });

  test('joins changes that are close, and parts those that are not', () => {
    const long = Array.from({ length: 40 }, (_, line) => `${line}`);
    expect(diffLines(long.join('\n'), long.with(5, 'a').with(11, 'b').join('\n')).hunks).toHaveLength(1);
    expect(diffLines(long.join('\n'), long.with(5, 'a').with(25, 'b').join('\n')).hunks).toHaveLength(2);
  });

  test('calls a new file all added, and numbers its lines from 1', () => {
    const { added, removed, hunks } = diffLines(null, 'a\nb\n');
    expect({ added, removed }).toEqual({ added: 2, removed: 0 });
    expect(hunks[0]?.lines).toEqual([
      { kind: 'added', text: 'a', before: null, after: 1 },
      { kind: 'added', text: 'b', before: null, after: 2 },
    ]);
  });

  test('of equal texts has no hunks, also when only the line ends differ', () => {
    expect(diffLines('a\nb', 'a\r\nb\n')).toEqual({ added: 0, removed: 0, hunks: [], skippedAfter: 0 });
  });

  test('finds the shortest script, not a replaced block', () => {
    const { added, removed } = diffLines('a\nb\nc\na\nb\nb\na', 'c\nb\na\nb\na\nc');
    expect(added + removed).toBe(5);
  });

  test('of two long, wholly different texts ends and says that everything was replaced', () => {
    const before = Array.from({ length: 3000 }, (_, line) => `old ${line}`).join('\n');
    const after = Array.from({ length: 3000 }, (_, line) => `new ${line}`).join('\n');
    expect(diffLines(before, after)).toMatchObject({ added: 3000, removed: 3000 });
  });

  test('rebuilds both texts, whatever they are', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '  d'), { maxLength: 30 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { hunks, skippedAfter, added, removed } = diffLines(before, after);
        const old = splitLines(before);
        const rebuilt = { before: [] as string[], after: [] as string[] };
        const skip = (count: number) => {
          const lines = old.slice(rebuilt.before.length, rebuilt.before.length + count);
          rebuilt.before.push(...lines);
          rebuilt.after.push(...lines);
        };
        for (const hunk of hunks) {
          skip(hunk.skipped);
          for (const line of hunk.lines) {
            if (line.kind !== 'added') expect(rebuilt.before.push(line.text)).toBe(line.before);
            if (line.kind !== 'removed') expect(rebuilt.after.push(line.text)).toBe(line.after);
          }
        }
        if (hunks.length === 0) skip(old.length);
        else skip(skippedAfter);
        expect(rebuilt).toEqual({ before: old, after: splitLines(after) });
        expect(splitLines(after).length - old.length).toBe(added - removed);
      }),
    );
  });
});

test('the changed part of a line is marked only where the lines are alike', () => {
  expect(changedSpan('const a = 1;', 'const a = 20;')).toEqual([10, 11]);
  expect(changedSpan('return early;', 'const x = 2;')).toBeNull();
  expect(changedSpan('same', 'same')).toBeNull();
});

test('removed lines are paired with added ones only where as many of both meet', () => {
  const line = (kind: DiffLine['kind'], text: string): DiffLine => ({ kind, text, before: 1, after: 1 });
  const lines = [
    line('removed', 'a'),
    line('removed', 'b'),
    line('added', 'c'),
    line('added', 'd'),
    line('same', 'x'),
    line('removed', 'e'),
    line('added', 'f'),
    line('added', 'g'),
  ];
  const pairs = pairChangedLines(lines);
  expect(lines.map((each) => pairs.get(each)?.text ?? null)).toEqual(['c', 'd', 'a', 'b', null, null, null, null]);
});
