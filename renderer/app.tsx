import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Logo } from '#ui/controls/icons.tsx';
import { ScreenProvider } from '#ui/screen-context.ts';
import { ActivityPage } from './activity/activity-page.tsx';
import { type AppContext, AppProvider, useApp } from './app-context.ts';
import { DevicesPage } from './devices/devices-page.tsx';
import { Navigation } from './frame/navigation.tsx';
import { NewsReader, Notices } from './frame/notices.tsx';
import { RefusalScreen } from './frame/refusal-screen.tsx';
import { StatusBar } from './frame/status-bar.tsx';
import { PairPage } from './pairing/pair-page.tsx';
import { SessionsPage } from './sessions/sessions-page.tsx';
import { SettingsPage } from './settings/settings-page.tsx';

/** Loading is not worth a word before this. */
const WORDS_AFTER_MS = 3000;

export function App({ context }: { context: AppContext }) {
  return (
    <AppProvider value={context}>
      <ScreenProvider value={context}>
        <Screen />
        <div class="visually-hidden" aria-live="assertive">
          {context.announcement.value}
        </div>
      </ScreenProvider>
    </AppProvider>
  );
}

function Screen() {
  const { status, slices, reload } = useApp();
  const state = status.value;
  if (state.kind === 'loading') return <Loading />;
  if (state.kind === 'failed')
    return <RefusalScreen title="The window could not be filled" text={state.text} onRetry={reload} />;
  const { refusal } = slices.app.value;
  if (refusal !== null) return <RefusalScreen title="Baton is not running" text={refusal} />;
  return <Frame />;
}

function Loading() {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), WORDS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main class="boot">
      <Logo size={56} />
      {isLate && <p role="status">Baton is still starting. Reading a long history can take a moment.</p>}
    </main>
  );
}

function Frame() {
  const { page, slices } = useApp();
  const scroller = useRef<HTMLElement>(null);
  const current = page.value;
  useLayoutEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [current]);
  useEscape(slices.app.value.system !== 'linux');
  return (
    <div class="frame">
      <Navigation />
      <StatusBar />
      <main class="page" ref={scroller}>
        <div
          class={`page-body ${current === 'sessions' ? 'split' : ''}`}
          id="page"
          role="tabpanel"
          aria-labelledby={`tab-${current}`}
        >
          <div class="notices">
            <Notices />
          </div>
          {current === 'sessions' && <SessionsPage />}
          {current === 'pair' && <PairPage />}
          {current === 'devices' && <DevicesPage />}
          {current === 'settings' && <SettingsPage />}
          {current === 'activity' && <ActivityPage />}
        </div>
      </main>
      <NewsReader />
    </div>
  );
}

/** Where the window is a popover at the tray, Escape puts it away; a dialog hears it first. */
function useEscape(isPopover: boolean): void {
  const { tell } = useApp();
  useLayoutEffect(() => {
    if (!isPopover) return;
    const handle = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return;
      tell('window.close', null);
    };
    window.addEventListener('keydown', handle);
    return () => window.removeEventListener('keydown', handle);
  }, [tell, isPopover]);
}
