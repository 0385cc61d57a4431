/** What can be done with a session besides talking to it. */
import { useState } from 'preact/hooks';
import { isAllowed } from '#protocol/commands.ts';
import { TITLE_MAX_CHARS } from '#protocol/limits.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { focusOnce } from '../controls/focus-once.ts';
import { Icon } from '../controls/icons.tsx';
import { Problem } from '../controls/problem.tsx';
import { Sheet } from '../controls/sheet.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { useSend } from '../use-send.ts';
import { momentWords } from '../words/age-words.ts';
import { canResume } from '../words/session-words.ts';
import type { MenuEntry, SessionAdditions } from './session-additions.ts';

interface SessionMenuProps {
  host: HostClient;
  session: SessionSummary | null;
  sessionId: string;
  additions: SessionAdditions;
  onClose: () => void;
}

type Page =
  | { readonly kind: 'menu' | 'rename' | 'mode' | 'end'; readonly title: string }
  | { readonly kind: 'added'; readonly title: string; readonly entry: MenuEntry };

const MENU: Page = { kind: 'menu', title: 'Session' };
const RENAME: Page = { kind: 'rename', title: 'Rename' };
const MODE: Page = { kind: 'mode', title: 'Mode' };
const END: Page = { kind: 'end', title: 'End this session?' };

export function SessionMenu({ host, session, sessionId, additions, onClose }: SessionMenuProps) {
  const { minute } = useScreen();
  const [page, setPage] = useState<Page>(MENU);
  const mayManage = isAllowed(host.scope.value, 'session.end');
  const currentMode = session?.modes.find(({ id }) => id === session.mode);
  return (
    <Sheet title={page.title} onClose={onClose}>
      {(close) => {
        const onBack = () => setPage(MENU);
        if (page.kind === 'added') return page.entry.page(onBack, close);
        if (page.kind === 'rename')
          return <Rename host={host} session={session} sessionId={sessionId} onDone={close} onBack={onBack} />;
        if (page.kind === 'mode' && session)
          return <Modes host={host} session={session} onDone={close} onBack={onBack} />;
        if (page.kind === 'end') return <End host={host} sessionId={sessionId} onDone={close} onBack={onBack} />;
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
                {additions.facts}
              </dl>
            )}
            {mayManage && session ? (
              <div class="menu">
                {additions.entries?.map((entry) => (
                  <button
                    key={entry.name}
                    type="button"
                    onClick={() => setPage({ kind: 'added', title: entry.title, entry })}
                  >
                    <Icon name={entry.icon} /> {entry.name}
                  </button>
                ))}
                <button type="button" onClick={() => setPage(RENAME)}>
                  <Icon name="pencil" /> Rename
                </button>
                {session.modes.length > 0 && session.state !== 'ended' && (
                  <button type="button" onClick={() => setPage(MODE)}>
                    <Icon name="sliders" /> Mode
                    <span class="menu-value">{currentMode?.name ?? session.mode ?? ''}</span>
                  </button>
                )}
                {canResume(session) && <Resume host={host} session={session} onDone={close} />}
                {session.state !== 'ended' && (
                  <button type="button" class="danger" onClick={() => setPage(END)}>
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

interface PageProps {
  host: HostClient;
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
          ref={focusOnce}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <Problem text={problem} />
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
            ref={mode.id === session.mode ? focusOnce : null}
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
      <Problem text={problem} />
      <div class="actions">
        <button type="button" class="button" onClick={onBack}>
          Back
        </button>
      </div>
    </>
  );
}

function Resume({ host, session, onDone }: { host: HostClient; session: SessionSummary; onDone: () => void }) {
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
      <Problem text={problem} />
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
      <Problem text={problem} />
      <div class="actions spread">
        <button type="button" class="button" ref={focusOnce} onClick={onBack}>
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
