/** What every screen needs at hand; made once by the entry file. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ApprovalDesk } from '../../ui/approvals/approval-desk.ts';
import { createClock } from '../../ui/clock.ts';
import type { HostClient } from '../../ui/host-client.ts';
import type { MarkdownRenderer } from '../../ui/transcript/markdown.ts';
import type { Baton, Pairing } from '../core/contract.ts';
import { createRouter, type Router } from './router.ts';

export interface AppContext {
  readonly baton: Baton;
  /** The present, to the second. */
  readonly now: ReadonlySignal<number>;
  /** The present, to the minute: for clock times, which change with the day only. */
  readonly minute: ReadonlySignal<number>;
  readonly router: Router;
  /** The pairing that is under way, if any. */
  readonly pairing: ReadonlySignal<Pairing | null>;
  /** The page was opened for pairing, with no code in its address. */
  readonly isCodeMissing: ReadonlySignal<boolean>;
  beginPairing(link: string): void;
  endPairing(): void;
  /** Says something to people who do not see the screen. */
  announce(text: string): void;
  readonly announcement: ReadonlySignal<string>;
  desk(host: HostClient): ApprovalDesk;
  /** Null until its code has arrived; texts are shown plain meanwhile. */
  readonly markdown: ReadonlySignal<MarkdownRenderer | null>;
  loadMarkdown(): void;
  dispose(): void;
}

const MINUTE_MS = 60_000;

const Context = createContext<AppContext | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (!app) throw new Error('useApp was called outside of AppProvider.');
  return app;
}

export function createAppContext(baton: Baton, window: Window & typeof globalThis): AppContext {
  const clock = createClock(window.document);
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
  const announcement = signal('');
  const markdown = signal<MarkdownRenderer | null>(null);
  const desks = new Map<HostClient, ApprovalDesk>();
  let isMarkdownAsked = false;

  const announce = (text: string) => {
    // A screen reader says nothing when the same words come twice; a trailing space makes them new.
    announcement.value = announcement.peek() === text ? `${text}\u00a0` : text;
  };

  return {
    baton,
    now: clock.now,
    minute: computed(() => Math.floor(clock.now.value / MINUTE_MS) * MINUTE_MS),
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
    announce,
    announcement,
    desk: (host) => {
      let desk = desks.get(host);
      if (!desk) {
        desk = new ApprovalDesk(host, announce);
        desks.set(host, desk);
      }
      return desk;
    },
    markdown,
    loadMarkdown: () => {
      if (isMarkdownAsked) return;
      isMarkdownAsked = true;
      import('../../ui/transcript/markdown.ts').then(
        ({ createMarkdownRenderer }) => {
          markdown.value = createMarkdownRenderer(window);
        },
        (error: unknown) => {
          // Texts stay plain; the next session that is opened asks again.
          isMarkdownAsked = false;
          console.warn('Failed to load the Markdown renderer:', error);
        },
      );
    },
    dispose: () => {
      window.removeEventListener('hashchange', pairFromAddress);
      for (const desk of desks.values()) desk.dispose();
      clock.dispose();
      router.dispose();
    },
  };
}
