import { useState } from 'preact/hooks';
import type { HostConnection } from '#phone/core/contract.ts';
import { folderName } from '#phone/transcript/output-fold.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { useApp } from '../app-context.ts';
import { Icon, StateShape } from '../icons.tsx';
import { StatusPill } from '../status-line.tsx';
import { sessionStateWords } from '../words/session-words.ts';
import { statusWords } from '../words/status-words.ts';
import { SessionMenu } from './session-menu.tsx';

export function SessionHeader({
  host,
  session,
  sessionId,
}: {
  host: HostConnection;
  session: SessionSummary | null;
  sessionId: string;
}) {
  const { router, now } = useApp();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const isProven = statusWords(host.status.value, now.value).isProven;
  const state = session ? sessionStateWords(session.state) : null;
  return (
    <header class="session-head">
      <button type="button" class="icon-button back" aria-label="Back to the list" onClick={() => router.back()}>
        <Icon name="back" />
      </button>
      <div class="session-names">
        <h1 title={session?.title}>{session?.title ?? 'Session'}</h1>
        <p class="meta">
          {session && state ? (
            <>
              <span class={`state tone-${state.tone} ${isProven ? '' : 'unproven'}`}>
                <StateShape state={session.state} />
                {state.word}
              </span>
              <span class="session-place" title={session.folder}>
                {session.agentName} · {folderName(session.folder)}
              </span>
            </>
          ) : (
            'No longer on the computer’s list'
          )}
        </p>
      </div>
      <StatusPill host={host} />
      <button
        type="button"
        class="icon-button"
        aria-label="Session menu"
        aria-haspopup="dialog"
        onClick={() => setIsMenuOpen(true)}
      >
        <Icon name="more" />
      </button>
      {isMenuOpen && (
        <SessionMenu host={host} session={session} sessionId={sessionId} onClose={() => setIsMenuOpen(false)} />
      )}
    </header>
  );
}
