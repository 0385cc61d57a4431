/** The whole page: a list and a session, side by side where there is room, one at a time where there is not. */
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { Logo } from '#ui/controls/icons.tsx';
import type { HostClient } from '#ui/host-client.ts';
import { ScreenProvider } from '#ui/screen-context.ts';
import { SessionScreen } from '#ui/sessions/session-screen.tsx';
import { statusWords } from '#ui/words/status-words.ts';
import { type AppContext, AppProvider, useApp } from './app-context.ts';
import { HomeScreen } from './home/home-screen.tsx';
import { PairingScreen } from './pairing/pairing-screen.tsx';
import { WelcomeScreen } from './pairing/welcome-screen.tsx';
import { parsePath, type Route } from './router.ts';
import { StatusActionButton, StatusPill } from './status-line.tsx';

export function App({ context }: { context: AppContext }) {
  return (
    <AppProvider value={context}>
      <ScreenProvider value={context}>
        <Page />
      </ScreenProvider>
    </AppProvider>
  );
}

function Page() {
  const { baton, router, pairing, announcement } = useApp();
  const route = router.route.value;
  const current = pairing.value;
  useInternalLinks();
  useStatusAnnouncements();
  const isAlone = route.kind === 'pairing' || baton.hosts.value.length === 0;
  return (
    <>
      <UpdateBar />
      {isAlone ? (
        <main class="alone">
          {current && route.kind === 'pairing' ? <PairingScreen pairing={current} /> : <WelcomeScreen />}
        </main>
      ) : (
        <Panes route={route} />
      )}
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}

function Panes({ route }: { route: Route }) {
  const { baton } = useApp();
  const host = route.kind === 'session' ? baton.hosts.value.find(({ hostId }) => hostId === route.hostId) : undefined;
  const isSession = route.kind === 'session';
  useTitle(host, isSession ? route.sessionId : null);
  return (
    <main class="panes" data-view={isSession ? 'session' : 'home'}>
      <section class="pane list-pane" aria-label="Computers and sessions">
        <HomeScreen selected={isSession ? route.sessionId : null} />
      </section>
      <section class="pane session-pane" aria-label="Session">
        {route.kind === 'session' && host ? (
          <SessionScreen
            key={`${route.hostId}/${route.sessionId}`}
            host={host}
            sessionId={route.sessionId}
            additions={{ headEnd: <StatusPill host={host} />, linkAction: <StatusActionButton host={host} /> }}
          />
        ) : (
          <div class="centered">
            <Logo size={56} />
            <p class="meta">{isSession ? 'This computer is not paired with this device.' : 'Choose a session.'}</p>
            {isSession && <a href="/">Back to the list</a>}
          </div>
        )}
      </section>
    </main>
  );
}

function useTitle(host: HostClient | undefined, session: string | null): void {
  const title = host?.state.value?.sessions.find(({ id }) => id === session)?.title;
  useEffect(() => {
    document.title = title === undefined ? 'Baton' : `${title} · Baton`;
  }, [title]);
}

function UpdateBar() {
  const update = useApp().baton.update.value;
  if (!update) return null;
  return (
    <div class="update-bar" role="status">
      <p>A new version of this page is ready</p>
      <button type="button" class="button" onClick={() => update.apply()}>
        Reload
      </button>
    </div>
  );
}

/** Links within the page change the address without loading it again. */
function useInternalLinks(): void {
  const { router } = useApp();
  // With the drawing itself: a link that is tapped before the next frame would load the page again.
  useLayoutEffect(() => {
    const follow = (event: MouseEvent) => {
      if (
        event.defaultPrevented ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey ||
        event.altKey
      )
        return;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link?.target !== '' || link.origin !== location.origin) return;
      event.preventDefault();
      router.navigate(parsePath(link.pathname));
    };
    document.addEventListener('click', follow);
    return () => document.removeEventListener('click', follow);
  }, [router]);
}

/** Says when a computer's link changes its status: not its age, which changes all the time. */
function useStatusAnnouncements(): void {
  const { baton, announce, now } = useApp();
  const hosts = baton.hosts.value;
  useEffect(() => {
    const stops = hosts.map((host) => {
      let before = host.status.peek().kind;
      return host.status.subscribe((status) => {
        if (status.kind === before) return;
        before = status.kind;
        if (status.kind !== 'connecting') announce(`${host.name.peek()}: ${statusWords(status, now.peek()).name}`);
      });
    });
    return () => {
      for (const stop of stops) stop();
    };
  }, [hosts, announce, now]);
}
