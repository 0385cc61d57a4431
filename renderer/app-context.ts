/** What every page of the window needs at hand; made once by the entry file. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { unawaited } from '#lib/unawaited.ts';
import type { ArgumentOf, BatonBridge, Channel, Page, Result, ValueOf } from '#preload/contract.ts';
import type { HostClient } from '#ui/host-client.ts';
import { createScreenContext, type ScreenContext } from '#ui/screen-context.ts';
import { PAGES } from './pages.ts';
import { createWindowStore, type LoadStatus, type Slices } from './window-store.ts';

export interface AppContext extends ScreenContext {
  /** This computer's own host. */
  readonly host: HostClient;
  readonly status: ReadonlySignal<LoadStatus>;
  readonly slices: Slices;
  readonly page: ReadonlySignal<Page>;
  showPage(page: Page): void;
  /** The session that is open beside the list, also while another page is shown. */
  readonly session: ReadonlySignal<string | null>;
  /** Whether the open session is to take the focus. */
  readonly wantsFocus: Signal<boolean>;
  /** A part of the settings that is to be brought into view. */
  readonly wantedPart: ReadonlySignal<string | null>;
  showSettings(part: string): void;
  /** The wanted part is in view. */
  clearWantedPart(): void;
  /** Never rejects: what goes wrong on the way is an error in words too. */
  call<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>): Promise<Result<ValueOf<Name>>>;
  /** A call of which nothing is expected. */
  tell<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>): void;
  reload(): void;
}

const Context = createContext<AppContext | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (!app) throw new Error('useApp was called outside of AppProvider.');
  return app;
}

export function createAppContext(
  bridge: BatonBridge,
  host: HostClient,
  window: Window & typeof globalThis,
): AppContext {
  const store = createWindowStore(bridge, Date.now);
  const page = signal<Page>('sessions');
  const session = signal<string | null>(null);
  const wantsFocus = signal(false);
  const wantedPart = signal<string | null>(null);
  const disposers: (() => void)[] = [];

  const call: AppContext['call'] = async (channel, argument) => {
    try {
      return await bridge.call(channel, argument);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, error: `Baton did not answer (${reason}). Quit Baton and start it again.` };
    }
  };
  const tell: AppContext['tell'] = (channel, argument) => unawaited(call(channel, argument), `tell main ${channel}`);
  const showPage = (next: Page) => {
    if (next === page.peek()) return;
    page.value = next;
    tell('window.show-page', { page: next });
  };

  const openSession = (id: string) => {
    showPage('sessions');
    session.value = id;
    wantsFocus.value = true;
  };
  const closeSession = () => {
    session.value = null;
    wantsFocus.value = false;
  };
  const screen = createScreenContext(
    {
      sessionHref: (_host, id) => `#${id}`,
      openSession: (_host, id) => openSession(id),
      back: closeSession,
      leave: closeSession,
      copyText: async (text) => {
        const result = await call('clipboard.write', { text });
        return result.ok ? null : result.error;
      },
    },
    window,
  );
  // Questions are announced whichever page is shown.
  screen.approvalsOf(host);

  disposers.push(
    bridge.on('show', (push) => {
      showPage(push.page);
      if (push.session !== null) openSession(push.session);
    }),
  );
  for (const name of ['online', 'offline'] as const) {
    const note = () => tell('window.network', { isOnline: name === 'online' });
    window.addEventListener(name, note);
    disposers.push(() => window.removeEventListener(name, note));
  }
  const handleKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key === 'w') {
      event.preventDefault();
      tell('window.close', null);
    }
    const target = PAGES[Number(event.key) - 1];
    if (!target || window.document.querySelector('dialog[open]')) return;
    event.preventDefault();
    showPage(target.page);
    window.document.getElementById(`tab-${target.page}`)?.focus();
  };
  window.addEventListener('keydown', handleKey);
  disposers.push(() => window.removeEventListener('keydown', handleKey));

  store.load();
  tell('window.show-page', { page: page.peek() });

  return {
    ...screen,
    host,
    status: store.status,
    slices: store.slices,
    page,
    showPage,
    session,
    wantsFocus,
    wantedPart,
    showSettings: (part) => {
      wantedPart.value = part;
      showPage('settings');
    },
    clearWantedPart: () => {
      wantedPart.value = null;
    },
    call,
    tell,
    reload: store.load,
    dispose: () => {
      for (const dispose of disposers) dispose();
      store.dispose();
      screen.dispose();
    },
  };
}
