/** The few addresses of the page, kept in step with the browser's history. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';

export type Route =
  | { readonly kind: 'home' }
  | { readonly kind: 'pairing' }
  | { readonly kind: 'session'; readonly hostId: string; readonly sessionId: string };

export interface Router {
  readonly route: ReadonlySignal<Route>;
  navigate(route: Route, options?: { replace?: boolean }): void;
  /** To where the person came from within the page; home if they came from elsewhere. */
  back(): void;
  dispose(): void;
}

/** Anything unknown is home. */
export function parsePath(path: string): Route {
  if (path === '/p') return { kind: 'pairing' };
  const [, section, host, session, ...rest] = path.split('/');
  if (section !== 's' || !host || !session || rest.length > 0) return { kind: 'home' };
  const hostId = decode(host);
  const sessionId = decode(session);
  return hostId !== null && sessionId !== null ? { kind: 'session', hostId, sessionId } : { kind: 'home' };
}

export function formatPath(route: Route): string {
  switch (route.kind) {
    case 'home':
      return '/';
    case 'pairing':
      return '/p';
    case 'session':
      return `/s/${encodeURIComponent(route.hostId)}/${encodeURIComponent(route.sessionId)}`;
  }
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

export function createRouter(window: Window): Router {
  const path = signal(window.location.pathname);
  const handlePop = () => {
    path.value = window.location.pathname;
  };
  window.addEventListener('popstate', handlePop);
  const navigate: Router['navigate'] = (route, { replace = false } = {}) => {
    const next = formatPath(route);
    if (replace) window.history.replaceState(window.history.state, '', next);
    else if (next !== path.value) window.history.pushState({ isWithinPage: true }, '', next);
    path.value = next;
  };
  return {
    route: computed(() => parsePath(path.value)),
    navigate,
    back: () => {
      const state: unknown = window.history.state;
      if (typeof state === 'object' && state !== null && 'isWithinPage' in state) window.history.back();
      else navigate({ kind: 'home' }, { replace: true });
    },
    dispose: () => window.removeEventListener('popstate', handlePop),
  };
}
