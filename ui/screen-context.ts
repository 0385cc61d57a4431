/** What every shared screen needs at hand besides the host that it shows; made once by the page or the window. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ApprovalList } from './approvals/approval-list.ts';
import { createClock } from './clock.ts';
import type { HostClient } from './host-client.ts';
import type { MarkdownRenderer } from './transcript/markdown.ts';

/** What page and window do each in their own way. */
export interface ScreenOptions {
  /** The address of a session, for a link. */
  sessionHref(host: HostClient, session: string): string;
  openSession(host: HostClient, session: string): void;
  /** From a session to where the person came from. */
  back(): void;
  /** To the list, for good: what was on the screen is no more. */
  leave(): void;
  /** Null once the text is on the clipboard, else why it is not. */
  copyText(text: string): Promise<string | null>;
}

export interface ScreenContext extends ScreenOptions {
  /** The present, to the second. */
  readonly now: ReadonlySignal<number>;
  /** The present, to the minute: for clock times, which change with the day only. */
  readonly minute: ReadonlySignal<number>;
  /** Says something to people who do not see the screen. */
  announce(text: string): void;
  readonly announcement: ReadonlySignal<string>;
  /** The questions of one host; follows them from the first call on. */
  approvalsOf(host: HostClient): ApprovalList;
  /** Null until its code has arrived; texts are shown plain meanwhile. */
  readonly markdown: ReadonlySignal<MarkdownRenderer | null>;
  loadMarkdown(): void;
  dispose(): void;
}

const MINUTE_MS = 60_000;

const Context = createContext<ScreenContext | null>(null);
export const ScreenProvider = Context.Provider;

export function useScreen(): ScreenContext {
  const screen = useContext(Context);
  if (!screen) throw new Error('useScreen was called outside of ScreenProvider.');
  return screen;
}

export function createScreenContext(options: ScreenOptions, window: Window & typeof globalThis): ScreenContext {
  const clock = createClock(window.document);
  const announcement = signal('');
  const markdown = signal<MarkdownRenderer | null>(null);
  const approvalLists = new Map<HostClient, ApprovalList>();
  let isMarkdownAsked = false;

  const announce = (text: string) => {
    // A screen reader says nothing when the same words come twice; a trailing space makes them new.
    announcement.value = announcement.peek() === text ? `${text}\u00a0` : text;
  };

  return {
    ...options,
    now: clock.now,
    minute: computed(() => Math.floor(clock.now.value / MINUTE_MS) * MINUTE_MS),
    announce,
    announcement,
    approvalsOf: (host) => {
      let list = approvalLists.get(host);
      if (!list) {
        list = new ApprovalList(host, announce);
        approvalLists.set(host, list);
      }
      return list;
    },
    markdown,
    loadMarkdown: () => {
      if (isMarkdownAsked) return;
      isMarkdownAsked = true;
      import('./transcript/markdown.ts').then(
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
      for (const list of approvalLists.values()) list.dispose();
      clock.dispose();
    },
  };
}
