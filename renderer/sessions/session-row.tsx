import { durationWords } from '#lib/duration-words.ts';
import { Icon, StateShape } from '#phone/screens/icons.tsx';
import { sessionStateWords } from '#phone/screens/words/session-words.ts';
import { shortPath } from '#phone/transcript/output-fold.ts';
import type { SessionView } from '#preload/contract.ts';
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { Switch } from '../controls/switch.tsx';
import { useCall } from '../use-call.ts';
import { namesWords } from '../words/session-lists.ts';
import { usageWords } from '../words/usage-words.ts';

export function SessionRow({
  session,
  isMarked,
  onOpen,
}: {
  session: SessionView;
  isMarked: boolean;
  onOpen: () => void;
}) {
  const { slices, now } = useApp();
  const remote = useCall();
  const { word, tone } = sessionStateWords(session.state);
  const usage = usageWords(slices.usage.value[session.id]);
  const isAllOn = slices.sessions.value.isRemoteControlEnabled;
  const detail = session.state === 'idle' || session.state === 'ended' ? '' : session.detail;
  return (
    <li class={`row ${isMarked ? 'marked' : ''}`} id={`session-${session.id}`}>
      <button type="button" class="row-main" onClick={onOpen} aria-label={`${session.title}: ${word}. Details`}>
        <span class="row-top">
          <span class="row-title" title={session.title}>
            {session.title}
          </span>
          <span class="row-age" title={`In this state since ${new Date(session.since).toLocaleString()}`}>
            {durationWords(now.value - session.since)}
          </span>
        </span>
        <span class="row-meta">
          <span class={`state tone-${tone}`}>
            <StateShape state={session.state} />
            {word}
          </span>
          <span class="row-place" title={session.folder}>
            {session.agentName} · {shortPath(session.folder)}
          </span>
          {session.queued > 0 && <span class="queued-count">{session.queued} queued</span>}
        </span>
        {detail !== '' && <span class="row-detail">{detail}</span>}
        {(usage !== null || session.watchedBy.length > 0) && (
          <span class="row-meta">
            {usage !== null && <span class="numbers">{usage}</span>}
            {session.watchedBy.length > 0 && (
              <span class="watched" title={session.watchedBy.join(', ')}>
                <Icon name="phone" size={14} />
                on view on {namesWords(session.watchedBy)}
              </span>
            )}
          </span>
        )}
      </button>
      {session.state !== 'ended' && (
        <div class="row-remote">
          <span class="meta" aria-hidden="true">
            Remote
          </span>
          <Switch
            label={`Remote control of ${session.title}${isAllOn ? '' : ', without effect while it is off for all'}`}
            isOn={session.isRemote}
            isMuted={!isAllOn}
            isBusy={remote.isBusy}
            onChange={(isRemote) => void remote.run('session.set-remote', { session: session.id, isRemote })}
          />
        </div>
      )}
      <div class="row-problem">
        <CallWords caller={remote} />
      </div>
    </li>
  );
}
