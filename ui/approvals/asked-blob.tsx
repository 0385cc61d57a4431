/** A part of a question that is too large to come with it: loaded, checked against its hash, and drawn whole. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { utf8 } from '#protocol/bytes.ts';
import type { ToolContent } from '#protocol/events.ts';
import { PathText } from '../controls/path-text.tsx';
import { Problem } from '../controls/problem.tsx';
import { VisibleText } from '../controls/visible-text.tsx';
import type { HostClient } from '../host-client.ts';
import { sizeWords } from '../transcript/output-fold.ts';
import type { PathWords } from '../words/path-words.ts';
import { AskedText } from './asked-text.tsx';

/** A part up to this size is loaded without being asked for. */
export const LOADED_AT_ONCE_MAX_BYTES = 256 * 1024;

export interface AskedBlobProps {
  host: HostClient;
  session: string;
  blob: Extract<ToolContent, { kind: 'blob' }>;
  label: string;
  /** Of the file that it changes; null if it is about none. */
  place: PathWords | null;
  /** Null until it has been loaded. */
  text: string | null;
  onLoaded(text: string): void;
}

export function AskedBlob({ host, session, blob, label, place, text, onLoaded }: AskedBlobProps) {
  const [isLoading, setIsLoading] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const deliver = useRef(onLoaded);
  deliver.current = onLoaded;
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);

  const load = () => {
    setIsLoading(true);
    setProblem(null);
    host
      .blob(session, blob.blob)
      .then(async (loaded) => {
        if ((await sha256Hex(loaded)) !== blob.sha256)
          throw new Error('What came is not what is asked. Load it again.');
        if (!isGone.current) deliver.current(loaded);
      })
      .catch((error: unknown) => {
        if (!isGone.current) setProblem(error instanceof Error ? error.message : String(error));
      })
      .finally(() => !isGone.current && setIsLoading(false));
  };
  const isConnected = host.status.value.kind === 'connected';
  useEffect(() => {
    if (text === null && isConnected && blob.bytes <= LOADED_AT_ONCE_MAX_BYTES) load();
  }, [blob.sha256, isConnected]);

  const where = place && blob.path !== undefined && <PathText path={blob.path} place={place} />;
  if (text !== null) return <AskedText text={text} label={`${label} · ${sizeWords(blob.bytes)}`} where={where} />;
  return (
    <div class="output wrap">
      <div class="code-bar">
        <span>
          {where} {label} · only the beginning of {sizeWords(blob.bytes)}
        </span>
      </div>
      <pre>
        <VisibleText text={blob.head} />
      </pre>
      <Problem text={problem} />
      <button type="button" class="show-all" disabled={isLoading} onClick={load}>
        {isLoading ? 'Loading …' : `Load all of it (${sizeWords(blob.bytes)})`}
      </button>
    </div>
  );
}

async function sha256Hex(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
