/**
 * Holds one build of the page, whole, and serves it until somebody asks for a newer one: the code that has the keys does not change
 * by itself. Built as `/sw.js`, so it imports nothing at run time.
 */

/** What the page says to a waiting worker. */
export type SkipWaiting = 'skip-waiting';

/** The part of `ServiceWorkerGlobalScope` that is used; the types of pages and of workers do not go together in one project. */
interface WorkerScope {
  readonly caches: CacheStorage;
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  /** Its promise says nothing: it resolves in any case. */
  skipWaiting(): unknown;
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}
interface ExtendableEvent {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/** Both are put in by the build. */
declare const __BATON_BUILD__: string;
declare const __BATON_FILES__: readonly string[];

const CACHE_PREFIX = 'baton-page-';
const CACHE_NAME = `${CACHE_PREFIX}${__BATON_BUILD__}`;
const INDEX = '/';
/** Addresses that the page draws itself; the relay knows the same ones. */
const APP_ROUTE = /^\/(p|s\/[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*)?$/;

const scope = globalThis as unknown as WorkerScope;
const files = new Set<string>(__BATON_FILES__);

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', (event) => {
  const path = ownPath(event.request);
  if (path !== null) event.respondWith(respond(path, event.request));
});
scope.addEventListener('message', (event) => {
  const wanted: SkipWaiting = 'skip-waiting';
  if (event.data === wanted) scope.skipWaiting();
});

/** All files or none: a page of two builds would not work. */
async function install(): Promise<void> {
  const cache = await scope.caches.open(CACHE_NAME);
  await cache.addAll([INDEX, ...files].map((path) => new Request(path, { cache: 'no-cache' })));
}

async function activate(): Promise<void> {
  const names = await scope.caches.keys();
  const old = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE_NAME);
  await Promise.all(old.map((name) => scope.caches.delete(name)));
  await scope.clients.claim();
}

/** Where in the cache the answer is; null for what is none of this worker's business. */
function ownPath(request: Request): string | null {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return null;
  if (request.mode === 'navigate') return APP_ROUTE.test(url.pathname) ? INDEX : null;
  return files.has(url.pathname) ? url.pathname : null;
}

async function respond(path: string, request: Request): Promise<Response> {
  const cache = await scope.caches.open(CACHE_NAME);
  return (await cache.match(path)) ?? (await fetch(request)); // Browsers may clear a cache when the storage is full.
}
