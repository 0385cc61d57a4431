import type { ComponentChildren } from 'preact';
import { durationWords } from '#lib/duration-words.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { StateShape } from '../controls/icons.tsx';
import type { HostClient } from '../host-client.ts';
import { useScreen } from '../screen-context.ts';
import { shortPath } from '../transcript/output-fold.ts';
import { sessionStateWords } from '../words/session-words.ts';
import { SessionLink } from './session-link.tsx';

export function SessionItem({
  host,
  session,
  isSelected,
  children,
}: {
  host: HostClient;
  session: SessionSummary;
  isSelected: boolean;
  /** More lines of it. */
  children?: ComponentChildren;
}) {
  const { now } = useScreen();
  const { word, tone } = sessionStateWords(session.state);
  const detail = session.state === 'idle' || session.state === 'ended' ? '' : session.detail;
  return (
    <li class="session-item">
      <SessionLink host={host} session={session.id} class="session-link" isCurrent={isSelected}>
        <span class="session-top">
          <span class="session-title">{session.title}</span>
          <span class="session-since">{durationWords(now.value - session.since)}</span>
        </span>
        <span class="session-meta">
          <span class={`state tone-${tone}`}>
            <StateShape state={session.state} />
            {word}
          </span>
          <span class="session-place" title={session.folder}>
            {session.agentName} · {shortPath(session.folder)}
          </span>
          {session.queued > 0 && <span class="queued-count">{session.queued} queued</span>}
        </span>
        {detail !== '' && <span class="session-detail">{detail}</span>}
        {children}
      </SessionLink>
    </li>
  );
}
