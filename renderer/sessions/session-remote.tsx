/** A session's own switch for remote control; it counts while the one for all is on. */
import { useApp } from '../app-context.ts';
import { CallWords } from '../controls/problem.tsx';
import { Switch } from '../controls/switch.tsx';
import { useCall } from '../use-call.ts';
import { useLocalFacts } from './session-facts.tsx';

export function SessionRemote({ session, title }: { session: string; title: string }) {
  const { slices } = useApp();
  const remote = useCall();
  const { view } = useLocalFacts(session);
  const isAllOn = slices.sessions.value.isRemoteControlEnabled;
  if (!view) return null;
  return (
    <div class="session-remote">
      <span class="meta" aria-hidden="true">
        Remote
      </span>
      <Switch
        label={`Remote control of ${title}${isAllOn ? '' : ', without effect while it is off for all'}`}
        isOn={view.isRemote}
        isMuted={!isAllOn}
        isBusy={remote.isBusy}
        onChange={(isRemote) => remote.run('session.set-remote', { session, isRemote })}
      />
      {remote.problem !== null && (
        <div class="session-remote-problem">
          <CallWords caller={remote} />
        </div>
      )}
    </div>
  );
}
