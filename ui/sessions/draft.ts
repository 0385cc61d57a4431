/** What is being written in a session, kept until it is sent, also when the page is closed meanwhile. */
import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

const PREFIX = 'baton.draft.';

export function useDraft(hostId: string, sessionId: string): Signal<string> {
  const key = `${PREFIX}${hostId}.${sessionId}`;
  const draft = useMemo(() => signal(readDraft(key)), [key]);
  useEffect(() => draft.subscribe((text) => writeDraft(key, text)), [draft, key]);
  return draft;
}

function readDraft(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** A browser that stores nothing loses the draft with the page, and nothing else. */
function writeDraft(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    return;
  }
}
