/** What a tool call holds: what was asked, changes as diffs, outputs folded to a dozen lines. */
import { useState } from 'preact/hooks';
import type { HostConnection } from '#phone/core/contract.ts';
import { foldOutput, sizeWords } from '#phone/transcript/output-fold.ts';
import type { ToolCall, ToolContent } from '#protocol/events.ts';
import { CopyButton } from '../copy-button.tsx';
import { DiffView } from './diff-view.tsx';

export interface ToolContentsProps {
  host: HostConnection;
  session: string;
  call: ToolCall;
  /** Shown above it already; an input that only repeats it is left out. */
  title: string;
}

export function ToolContents({ host, session, call, title }: ToolContentsProps) {
  const input = call.input !== undefined && !title.includes(call.input) ? call.input : null;
  const isEmpty = input === null && call.content.length === 0;
  const paths = call.paths.filter(
    (path) => !call.content.some((content) => content.kind === 'diff' && content.path === path),
  );
  return (
    <div class="tool-contents">
      {input !== null && <Output text={input} label={call.kind === 'execute' ? 'Command' : 'Input'} isWrapped />}
      {call.content.map((content, index) => (
        <Content key={contentKey(content, index)} host={host} session={session} content={content} />
      ))}
      {paths.length > 0 && (call.content.length === 0 || call.kind === 'delete' || call.kind === 'move') && (
        <ul class="paths">
          {paths.map((path) => (
            <li key={path} class="code">
              {path}
            </li>
          ))}
        </ul>
      )}
      {isEmpty && paths.length === 0 && <p class="meta">The agent gave no details.</p>}
    </div>
  );
}

function contentKey(content: ToolContent, index: number): string {
  return content.kind === 'diff' ? `diff:${content.path}:${index}` : `${content.kind}:${index}`;
}

function Content({ host, session, content }: { host: HostConnection; session: string; content: ToolContent }) {
  switch (content.kind) {
    case 'diff':
      return <DiffView path={content.path} before={content.before} after={content.after} />;
    case 'text':
      return content.text.trim() === '' ? null : <Output text={content.text} label="Output" />;
    case 'blob':
      return <BlobOutput host={host} session={session} content={content} />;
  }
}

/** Monospace text, folded, copyable. */
export function Output({ text, label, isWrapped = false }: { text: string; label: string; isWrapped?: boolean }) {
  const [isWhole, setIsWhole] = useState(false);
  const folded = foldOutput(text);
  return (
    <div class={`output ${isWrapped ? 'wrap' : ''}`}>
      <div class="code-bar">
        <span>{label}</span>
        <CopyButton text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{isWhole ? text : folded.text}</pre>
      {folded.allLines !== null && (
        <button type="button" class="show-all" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show less' : folded.allLines === 1 ? 'Show all' : `Show all ${folded.allLines} lines`}
        </button>
      )}
    </div>
  );
}

type BlobContent = Extract<ToolContent, { kind: 'blob' }>;
type BlobState =
  | { kind: 'head' }
  | { kind: 'loading' }
  | { kind: 'whole'; text: string }
  | { kind: 'failed'; text: string };

function BlobOutput({ host, session, content }: { host: HostConnection; session: string; content: BlobContent }) {
  const [state, setState] = useState<BlobState>({ kind: 'head' });
  const load = () => {
    setState({ kind: 'loading' });
    host.blob(session, content.blob).then(
      (text) => setState({ kind: 'whole', text }),
      (error: unknown) => setState({ kind: 'failed', text: error instanceof Error ? error.message : String(error) }),
    );
  };
  if (state.kind === 'whole') {
    return (
      <div class="output">
        <div class="code-bar">
          <span>Whole output · {sizeWords(content.bytes)}</span>
          <CopyButton text={state.text} />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <pre class="whole" tabIndex={0}>
          {state.text}
        </pre>
        <button type="button" class="show-all" onClick={() => setState({ kind: 'head' })}>
          Show less
        </button>
      </div>
    );
  }
  return (
    <div class="output">
      <div class="code-bar">
        <span>Output · {sizeWords(content.bytes)}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{foldOutput(content.head).text}</pre>
      {state.kind === 'failed' && (
        <p class="problem" role="alert">
          {state.text}
        </p>
      )}
      <button type="button" class="show-all" disabled={state.kind === 'loading'} onClick={load}>
        {state.kind === 'loading' ? 'Loading …' : `Load whole output (${sizeWords(content.bytes)})`}
      </button>
    </div>
  );
}
