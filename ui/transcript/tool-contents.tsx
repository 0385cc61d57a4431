/** What a tool call holds: what was asked, changes as diffs, outputs folded to a dozen lines. */
import { useMemo, useState } from 'preact/hooks';
import type { ToolCall, ToolContent } from '#protocol/events.ts';
import { CopyButton } from '../controls/copy-button.tsx';
import { VisibleText } from '../controls/visible-text.tsx';
import type { HostClient } from '../host-client.ts';
import { DiffView } from './diff-view.tsx';
import { foldOutput, sizeWords } from './output-fold.ts';
import { terminalText } from './terminal-text.ts';

export interface ToolContentsProps {
  host: HostClient;
  session: string;
  call: ToolCall;
  /** Shown above it already; an input that only repeats it is left out. */
  title: string;
}

export function ToolContents({ host, session, call, title }: ToolContentsProps) {
  const input = call.input !== undefined && !isSame(title, call.input) ? call.input : null;
  const isEmpty = call.input === undefined && call.arguments === undefined && call.content.length === 0;
  const paths = call.paths.filter(
    (path) => !call.content.some((content) => content.kind === 'diff' && content.path === path),
  );
  return (
    <div class="tool-contents">
      {input !== null && <Output text={input} label={call.kind === 'execute' ? 'Command' : 'Input'} isWrapped />}
      {call.arguments !== undefined && <Output text={call.arguments} label="Also given to it" isWrapped />}
      {call.content.map((content, index) => (
        <Content key={contentKey(content, index)} host={host} session={session} content={content} />
      ))}
      {paths.length > 0 && (call.content.length === 0 || call.kind === 'delete' || call.kind === 'move') && (
        <ul class="paths">
          {paths.map((path) => (
            <li key={path} class="code">
              <VisibleText text={path} />
            </li>
          ))}
        </ul>
      )}
      {isEmpty && paths.length === 0 && <p class="meta">The agent gave no details.</p>}
    </div>
  );
}

/** Whitespace aside, which a title has lost. */
function isSame(title: string, input: string): boolean {
  return title === input.replace(/\s+/g, ' ').trim();
}

function contentKey(content: ToolContent, index: number): string {
  return content.kind === 'diff' ? `diff:${content.path}:${index}` : `${content.kind}:${index}`;
}

function Content({ host, session, content }: { host: HostClient; session: string; content: ToolContent }) {
  switch (content.kind) {
    case 'diff':
      return <DiffView path={content.path} before={content.before} after={content.after} />;
    case 'text':
      return content.text.trim() === '' ? null : <Printed text={content.text} />;
    case 'blob':
      return <BlobOutput host={host} session={session} content={content} />;
  }
}

function Printed({ text }: { text: string }) {
  return <Output text={useMemo(() => terminalText(text), [text])} label="Output" />;
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
      <pre tabIndex={0}>
        <VisibleText text={isWhole ? text : folded.text} />
      </pre>
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

function BlobOutput({ host, session, content }: { host: HostClient; session: string; content: BlobContent }) {
  const [state, setState] = useState<BlobState>({ kind: 'head' });
  const load = () => {
    setState({ kind: 'loading' });
    host.blob(session, content.blob).then(
      (text) => setState({ kind: 'whole', text: terminalText(text) }),
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
          <VisibleText text={state.text} />
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
      <pre tabIndex={0}>
        <VisibleText text={foldOutput(terminalText(content.head)).text} />
      </pre>
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
