/** The service worker pins this build of the page; a newer one waits until somebody asks for it. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { unawaited } from '#lib/unawaited.ts';
import { UPDATE_CHECK_INTERVAL_MS } from './limits.ts';
import type { SkipWaiting } from './service-worker.ts';

export type PageUpdate = { apply(): void } | null;

const SERVICE_WORKER_PATH = '/sw.js';
/** Trusted Types guard the addresses of scripts; the page's Content-Security-Policy names this one policy besides DOMPurify's. */
const POLICY_NAME = 'baton';

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** Registers the service worker, if this browser has any, and says when a newer page waits. */
export function watchForUpdates(): ReadonlySignal<PageUpdate> {
  const update = signal<PageUpdate>(null);
  // The development server serves no built worker, and a page that is not secure has no workers at all.
  if (!import.meta.env?.PROD || !('serviceWorker' in navigator)) return update;
  const register = () => unawaited(watchRegistration(update), 'register the service worker');
  // The first visit should not share its bandwidth with the copy for the next one.
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
  return update;
}

async function watchRegistration(update: { value: PageUpdate }): Promise<void> {
  const { serviceWorker } = navigator;
  const isPinned = serviceWorker.controller !== null;
  let isAsked = false;
  serviceWorker.addEventListener('controllerchange', () => {
    if (isAsked) location.reload();
    // Another tab asked for the newer page. What this one shows goes on, but it cannot load more of the old build.
    else if (isPinned) update.value = { apply: () => location.reload() };
  });
  const registration = await serviceWorker.register(trustedWorkerUrl(), { updateViaCache: 'none' });
  const offer = () => {
    const { waiting } = registration;
    // Without a controller this is the first installation, not a newer one.
    if (!waiting || !serviceWorker.controller) return;
    const apply = () => {
      isAsked = true;
      const message: SkipWaiting = 'skip-waiting';
      waiting.postMessage(message);
    };
    update.value = { apply };
  };
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer));
  offer();
  setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    registration.update().catch(() => {}); // Offline, or the relay is away: the next time will do.
  }, UPDATE_CHECK_INTERVAL_MS);
}

function trustedWorkerUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return SERVICE_WORKER_PATH;
  const policy = trustedTypes.createPolicy(POLICY_NAME, {
    createScriptURL: (url) => {
      if (url === SERVICE_WORKER_PATH) return url;
      throw new TypeError('No script is loaded from there.');
    },
  });
  return policy.createScriptURL(SERVICE_WORKER_PATH) as string;
}
