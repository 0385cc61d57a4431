/** A change to one file: signs and line numbers beside the colours, unchanged stretches left out. */
import { useMemo, useState } from 'preact/hooks';
import { PathText } from '../controls/path-text.tsx';
import { VisibleText } from '../controls/visible-text.tsx';
import type { PathWords } from '../words/path-words.ts';
import { changedSpan, type DiffHunk, type DiffLine, diffLines, lineEndNotes, pairChangedLines } from './line-diff.ts';
import { shortPath } from './output-fold.ts';

/** Longer diffs are cut to this many lines until somebody asks for all. */
const SHOWN_LINES = 24;

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

export interface DiffViewProps {
  path: string;
  before: string | null;
  after: string;
  /** Every line is drawn, and long ones are wrapped: for what is to be allowed. */
  isWhole?: boolean;
  /** Where it lies; absent: the end of the path is drawn. */
  place?: PathWords;
}

export function DiffView({ path, before, after, isWhole: isAsked = false, place }: DiffViewProps) {
  const diff = useMemo(() => diffLines(before, after, isAsked), [before, after, isAsked]);
  const notes = useMemo(() => lineEndNotes(before, after), [before, after]);
  const [isUnfolded, setIsWhole] = useState(false);
  const isWhole = isAsked || isUnfolded;
  const all = diff.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const isCut = !isAsked && all > SHOWN_LINES + 4;
  const hunks = isCut && !isWhole ? cutHunks(diff.hunks) : diff.hunks;
  const digits = String(
    diff.hunks.at(-1)?.lines.reduce((most, line) => Math.max(most, line.before ?? 0, line.after ?? 0), 0) ?? 0,
  ).length;
  return (
    <figure class={isAsked ? 'diff wrap' : 'diff'} aria-label={`Change of ${path}`}>
      <figcaption class="code-bar">
        <span class="code diff-path" title={path}>
          {place ? <PathText path={path} place={place} /> : <VisibleText text={shortPath(path)} />}
        </span>
        <DiffCounts added={diff.added} removed={diff.removed} isNew={before === null} />
      </figcaption>
      {diff.added + diff.removed === 0 && (
        <p class="meta diff-none">{before === null ? 'A new, empty file.' : 'No line differs.'}</p>
      )}
      {diff.hunks.length > 0 && (
        <div
          class={`diff-scroll digits-${Math.min(Math.max(digits, 2), 5)}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
        >
          <div class="diff-lines">
            {hunks.map((hunk, index) => (
              <Hunk key={hunk.lines[0]?.before ?? `new:${hunk.lines[0]?.after}`} hunk={hunk} isFirst={index === 0} />
            ))}
            {(!isCut || isWhole) && diff.skippedAfter > 0 && <Skipped lines={diff.skippedAfter} />}
          </div>
        </div>
      )}
      {notes.map((note) => (
        <p key={note} class="meta diff-none">
          {note}
        </p>
      ))}
      {isCut && (
        <button type="button" class="show-all" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${all} lines`}
        </button>
      )}
    </figure>
  );
}

export function DiffCounts({ added, removed, isNew = false }: { added: number; removed: number; isNew?: boolean }) {
  return (
    <span class="diff-counts">
      {isNew && <span class="diff-new">new</span>}
      <span class="added">
        +{added}
        <span class="visually-hidden"> lines added, </span>
      </span>
      <span class="removed">
        −{removed}
        <span class="visually-hidden"> lines removed</span>
      </span>
    </span>
  );
}

function cutHunks(hunks: readonly DiffHunk[]): readonly DiffHunk[] {
  const shown: DiffHunk[] = [];
  let left = SHOWN_LINES;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push(hunk.lines.length <= left ? hunk : { ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return shown;
}

function Hunk({ hunk, isFirst }: { hunk: DiffHunk; isFirst: boolean }) {
  const pairs = useMemo(() => pairChangedLines(hunk.lines), [hunk]);
  return (
    <>
      {(hunk.skipped > 0 || !isFirst) && <Skipped lines={hunk.skipped} />}
      {hunk.lines.map((line) => (
        <div key={`${line.before}:${line.after}`} class={`diff-line ${line.kind}`}>
          <span class="diff-number" aria-hidden="true">
            {line.before}
          </span>
          <span class="diff-number" aria-hidden="true">
            {line.after}
          </span>
          <span class="diff-sign">{SIGNS[line.kind]}</span>
          <span class="diff-text">
            <LineText line={line} counterpart={pairs.get(line)} />
          </span>
        </div>
      ))}
    </>
  );
}

function LineText({ line, counterpart }: { line: DiffLine; counterpart: DiffLine | undefined }) {
  const span = counterpart ? changedSpan(line.text, counterpart.text) : null;
  if (!span) return <VisibleText text={line.text === '' ? '\u00a0' : line.text} />;
  return (
    <>
      <VisibleText text={line.text.slice(0, span[0])} />
      <mark>
        <VisibleText text={line.text.slice(...span)} />
      </mark>
      <VisibleText text={line.text.slice(span[1])} />
    </>
  );
}

function Skipped({ lines }: { lines: number }) {
  return <div class="diff-skipped">{lines === 1 ? '1 line unchanged' : `${lines} lines unchanged`}</div>;
}
