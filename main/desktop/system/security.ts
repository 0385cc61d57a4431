/** What pages may not do. Electron grants and opens by default; here nothing is, and our own page needs none of it. */
import type { App, Session, WebContents } from 'electron';
import type { Log } from '#lib/log.ts';
import { isOwnAddress } from './app-protocol.ts';

export interface SecurityOptions {
  readonly app: Pick<App, 'on'>;
  readonly session: Session;
  /** Only from its sources: then the developer tools may load their own pages. */
  readonly isDevelopment: boolean;
  readonly log: Log;
}

/** To be called before the first window is made. */
export function denyEverythingElse({ app, session, isDevelopment, log }: SecurityOptions): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    log.warn('A permission was refused to a page', { permission });
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const isAllowed = isAllowedRequest(url, isDevelopment);
    if (!isAllowed) log.warn('A request of a page was cancelled', { origin: originOf(url) });
    answer({ cancel: !isAllowed });
  });
  session.on('will-download', (event) => {
    event.preventDefault();
    log.warn('A download was refused to a page');
  });
  app.on('web-contents-created', (_event, contents) => secureContents(contents, log));
}

/** Our own files, and pictures that are in the page already. */
export function isAllowedRequest(url: string, isDevelopment: boolean): boolean {
  if (isOwnAddress(url) || url.startsWith('data:image/')) return true;
  return isDevelopment && url.startsWith('devtools://');
}

function secureContents(contents: WebContents, log: Log): void {
  const refuse = (what: string) => (event: { preventDefault(): void; url?: string }) => {
    // Reloading our own page is no way out.
    if (event.url !== undefined && isOwnAddress(event.url)) return;
    event.preventDefault();
    log.warn(`${what} was refused to a page`, { origin: event.url === undefined ? null : originOf(event.url) });
  };
  contents.on('will-navigate', refuse('Going elsewhere'));
  contents.on('will-frame-navigate', refuse('Going elsewhere'));
  contents.on('will-redirect', refuse('Being sent elsewhere'));
  contents.on('will-attach-webview', (event) => refuse('A page within the page')(event));
  contents.setWindowOpenHandler(({ url }) => {
    log.warn('A new window was refused to a page', { origin: originOf(url) });
    return { action: 'deny' };
  });
}

/** For the log: whole addresses may hold what is nobody's business. */
function originOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : 'not an address';
}
