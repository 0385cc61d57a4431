import { durationWords } from '#lib/duration-words.ts';
import type { HostConnection } from '#phone/core/contract.ts';
import { shortPath } from '#phone/transcript/output-fold.ts';
import type { SessionSummary } from '#protocol/messages.ts';
import { useApp } from '../app-context.ts';
import { StateShape } from '../icons.tsx';
import { formatPath } from '../router.ts';
import { sessionStateWords } from '../words/session-words.ts';

export function SessionItem({
  host,
  session,
  isSelected,
}: {
  host: HostConnection;
  session: SessionSummary;
  isSelected: boolean;
}) {
  const { now } = useApp();
  const { word, tone } = sessionStateWords(session.state);
  const detail = session.state === 'idle' || session.state === 'ended' ? '' : session.detail;
  return (
    <li class="session-item">
      <a
        href={formatPath({ kind: 'session', hostId: host.hostId, sessionId: session.id })}
        class="session-link"
        aria-current={isSelected ? 'page' : undefined}
      >
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
      </a>
    </li>
  );
}
