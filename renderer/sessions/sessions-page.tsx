/** The list of sessions and the open one: side by side where there is room, one at a time where there is not. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { NeedsYou } from '#ui/approvals/needs-you.tsx';
import { Icon, Logo } from '#ui/controls/icons.tsx';
import { type FolderChoice, NewSessionSheet } from '#ui/sessions/new-session-sheet.tsx';
import { SessionList } from '#ui/sessions/session-list.tsx';
import { useApp } from '../app-context.ts';
import { FirstGuides } from '../guides/guides.tsx';
import { useMedia } from '../use-media.ts';
import { ItemFacts } from './session-facts.tsx';
import { SessionPane } from './session-pane.tsx';

/** From here on both panes have room; as in panes.css. */
const WIDE = '(min-width: 900px)';

export function SessionsPage() {
  const { host, session, call } = useApp();
  const [newWith, setNewWith] = useState<{ agent: string | null } | null>(null);
  const list = useRef<HTMLElement>(null);
  const pane = useRef<HTMLElement>(null);
  const selected = session.value;
  const sessions = host.state.value?.sessions ?? [];
  const agents = host.state.value?.agents ?? [];
  const hasAgent = agents.some(({ isInstalled }) => isInstalled);
  const isFirst = sessions.length === 0 && selected === null && host.outbox.value.length === 0;
  useWayBack(list, pane);
  const chooseFolder = async (): Promise<FolderChoice> => {
    const result = await call('folder.choose', null);
    if (!result.ok) return { kind: 'failed', text: result.error };
    return result.value.folder === null ? { kind: 'left' } : { kind: 'chosen', folder: result.value.folder };
  };
  const guides = <FirstGuides onTry={(agent) => setNewWith({ agent })} />;
  return (
    <div class="panes" data-view={selected === null ? 'home' : 'session'} data-alone={isFirst}>
      <section class="pane list-pane" ref={list} aria-label="List">
        <div class="list-body">
          <header class="page-head">
            <h1>Sessions</h1>
            <button type="button" class="button primary" onClick={() => setNewWith({ agent: null })}>
              <Icon name="plus" size={18} />
              New session
            </button>
          </header>
          <NeedsYou hosts={[host]} selected={selected} />
          {sessions.length === 0 && guides}
          <SessionList
            host={host}
            sessions={sessions}
            selected={selected}
            renderMore={({ id }) => <ItemFacts session={id} />}
            empty={
              <div class="nothing">
                <p>
                  {sessions.length === 0
                    ? 'No session yet. A session is one conversation with an agent in a folder of yours.'
                    : 'No session is open.'}
                </p>
                {hasAgent ? (
                  <button type="button" class="button" onClick={() => setNewWith({ agent: null })}>
                    Start a session
                  </button>
                ) : (
                  <p class="meta">
                    {agents.length === 0 ? 'Still looking for agents …' : 'An agent has to be installed first.'}
                  </p>
                )}
              </div>
            }
          />
          {sessions.length > 0 && guides}
        </div>
      </section>
      {!isFirst && (
        <section class="pane session-pane" ref={pane} aria-label="Session">
          {selected === null ? (
            <div class="centered">
              <Logo size={56} />
              <p class="meta">Choose a session.</p>
            </div>
          ) : (
            <SessionPane session={selected} />
          )}
        </section>
      )}
      {newWith && (
        <NewSessionSheet
          host={host}
          agent={newWith.agent}
          chooseFolder={chooseFolder}
          onClose={() => setNewWith(null)}
        />
      )}
    </div>
  );
}

type Pane = { readonly current: HTMLElement | null };

/** Escape leads from the session back to its item in the list, and so does leaving it where there is room for one only. */
function useWayBack(list: Pane, pane: Pane): void {
  const { session, back } = useApp();
  const isWide = useMedia(WIDE);
  const selected = session.value;
  const before = useRef(selected);
  const focusItem = (id: string) => {
    const links = list.current?.querySelectorAll<HTMLElement>('.session-link') ?? [];
    [...links].find((link) => link.getAttribute('href') === `#${id}`)?.focus();
  };
  useLayoutEffect(() => {
    if (selected === null && before.current !== null) focusItem(before.current);
    before.current = selected;
  }, [selected]);
  useEffect(() => {
    if (selected === null) return;
    const handle = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || document.querySelector('dialog[open]')) return;
      if (isWide && !pane.current?.contains(document.activeElement)) return;
      // The frame, which puts a popover away, is not to hear it.
      event.stopImmediatePropagation();
      if (isWide) focusItem(selected);
      else back();
    };
    window.addEventListener('keydown', handle, { capture: true });
    return () => window.removeEventListener('keydown', handle, { capture: true });
  }, [selected, isWide, back]);
}
