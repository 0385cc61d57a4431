/** What every page of the window needs at hand; made once by the entry file. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createClock } from '#phone/screens/clock.ts';
import type { ArgumentOf, BatonBridge, Channel, Page, Result, ValueOf } from '#preload/contract.ts';
import { PAGES } from './pages.ts';
import { createWindowStore, type LoadStatus, type Slices } from './window-store.ts';

export interface AppContext {
  readonly status: ReadonlySignal<LoadStatus>;
  readonly slices: Slices;
  /** The present, to the second. */
  readonly now: ReadonlySignal<number>;
  readonly page: ReadonlySignal<Page>;
  showPage(page: Page): void;
  /** A session that is to be brought into view, and since when: the same one may be asked for twice. */
  readonly wanted: ReadonlySignal<{ readonly session: string; readonly at: number } | null>;
  /** A part of the settings that is to be brought into view. */
  readonly wantedPart: ReadonlySignal<string | null>;
  showSettings(part: string): void;
  /** The wanted part is in view. */
  clearWantedPart(): void;
  /** Never rejects: what goes wrong on the way is an error in words too. */
  call<Name extends Channel>(channel: Name, argument: ArgumentOf<Name>): Promise<Result<ValueOf<Name>>>;
  reload(): void;
  /** Says something to people who do not see the screen. */
  announce(text: string): void;
  readonly announcement: ReadonlySignal<string>;
  dispose(): void;
}

const Context = createContext<AppContext | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (!app) throw new Error('useApp was called outside of AppProvider.');
  return app;
}

export function createAppContext(bridge: BatonBridge, window: Window & typeof globalThis): AppContext {
  const clock = createClock(window.document);
  const store = createWindowStore(bridge, Date.now);
  const page = signal<Page>('sessions');
  const wanted = signal<{ session: string; at: number } | null>(null);
  const wantedPart = signal<string | null>(null);
  const announcement = signal('');
  const disposers: (() => void)[] = [];

  const call: AppContext['call'] = async (channel, argument) => {
    try {
      return await bridge.call(channel, argument);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, error: `Baton did not answer (${reason}). Quit Baton and start it again.` };
    }
  };
  const showPage = (next: Page) => {
    if (next === page.peek()) return;
    // Whoever comes back to the sessions later is not led to that one again.
    wanted.value = null;
    page.value = next;
    void call('window.show-page', { page: next });
  };

  disposers.push(
    bridge.on('show', (push) => {
      showPage(push.page);
      if (push.session !== null) wanted.value = { session: push.session, at: Date.now() };
    }),
  );
  for (const name of ['online', 'offline'] as const) {
    const tell = () => void call('window.network', { isOnline: name === 'online' });
    window.addEventListener(name, tell);
    disposers.push(() => window.removeEventListener(name, tell));
  }
  const handleKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key === 'w') {
      event.preventDefault();
      void call('window.close', null);
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
  void call('window.show-page', { page: page.peek() });

  return {
    status: store.status,
    slices: store.slices,
    now: clock.now,
    page,
    showPage,
    wanted,
    wantedPart,
    showSettings: (part) => {
      wantedPart.value = part;
      showPage('settings');
    },
    clearWantedPart: () => {
      wantedPart.value = null;
    },
    call,
    reload: store.load,
    announce: (text) => {
      announcement.value = text;
    },
    announcement,
    dispose: () => {
      for (const dispose of disposers) dispose();
      store.dispose();
      clock.dispose();
    },
  };
}
