/** What is being written in a session, kept until it is sent, also when the page is closed meanwhile. */
import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { CommandBody } from '#protocol/commands.ts';
import type { HostClient } from '../host-client.ts';

const PREFIX = 'baton.draft.';
/** Beside a draft: it has been sent, but this page has not heard yet that it was stored. */
const SENDING = '.sending';

export function useDraft(host: HostClient, sessionId: string): Signal<string> {
  const key = keyOf(host, sessionId);
  const draft = useMemo(() => signal(read(key)), [key]);
  useEffect(() => draft.subscribe((text) => write(key, text)), [draft, key]);
  const { outbox } = host;
  const { events } = host.log(sessionId);
  const [entries, log] = [outbox.value, events.value];
  useEffect(() => {
    const sending = readSending(key);
    if (sending === null) return;
    const isStored =
      entries.some(
        ({ kind, session, body, at }) =>
          kind === 'prompt' &&
          session === sessionId &&
          (body as CommandBody<'prompt'>).text === sending.text &&
          at >= sending.at,
      ) || log.some(({ kind, body, seq }) => kind === 'prompt' && body.text === sending.text && seq > sending.seq);
    // The page was loaded again in between: the prompt is on its way, and must not seem to be still to be sent.
    if (isStored && draft.peek() === sending.text) draft.value = '';
    if (isStored || draft.peek() !== sending.text) write(`${key}${SENDING}`, '');
  }, [key, draft, entries, log]);
  return draft;
}

/** To be called before a draft is sent. */
export function noteSending(host: HostClient, sessionId: string, text: string): void {
  const seq = host.log(sessionId).events.peek().at(-1)?.seq ?? 0;
  write(`${keyOf(host, sessionId)}${SENDING}`, JSON.stringify({ text, at: Date.now(), seq }));
}

function keyOf({ hostId }: HostClient, sessionId: string): string {
  return `${PREFIX}${hostId}.${sessionId}`;
}

/** What was sent, when by this clock, and behind which event of the session. */
interface Sending {
  readonly text: string;
  readonly at: number;
  readonly seq: number;
}

function readSending(key: string): Sending | null {
  try {
    return JSON.parse(read(`${key}${SENDING}`)) as Sending;
  } catch {
    return null;
  }
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** A browser that stores nothing loses the draft with the page, and nothing else. */
function write(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    return;
  }
}
