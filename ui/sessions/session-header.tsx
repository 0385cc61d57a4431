import { useState } from 'preact/hooks';
import type { SessionSummary } from '#protocol/messages.ts';
import { Icon, StateShape } from '../controls/icons.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { folderName } from '../transcript/output-fold.ts';
import { sessionStateWords } from '../words/session-words.ts';
import { statusWords } from '../words/status-words.ts';
import type { SessionAdditions } from './session-additions.ts';
import { SessionMenu } from './session-menu.tsx';

export function SessionHeader({
  host,
  session,
  sessionId,
  additions,
}: {
  host: HostClient;
  session: SessionSummary | null;
  sessionId: string;
  additions: SessionAdditions;
}) {
  const { back, now } = useScreen();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const isProven = statusWords(host.status.value, now.value).isProven;
  const state = session ? sessionStateWords(session.state) : null;
  return (
    <header class="session-head">
      <button type="button" class="icon-button back" aria-label="Back to the list" onClick={back}>
        <Icon name="back" />
      </button>
      <div class="session-names">
        <h1 title={session?.title} tabIndex={-1}>
          {session?.title ?? 'Session'}
        </h1>
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
      {additions.headEnd}
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
        <SessionMenu
          host={host}
          session={session}
          sessionId={sessionId}
          additions={additions}
          onClose={() => setIsMenuOpen(false)}
        />
      )}
    </header>
  );
}
