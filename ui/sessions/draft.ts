/** What is being written in a session, kept until it is sent, also when the page is closed meanwhile. */
import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { CommandBody } from '#protocol/commands.ts';
import type { HostClient } from '../host-client.ts';

const PREFIX = 'baton.draft.';
/** Beside a draft: it has been sent, but this page has not heard yet that it was stored. */
const SENDING = '.sending';
/** The computer's clock may differ by so much from this one's. */
const CLOCKS_DIFFER_MS = 120_000;

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
      ) ||
      log.some(
        ({ kind, body, at }) => kind === 'prompt' && body.text === sending.text && at >= sending.at - CLOCKS_DIFFER_MS,
      );
    // The page was loaded again in between: the prompt is on its way, and must not seem to be still to be sent.
    if (isStored && draft.peek() === sending.text) draft.value = '';
    if (isStored || draft.peek() !== sending.text) write(`${key}${SENDING}`, '');
  }, [key, draft, entries, log]);
  return draft;
}

/** To be called before a draft is sent. */
export function noteSending(host: HostClient, sessionId: string, text: string): void {
  write(`${keyOf(host, sessionId)}${SENDING}`, JSON.stringify({ text, at: Date.now() }));
}

function keyOf({ hostId }: HostClient, sessionId: string): string {
  return `${PREFIX}${hostId}.${sessionId}`;
}

function readSending(key: string): { text: string; at: number } | null {
  try {
    const { text, at } = JSON.parse(read(`${key}${SENDING}`)) as { text?: unknown; at?: unknown };
    return typeof text === 'string' && typeof at === 'number' ? { text, at } : null;
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
