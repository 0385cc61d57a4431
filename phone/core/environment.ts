/** What the core takes from the browser besides storage and cryptography; handed in, so that the core runs without one. */
import { createClientEnvironment } from '#ui/browser-environment.ts';
import type { ClientEnvironment } from '#ui/client/environment.ts';

export type Disposer = () => void;

export interface Environment extends ClientEnvironment {
  /** Milliseconds since some moment, never stepping back. */
  monotonic(): number;
  /** At least 0, less than 1. */
  random(): number;
  isOnline(): boolean;
  isVisible(): boolean;
  openSocket(url: string): WebSocket;
  /** The page was hidden or frozen, or its network came or went: its sockets may be dead without knowing it. */
  onDidWake(callback: () => void): Disposer;
  /** The page goes away, perhaps to be thawed later. */
  onDidLeave(callback: () => void): Disposer;
}

export function createBrowserEnvironment(): Environment {
  return {
    ...createClientEnvironment(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    isOnline: () => navigator.onLine,
    isVisible: () => document.visibilityState === 'visible',
    openSocket: (url) => new WebSocket(url),
    onDidWake(callback) {
      const listening = new AbortController();
      const { signal } = listening;
      document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && callback(), {
        signal,
      });
      // Page Lifecycle: Chromium freezes pages in the background and says so when they are thawed.
      document.addEventListener('resume', () => callback(), { signal });
      // The first `pageshow` belongs to the load itself; the page dials then anyway.
      window.addEventListener('pageshow', (event) => event.persisted && callback(), { signal });
      window.addEventListener('online', () => callback(), { signal });
      window.addEventListener('offline', () => callback(), { signal });
      return () => listening.abort();
    },
    onDidLeave(callback) {
      const listening = new AbortController();
      window.addEventListener('pagehide', () => callback(), { signal: listening.signal });
      return () => listening.abort();
    },
  };
}
