/** The session that is open: the shared screen, and around it what only this computer can do. */
import { SessionScreen } from '#ui/sessions/session-screen.tsx';
import { useApp } from '../app-context.ts';
import { OnPhone } from './on-phone.tsx';
import { MenuFacts } from './session-facts.tsx';
import { SessionRemote } from './session-remote.tsx';

export function SessionPane({ session }: { session: string }) {
  const { host, wantsFocus } = useApp();
  const summary = host.state.value?.sessions.find(({ id }) => id === session);
  return (
    <SessionScreen
      key={session}
      host={host}
      sessionId={session}
      additions={{
        wantsFocus,
        headEnd:
          summary && summary.state !== 'ended' ? <SessionRemote session={session} title={summary.title} /> : null,
        linkAction: (
          <button type="button" class="button" onClick={() => host.retryNow()}>
            Try again
          </button>
        ),
        facts: <MenuFacts session={session} />,
        entries: [
          {
            icon: 'phone',
            name: 'Open on phone',
            title: 'Open on phone',
            page: (back, close) => (
              <OnPhone session={session} title={summary?.title ?? 'Session'} back={back} close={close} />
            ),
          },
        ],
      }}
    />
  );
}
