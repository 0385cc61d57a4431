/** What can be done with a session besides talking to it. */
import { useState } from 'preact/hooks';
import type { HostConnection } from '#phone/core/contract.ts';
import { isAllowed } from '#protocol/commands.ts';
import { TITLE_MAX_CHARS } from '#protocol/limits.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../icons.tsx';
import { Sheet } from '../sheet.tsx';
import { useSend } from '../use-send.ts';
import { momentWords } from '../words/age-words.ts';

interface SessionMenuProps {
  host: HostConnection;
  session: SessionSummary | null;
  sessionId: string;
  onClose: () => void;
}

type Page = 'menu' | 'rename' | 'mode' | 'end';
const TITLES: Record<Page, string> = { menu: 'Session', rename: 'Rename', mode: 'Mode', end: 'End this session?' };

export function SessionMenu({ host, session, sessionId, onClose }: SessionMenuProps) {
  const { minute } = useApp();
  const [page, setPage] = useState<Page>('menu');
  const mayManage = isAllowed(host.scope.value, 'session.end');
  const currentMode = session?.modes.find(({ id }) => id === session.mode);
  return (
    <Sheet title={TITLES[page]} onClose={onClose}>
      {(close) => {
        if (page === 'rename')
          return (
            <Rename host={host} session={session} sessionId={sessionId} onDone={close} onBack={() => setPage('menu')} />
          );
        if (page === 'mode' && session)
          return <Modes host={host} session={session} onDone={close} onBack={() => setPage('menu')} />;
        if (page === 'end')
          return <End host={host} sessionId={sessionId} onDone={close} onBack={() => setPage('menu')} />;
        return (
          <>
            {session && (
              <dl class="facts">
                <dt>Title</dt>
                <dd>{session.title}</dd>
                <dt>Agent</dt>
                <dd>{session.agentName}</dd>
                <dt>Folder</dt>
                <dd class="code">{session.folder}</dd>
                <dt>Computer</dt>
                <dd>{host.name.value}</dd>
                <dt>Started</dt>
                <dd>{momentWords(session.createdAt, minute.value)}</dd>
              </dl>
            )}
            {mayManage && session ? (
              <div class="menu">
                <button type="button" onClick={() => setPage('rename')}>
                  <Icon name="pencil" /> Rename
                </button>
                {session.modes.length > 0 && session.state !== 'ended' && (
                  <button type="button" onClick={() => setPage('mode')}>
                    <Icon name="sliders" /> Mode
                    <span class="menu-value">{currentMode?.name ?? session.mode ?? ''}</span>
                  </button>
                )}
                {canResume(session) && <Resume host={host} session={session} onDone={close} />}
                {session.state !== 'ended' && (
                  <button type="button" class="danger" onClick={() => setPage('end')}>
                    <Icon name="stop" /> End session …
                  </button>
                )}
              </div>
            ) : (
              <p class="sheet-words">This device may not change sessions.</p>
            )}
          </>
        );
      }}
    </Sheet>
  );
}

export function canResume(session: SessionSummary): boolean {
  return session.state === 'interrupted' || session.state === 'failed';
}

interface PageProps {
  host: HostConnection;
  onDone: () => void;
  onBack: () => void;
}

function Rename({
  host,
  session,
  sessionId,
  onDone,
  onBack,
}: PageProps & { session: SessionSummary | null; sessionId: string }) {
  const [title, setTitle] = useState(session?.title ?? '');
  const { send, isSending, problem } = useSend(host);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(host.send('session.rename', sessionId, { title: title.trim() }), onDone);
      }}
    >
      <label class="field">
        <span>Title</span>
        <input
          type="text"
          value={title}
          maxLength={TITLE_MAX_CHARS}
          autocomplete="off"
          enterkeyhint="done"
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      {problem !== null && <p class="problem">{problem}</p>}
      <div class="actions spread">
        <button type="button" class="button" onClick={onBack}>
          Back
        </button>
        <button type="submit" class="button primary" disabled={isSending || title.trim() === ''}>
          Rename
        </button>
      </div>
    </form>
  );
}

function Modes({ host, session, onDone, onBack }: PageProps & { session: SessionSummary }) {
  const { send, isSending, problem } = useSend(host);
  return (
    <>
      <fieldset class="choices" aria-label="Modes">
        {session.modes.map((mode) => (
          <button
            key={mode.id}
            type="button"
            class="choice"
            aria-pressed={mode.id === session.mode}
            disabled={isSending}
            onClick={() =>
              mode.id === session.mode ? onDone() : send(host.send('mode.set', session.id, { mode: mode.id }), onDone)
            }
          >
            <span class="choice-name">{mode.name}</span>
            {mode.description !== undefined && <span class="choice-detail">{mode.description}</span>}
          </button>
        ))}
      </fieldset>
      {problem !== null && <p class="problem">{problem}</p>}
      <div class="actions">
        <button type="button" class="button" onClick={onBack}>
          Back
        </button>
      </div>
    </>
  );
}

function Resume({ host, session, onDone }: { host: HostConnection; session: SessionSummary; onDone: () => void }) {
  const { send, isSending, problem } = useSend(host);
  return (
    <>
      <button
        type="button"
        disabled={isSending}
        onClick={() => send(host.send('session.resume', session.id, {}), onDone)}
      >
        <Icon name="play" /> Resume
      </button>
      {problem !== null && <p class="problem">{problem}</p>}
    </>
  );
}

function End({ host, sessionId, onDone, onBack }: PageProps & { sessionId: string }) {
  const { send, isSending, problem } = useSend(host);
  return (
    <>
      <p class="sheet-words">
        The agent is stopped, and prompts that still wait are taken back. The conversation stays readable. Files are not
        touched.
      </p>
      {problem !== null && <p class="problem">{problem}</p>}
      <div class="actions spread">
        <button type="button" class="button" onClick={onBack}>
          Keep it
        </button>
        <button
          type="button"
          class="button danger-fill"
          disabled={isSending}
          onClick={() => send(host.send('session.end', sessionId, {}), onDone)}
        >
          End session
        </button>
      </div>
    </>
  );
}
