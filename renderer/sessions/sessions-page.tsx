import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '#phone/screens/icons.tsx';
import { useApp } from '../app-context.ts';
import { FirstGuides } from '../guides/guides.tsx';
import { listQuestions, splitSessions } from '../words/session-lists.ts';
import { ApprovalCard } from './approval-card.tsx';
import { NewSessionSheet } from './new-session-sheet.tsx';
import { SessionRow } from './session-row.tsx';
import { SessionSheet } from './session-sheet.tsx';
import { SettledCard } from './settled-card.tsx';

/** How long a session that was asked for stays marked. */
const MARKED_MS = 2400;

export function SessionsPage() {
  const { slices, wanted, now } = useApp();
  const { list, approvals, settled, agents } = slices.sessions.value;
  const [newWith, setNewWith] = useState<{ agent: string | null } | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const { open, ended } = splitSessions(list);
  const hasAgent = agents.some(({ isInstalled }) => isInstalled);
  const marked = useMarked();
  const shown = list.find(({ id }) => id === opened);
  const asked = listQuestions(approvals, settled, now.value);
  const isWantedEnded = ended.some(({ id }) => id === wanted.value?.session);
  return (
    <>
      <header class="page-head">
        <h1>Sessions</h1>
        <button type="button" class="button primary" onClick={() => setNewWith({ agent: null })}>
          <Icon name="plus" size={18} />
          New session
        </button>
      </header>
      <FirstGuides onTry={(agent) => setNewWith({ agent })} />
      {asked.length > 0 && (
        <section class="needs-you" aria-labelledby="needs-you">
          <h2 class="section-title" id="needs-you">
            {approvals.length > 0 ? 'Needs you' : 'Answered'}{' '}
            {approvals.length > 0 && <span class="count">{approvals.length}</span>}
          </h2>
          {asked.map((question) => {
            const key = `${question.session}:${question.approval}`;
            const session = list.find(({ id }) => id === question.session);
            return 'until' in question ? (
              <SettledCard key={key} settled={question} session={session} />
            ) : (
              <ApprovalCard key={key} approval={question} session={session} onOpen={setOpened} />
            );
          })}
        </section>
      )}
      {open.length > 0 && (
        <ul class="rows" aria-label="Open sessions">
          {open.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              isMarked={marked === session.id}
              onOpen={() => setOpened(session.id)}
            />
          ))}
        </ul>
      )}
      {open.length === 0 && (
        <div class="nothing">
          <p>
            {ended.length === 0
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
      )}
      {ended.length > 0 && (
        <details class="ended" open={isWantedEnded || undefined}>
          <summary>
            <Icon name="chevron" size={16} />
            Ended <span class="count">{ended.length}</span>
          </summary>
          <ul class="rows" aria-label="Ended sessions">
            {ended.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isMarked={marked === session.id}
                onOpen={() => setOpened(session.id)}
              />
            ))}
          </ul>
        </details>
      )}
      {newWith && <NewSessionSheet agent={newWith.agent} onClose={() => setNewWith(null)} />}
      {shown && <SessionSheet key={shown.id} session={shown} onClose={() => setOpened(null)} />}
    </>
  );
}

/** Brings the session that main asked for into view and marks it for a moment. */
function useMarked(): string | null {
  const { wanted } = useApp();
  const [marked, setMarked] = useState<string | null>(null);
  const done = useRef(0);
  const wish = wanted.value;
  useEffect(() => {
    if (!wish || wish.at === done.current) return;
    done.current = wish.at;
    setMarked(wish.session);
    const row = document.getElementById(`session-${wish.session}`);
    row?.scrollIntoView({ block: 'center' });
    row?.querySelector('button')?.focus({ preventScroll: true });
    const timer = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(timer);
  }, [wish]);
  return marked;
}
