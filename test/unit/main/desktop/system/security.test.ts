import { EventEmitter } from 'node:events';
import type { App, Session } from 'electron';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { outsideAddress, parseUpdatePage } from '#main/desktop/system/outside-pages.ts';
import { denyEverythingElse } from '#main/desktop/system/security.ts';
import type { OutsidePage } from '#preload/contract.ts';

/** The handlers that were registered, called as Electron would. */
function createWorld(isDevelopment = false) {
  const app = new EventEmitter();
  const given: Record<string, (...args: never[]) => unknown> = {};
  const keep = (name: string) => (handler: (...args: never[]) => unknown) => {
    given[name] = handler;
  };
  const session = {
    setPermissionRequestHandler: keep('request'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    webRequest: { onBeforeRequest: keep('before') },
    on: (name: string, handler: (...args: never[]) => unknown) => keep(name)(handler),
  };
  denyEverythingElse({
    app: app as unknown as App,
    session: session as unknown as Session,
    isDevelopment,
    log: silentLog,
  });
  const handler = (name: string) => given[name] as (...args: unknown[]) => unknown;
  const isCancelled = (url: string) => {
    let answer: unknown;
    handler('before')({ url }, (given: unknown) => {
      answer = given;
    });
    return (answer as { cancel: boolean }).cancel;
  };
  return { app, handler, isCancelled };
}

test('every permission is denied, when a page asks and when it looks', () => {
  const { handler } = createWorld();
  const granted: unknown[] = [];
  for (const permission of ['media', 'notifications', 'geolocation', 'clipboard-read', 'openExternal']) {
    handler('request')(null, permission, (isGranted: unknown) => granted.push(isGranted));
    granted.push(handler('check')(null, permission));
  }
  granted.push(handler('device')({}));
  expect(new Set(granted)).toEqual(new Set([false]));
});

test('nothing is downloaded', () => {
  let isPrevented = false;
  const preventDefault = () => {
    isPrevented = true;
  };
  createWorld().handler('will-download')({ preventDefault });
  expect(isPrevented).toBe(true);
});

test('every request but those for our own files is cancelled', () => {
  const { isCancelled } = createWorld();
  expect(isCancelled('app://bundle/assets/index.js')).toBe(false);
  expect(isCancelled('data:image/png;base64,AA==')).toBe(false);
  const foreign = ['https://evil.example/', 'http://127.0.0.1:8377/', 'wss://relay.example/v1', 'file:///etc/passwd'];
  for (const url of [...foreign, 'app://other/', 'data:text/html,x', 'blob:x', 'devtools://devtools/a.js'])
    expect([url, isCancelled(url)]).toEqual([url, true]);
  expect(createWorld(true).isCancelled('devtools://devtools/a.js')).toBe(false);
});

test('no page goes elsewhere, is sent elsewhere, holds another, or opens a window', () => {
  const { app } = createWorld();
  const contents = Object.assign(new EventEmitter(), {
    open: null as unknown as (details: { url: string }) => unknown,
    setWindowOpenHandler(handler: (details: { url: string }) => unknown) {
      this.open = handler;
    },
  });
  app.emit('web-contents-created', {}, contents);
  const isPrevented = (event: string, url?: string) => {
    let prevented = false;
    const preventDefault = () => {
      prevented = true;
    };
    contents.emit(event, { preventDefault, ...(url !== undefined && { url }) });
    return prevented;
  };
  for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
    expect([event, isPrevented(event, 'https://evil.example/')]).toEqual([event, true]);
    expect([event, isPrevented(event, 'app://bundle/index.html')]).toEqual([event, false]);
  }
  expect(isPrevented('will-attach-webview')).toBe(true);
  expect(contents.open({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
});

test('each place outside is one https address, and updates only where the build names one', () => {
  const pages: OutsidePage[] = ['agent-client-protocol', 'caddy', 'tailscale-serve', 'update'];
  const update = 'https://baton.example/releases';
  for (const page of pages) expect(new URL(outsideAddress(page, update) as string).protocol).toBe('https:');
  expect(outsideAddress('update', null)).toBe(null);
  const refused = [undefined, null, 7, 'javascript:alert(1)', 'http://a.example', 'https://u:p@a.example', 'file:///x'];
  expect(refused.map(parseUpdatePage)).toEqual(refused.map(() => null));
  expect(parseUpdatePage('https://a.example/x')).toBe('https://a.example/x');
});
