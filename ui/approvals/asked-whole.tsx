/** Everything that an agent's question is about, drawn whole: folded and shortened it would not be what is allowed. */
import type { ToolCall, ToolContent } from '#protocol/events.ts';
import { PathText } from '../controls/path-text.tsx';
import type { HostClient } from '../host-client.ts';
import { DiffView } from '../transcript/diff-view.tsx';
import { pathWords } from '../words/path-words.ts';
import { AskedBlob } from './asked-blob.tsx';
import { AskedText } from './asked-text.tsx';

type Blob = Extract<ToolContent, { kind: 'blob' }>;

export interface AskedWholeProps {
  host: HostClient;
  session: string;
  call: ToolCall;
  /** Stands above it already. */
  title: string;
  /** The session's; null if it is not known. */
  folder: string | null;
  loaded: LoadedParts;
  onLoaded(sha256: string, text: string): void;
}

/** Texts by their hashes. */
export type LoadedParts = ReadonlyMap<string, string>;

/** Whether all of a call can be drawn. */
export function isAllLoaded(call: ToolCall | null, loaded: LoadedParts): boolean {
  return call === null || call.content.every((piece) => piece.kind !== 'blob' || loaded.has(piece.sha256));
}

export function AskedWhole({ host, session, call, title, folder, loaded, onLoaded }: AskedWholeProps) {
  const place = (path: string) => pathWords(path, folder);
  const blobOf = (of: Blob['of']) =>
    call.content.find((piece): piece is Blob => piece.kind === 'blob' && piece.of === of);
  const blob = (piece: Blob, label: string) => (
    <AskedBlob
      key={`${piece.of}:${piece.path}:${piece.sha256}`}
      {...{ host, session, label }}
      blob={piece}
      text={loaded.get(piece.sha256) ?? null}
      place={piece.path === undefined ? null : place(piece.path)}
      onLoaded={(text) => onLoaded(piece.sha256, text)}
    />
  );
  const part = (of: 'input' | 'arguments', text: string | undefined, label: string) => {
    const whole = blobOf(of);
    if (whole) return blob(whole, label);
    return text === undefined || text === title ? null : <AskedText text={text} label={label} />;
  };
  const allPaths = blobOf('paths');
  const drawnBefore = new Set(call.content.flatMap((piece) => (piece.kind === 'diff' ? [piece.path] : [])));
  const all = allPaths ? (loaded.get(allPaths.sha256)?.split('\n') ?? []) : call.paths;
  const paths = all.filter((path) => !drawnBefore.has(path));
  const isEmpty =
    call.input === undefined && call.arguments === undefined && call.content.length === 0 && paths.length === 0;
  return (
    <div class="tool-contents asked-whole">
      {part('input', call.input, call.kind === 'execute' ? 'Command' : 'Input')}
      {part('arguments', call.arguments, 'Also given to it')}
      {call.content.map((piece, index) => {
        if (piece.kind === 'blob') return piece.of === undefined ? blob(piece, 'Content') : null;
        if (piece.kind === 'text') return <AskedText key={index} text={piece.text} label="Content" />;
        const { path, before, after } = piece;
        return <DiffView key={`${path}:${index}`} {...{ path, before, after }} isWhole place={place(path)} />;
      })}
      {allPaths && !loaded.has(allPaths.sha256) && blob(allPaths, 'Files')}
      {paths.length > 0 && (
        <ul class="paths" aria-label="Files">
          {paths.map((path) => (
            <li key={path} class="code">
              <PathText path={path} place={place(path)} />
            </li>
          ))}
        </ul>
      )}
      {isEmpty && <p class="meta">The agent gave no details.</p>}
    </div>
  );
}
