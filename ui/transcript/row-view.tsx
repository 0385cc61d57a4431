/** One row of a session, by its kind. */
import { APPROVAL_OUTCOME_WORDS } from '#protocol/events.ts';
import { Icon, StateShape, toolIcon } from '../controls/icons.tsx';
import { useScreen } from '../screen-context.ts';
import { momentWords } from '../words/age-words.ts';
import { toolKindWord, toolStateWords } from '../words/session-words.ts';
import { DiffCounts } from './diff-view.tsx';
import { MarkdownText, StreamingText } from './markdown-text.tsx';
import { useOpenRow } from './open-rows.ts';
import { PlanEntries } from './plan-entries.tsx';
import { PromptView } from './prompt-view.tsx';
import type { RowContext } from './row-context.ts';
import type { ApprovalRow, LineRow, PlanRow, Row, TextRow, ToolRow, TurnEndRow } from './rows.ts';
import { stopWords } from './session-lines.ts';
import { ToolContents } from './tool-contents.tsx';
import { toolDiffCounts } from './tool-diff-counts.ts';

export function RowView({ row, context }: { row: Row; context: RowContext }) {
  switch (row.kind) {
    case 'prompt':
      return <PromptView row={row} context={context} />;
    case 'message':
      return <MessageView row={row} context={context} />;
    case 'thought':
      return <ThoughtView row={row} context={context} />;
    case 'tool':
      return <ToolView row={row} context={context} />;
    case 'plan':
      return <PlanView row={row} context={context} />;
    case 'approval':
      return <ApprovalView row={row} />;
    case 'turn-end':
      return <TurnEndView row={row} />;
    case 'line':
      return <LineView row={row} />;
  }
}

/** The accessible name of a row in the list. */
export function rowLabel(row: Row): string {
  switch (row.kind) {
    case 'prompt':
      return row.by ? `Prompt by ${row.by.name}` : 'Prompt';
    case 'message':
      return 'Agent';
    case 'thought':
      return 'Thought';
    case 'tool':
      return `${toolKindWord(row.call.kind)}: ${row.call.title}`;
    case 'plan':
      return 'Plan';
    case 'approval':
      return `Question: ${row.title}`;
    case 'turn-end':
    case 'line':
      return 'Note';
  }
}

interface Props<R extends Row> {
  row: R;
  context: RowContext;
}

function useStreamingText({ row, context }: Props<TextRow>): string {
  if (!row.isStreaming) return row.text;
  return context.host.log(context.session).streaming.value.find(({ id }) => id === row.id)?.text ?? '';
}

function MessageView({ row, context }: Props<TextRow>) {
  const text = useStreamingText({ row, context });
  return (
    <div class="row-message">{row.isStreaming ? <StreamingText text={text} /> : <MarkdownText text={text} />}</div>
  );
}

function ThoughtView({ row, context }: Props<TextRow>) {
  const text = useStreamingText({ row, context });
  const [isOpen, setIsOpen] = useOpenRow(context.openRows, row.key, false);
  return (
    <details class="row-thought" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="thought" size={18} />
        <span class="thought-head">{row.isStreaming ? 'Thinking …' : 'Thought'}</span>
        {!isOpen && <span class="thought-peek">{peek(text, row.isStreaming)}</span>}
        <Icon name="chevron" size={16} />
      </summary>
      {isOpen && (
        <div class="thought-text">
          {row.isStreaming ? (
            <p class="plain-text" dir="auto">
              {text}
            </p>
          ) : (
            <MarkdownText text={text} />
          )}
        </div>
      )}
    </details>
  );
}

const PEEK_CHARS = 120;

