/** One session: its conversation, the questions that wait, and the place to write. */
import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isAllowed } from '#protocol/commands.ts';
import { QuestionList } from '../approvals/question-list.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { Feed } from '../transcript/feed.tsx';
import type { OpenRows } from '../transcript/open-rows.ts';
import { TranscriptFold } from '../transcript/transcript-fold.ts';
import { Composer } from './composer.tsx';
import { DiskTrouble } from './disk-trouble.tsx';
import { useDraft } from './draft.ts';
import { PlanBar } from './plan-bar.tsx';
import type { SessionAdditions } from './session-additions.ts';
import { SessionHeader } from './session-header.tsx';
import { StartingView } from './starting-view.tsx';
import { StateBar } from './state-bar.tsx';

export interface SessionScreenProps {
  host: HostClient;
  sessionId: string;
  additions: SessionAdditions;
}

export function SessionScreen({ host, sessionId, additions }: SessionScreenProps) {
  const screen = useScreen();
  const session = host.state.value?.sessions.find(({ id }) => id === sessionId) ?? null;
  const log = useMemo(() => host.log(sessionId), [host, sessionId]);
  const fold = useMemo(() => new TranscriptFold(), [log]);
  const openRows = useMemo((): OpenRows => new Map(), [log]);
  const transcript = fold.update(log.events.value);
  const draft = useDraft(host, sessionId);
  const [focusComposer, setFocusComposer] = useState(0);

  useEffect(() => {
    screen.loadMarkdown();
    host.watch(sessionId);
    return () => host.watch(null);
  }, [screen, host, sessionId]);

  const edit = (text: string) => {
    draft.value = draft.peek().trim() === '' ? text : `${draft.peek()}\n${text}`;
    setFocusComposer((count) => count + 1);
  };
  const context = useMemo(() => ({ host, session: sessionId, openRows, edit }), [host, sessionId, openRows, draft]);
  const questions = screen
    .approvalsOf(host)
    .items(screen.now)
    .filter(({ approval }) => approval.session === sessionId);
  const isKnown = session !== null || log.events.value.length > 0;
  const box = useFocusWish(additions.wantsFocus, isKnown);

  if (!isKnown) return <StartingView host={host} sessionId={sessionId} additions={additions} />;

  return (
    <div class="session" ref={box}>
      <SessionHeader host={host} session={session} sessionId={sessionId} additions={additions} />
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
            <QuestionList questions={questions.map((item) => ({ host, item }))} />
          </section>
        )}
        <DiskTrouble host={host} />
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

/** Puts the focus where one writes, or on the title where one cannot, as soon as the session is there. */
function useFocusWish(wish: Signal<boolean> | undefined, isKnown: boolean): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  const isWanted = wish?.value === true && isKnown;
  useEffect(() => {
    if (!isWanted || !wish) return;
    wish.value = false;
    const target = box.current?.querySelector<HTMLElement>('.composer textarea') ?? box.current?.querySelector('h1');
    target?.focus();
  }, [isWanted, wish]);
  return box;
}

function emptyWords(state: string | null, agent: string | null): string {
  if (state === 'starting')
    return `${agent ?? 'The agent'} is starting. You can write already; your prompt waits until it is ready.`;
  return 'Nothing has been said yet.';
}
