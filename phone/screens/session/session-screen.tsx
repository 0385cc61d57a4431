/** One session: its conversation, the questions that wait, and the place to write. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { HostConnection } from '#phone/core/contract.ts';
import { TranscriptFold } from '#phone/transcript/transcript-fold.ts';
import { isAllowed } from '#protocol/commands.ts';
import { useApp } from '../app-context.ts';
import { ApprovalCard } from '../approvals/approval-card.tsx';
import { Feed } from '../transcript/feed.tsx';
import type { OpenRows } from '../transcript/open-rows.ts';
import { Composer } from './composer.tsx';
import { useDraft } from './draft.ts';
import { PlanBar } from './plan-bar.tsx';
import { SessionHeader } from './session-header.tsx';
import { StartingView } from './starting-view.tsx';
import { StateBar } from './state-bar.tsx';

export function SessionScreen({ host, sessionId }: { host: HostConnection; sessionId: string }) {
  const app = useApp();
  const session = host.state.value?.sessions.find(({ id }) => id === sessionId) ?? null;
  const log = useMemo(() => host.log(sessionId), [host, sessionId]);
  const fold = useMemo(() => new TranscriptFold(), [log]);
  const openRows = useMemo((): OpenRows => new Map(), [log]);
  const transcript = fold.update(log.events.value);
  const draft = useDraft(host.hostId, sessionId);
  const [focusComposer, setFocusComposer] = useState(0);

  useEffect(() => {
    app.loadMarkdown();
    host.watch(sessionId);
    return () => host.watch(null);
  }, [app, host, sessionId]);

  useEffect(() => {
    document.title = session ? `${session.title} · Baton` : 'Baton';
    return () => {
      document.title = 'Baton';
    };
  }, [session?.title]);

  const edit = (text: string) => {
    draft.value = draft.peek().trim() === '' ? text : `${draft.peek()}\n${text}`;
    setFocusComposer((count) => count + 1);
  };
  const context = useMemo(() => ({ host, session: sessionId, openRows, edit }), [host, sessionId, openRows, draft]);
  const questions = app
    .desk(host)
    .items(app.now)
    .filter(({ approval }) => approval.session === sessionId);

  if (!session && log.events.value.length === 0) return <StartingView host={host} sessionId={sessionId} />;

  return (
    <div class="session">
      <SessionHeader host={host} session={session} sessionId={sessionId} />
      {transcript.plan && <PlanBar entries={transcript.plan.entries} />}
      <Feed
        key={sessionId}
        log={log}
        transcript={transcript}
        context={context}
        empty={emptyWords(session?.state ?? null, session?.agentName ?? null)}
      />
      <div class="session-foot">
        {questions.length > 0 && (
          <section class="questions" aria-label="Waits for your answer">
            {questions.length > 1 && <p class="questions-count">{questions.length} questions</p>}
            {questions.map((item) => (
              <ApprovalCard key={item.approval.approval} host={host} item={item} />
            ))}
          </section>
        )}
        {session && <StateBar host={host} session={session} />}
        <Composer
          key={sessionId}
          host={host}
          sessionId={sessionId}
          state={session?.state ?? null}
          isTurnRunning={transcript.isTurnRunning}
          mayPrompt={isAllowed(host.scope.value, 'prompt')}
          draft={draft}
          focusRequest={focusComposer}
        />
      </div>
    </div>
  );
}

function emptyWords(state: string | null, agent: string | null): string {
  if (state === 'starting')
    return `${agent ?? 'The agent'} is starting. You can write already; your prompt waits until it is ready.`;
  return 'Nothing has been said yet.';
}