/** The first words of a finished thought, the last line of one that is being thought. */
function peek(text: string, isStreaming: boolean): string {
  const line = isStreaming ? (text.trimEnd().split('\n').at(-1) ?? '') : text;
  return line
    .replace(/[*_`#>]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, PEEK_CHARS);
}

function ToolView({ row, context }: Props<ToolRow>) {
  const { call } = row;
  const counts = toolDiffCounts(call);
  const [isOpen, setIsOpen] = useOpenRow(context.openRows, row.key, counts !== null && call.state !== 'pending');
  const state = toolStateWords(call.state, row.isOver);
  const title = call.title.trim() === '' ? toolKindWord(call.kind) : call.title;
  return (
    <details
      class={`row-tool tool-${call.state}`}
      open={isOpen}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>
        <Icon name={toolIcon(call.kind)} size={18} />
        <span class="tool-title">{title}</span>
        {counts && <DiffCounts added={counts.added} removed={counts.removed} />}
        <span class={`tool-state tone-${state.tone}`}>
          <StateShape state={row.isOver && call.state === 'running' ? 'interrupted' : call.state} />
          <span class="tool-word">{state.word}</span>
        </span>
        <Icon name="chevron" size={16} />
      </summary>
      {isOpen && <ToolContents host={context.host} session={context.session} call={call} title={title} />}
    </details>
  );
}

function PlanView({ row, context }: Props<PlanRow>) {
  const [isOpen, setIsOpen] = useOpenRow(context.openRows, row.key, false);
  const done = row.entries.filter(({ state }) => state === 'completed').length;
  return (
    <details class="row-plan" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="list" size={18} />
        <span class="tool-title">
          Plan · {done} of {row.entries.length} done
        </span>
        <Icon name="chevron" size={16} />
      </summary>
      {isOpen && <PlanEntries entries={row.entries} />}
    </details>
  );
}

function ApprovalView({ row }: { row: ApprovalRow }) {
  const { minute } = useScreen();
  const { answer, outcome } = row;
  if (answer) {
    const isAllowed = answer.option.kind.startsWith('allow');
    return (
      <div class={`row-approval ${isAllowed ? 'allowed' : 'denied'}`}>
        <Icon name={isAllowed ? 'check' : 'cross'} size={18} />
        <div>
          <p>
            <strong>{answer.option.name}</strong> · {row.title}
          </p>
          {answer.note !== null && <p class="approval-note">“{answer.note}”</p>}
          <p class="meta">
            Answered {answer.by.device === null ? 'at the computer' : `on ${answer.by.name}`} ·{' '}
            {momentWords(answer.at, minute.value)}
            {outcome === null && ' · being handed to the agent'}
            {outcome !== null && outcome !== 'selected' && ` · ${row.text ?? 'the agent did not take it'}`}
          </p>
        </div>
      </div>
    );
  }
  return (
    <div class={`row-approval ${outcome === null ? 'pending' : 'gone'}`}>
      {outcome === null ? <StateShape state="waiting" /> : <StateShape state="ended" />}
      <div>
        <p>{row.title}</p>
        <p class="meta">{approvalEnd(row)}</p>
      </div>
    </div>
  );
}

function approvalEnd({ outcome, text }: ApprovalRow): string {
  return outcome === null ? 'Waits for an answer' : (text ?? APPROVAL_OUTCOME_WORDS[outcome]);
}

function TurnEndView({ row }: { row: TurnEndRow }) {
  const { tone, text } = stopWords(row.stop);
  return (
    <div class={`row-line line-${tone}`}>
      <Icon name={tone === 'info' ? 'stop' : 'warning'} size={16} />
      <div>
        <p>{text}</p>
        {row.error !== null && <pre class="line-error">{row.error}</pre>}
      </div>
    </div>
  );
}

function LineView({ row }: { row: LineRow }) {
  const { minute } = useScreen();
  return (
    <div class={`row-line line-${row.tone}`}>
      <Icon name={row.tone === 'info' ? 'info' : 'warning'} size={16} />
      <div>
        <p>
          {row.text} <span class="meta">{momentWords(row.at, minute.value)}</span>
        </p>
        {row.hint !== null && <p class="line-hint">{row.hint}</p>}
      </div>
    </div>
  );
}
