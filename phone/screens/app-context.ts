/** What every screen needs at hand; made once by the entry file. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createScreenContext, type ScreenContext } from '#ui/screen-context.ts';
import type { Baton, Pairing } from '../core/contract.ts';
import { createRouter, formatPath, type Router } from './router.ts';

export interface AppContext extends ScreenContext {
  readonly baton: Baton;
  readonly router: Router;
  /** The pairing that is under way, if any. */
  readonly pairing: ReadonlySignal<Pairing | null>;
  /** The page was opened for pairing, with no code in its address. */
  readonly isCodeMissing: ReadonlySignal<boolean>;
  beginPairing(link: string): void;
  endPairing(): void;
}

const Context = createContext<AppContext | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (!app) throw new Error('useApp was called outside of AppProvider.');
  return app;
}

export function createAppContext(baton: Baton, window: Window & typeof globalThis): AppContext {
  const router = createRouter(window);
  const pairing = signal<Pairing | null>(null);
  const isCodeMissing = signal(false);
  const pairFromAddress = () => {
    if (router.route.peek().kind !== 'pairing') return;
    const next = baton.pairFromAddress();
    if (next) {
      pairing.peek()?.cancel();
      pairing.value = next;
    }
    isCodeMissing.value = pairing.peek() === null;
  };
  pairFromAddress();
  // A second code that is opened in the same tab changes only what stands behind the #.
  window.addEventListener('hashchange', pairFromAddress);
  const screen = createScreenContext(
    {
      sessionHref: ({ hostId }, sessionId) => formatPath({ kind: 'session', hostId, sessionId }),
      openSession: ({ hostId }, sessionId) => router.navigate({ kind: 'session', hostId, sessionId }),
      back: router.back,
      leave: () => router.navigate({ kind: 'home' }, { replace: true }),
      copyText: (text) =>
        window.navigator.clipboard.writeText(text).then(
          () => null,
          () => 'copying was refused by the browser',
        ),
    },
    window,
  );

  return {
    ...screen,
    baton,
    router,
    pairing,
    isCodeMissing,
    beginPairing: (link) => {
      pairing.peek()?.cancel();
      pairing.value = baton.pairFromLink(link);
      router.navigate({ kind: 'pairing' });
    },
    endPairing: () => {
      pairing.value = null;
      isCodeMissing.value = false;
    },
    dispose: () => {
      window.removeEventListener('hashchange', pairFromAddress);
      screen.dispose();
      router.dispose();
    },
  };
}
