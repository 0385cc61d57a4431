/** `session`: what pages may load and do. As in Electron, what no handler refuses is allowed. */
import { EventEmitter } from 'node:events';
import type { AppProtocol } from './app-protocol.ts';
import type { RequestKind } from './messages.ts';

type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void;
type PermissionRequest = NonNullable<Parameters<Electron.Session['setPermissionRequestHandler']>[0]>;
type PermissionCheck = NonNullable<Parameters<Electron.Session['setPermissionCheckHandler']>[0]>;
type DevicePermission = Parameters<Electron.Session['setDevicePermissionHandler']>[0];
type Permission = Parameters<PermissionRequest>[1] & Parameters<PermissionCheck>[1];

type Used =
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setPermissionRequestHandler'
  | 'setSpellCheckerEnabled';

/** The permissions that both know: their names in Chromium, and in Electron. */
const PERMISSIONS: readonly (readonly [string, Permission])[] = [
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['camera', 'media'],
  ['microphone', 'media'],
  ['midi', 'midi'],
  ['midi-sysex', 'midiSysex'],
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-write', 'clipboard-sanitized-write'],
  ['storage-access', 'storage-access'],
];

export class WebSession extends EventEmitter implements Pick<Electron.Session, Used> {
  readonly protocol: AppProtocol;
  readonly webRequest = new WebRequest();
  #onRequest: PermissionRequest | null = null;
  #onCheck: PermissionCheck | null = null;
  readonly #watchers = new Set<() => void>();

  constructor(protocol: AppProtocol) {
    super();
    this.protocol = protocol;
  }

  setPermissionRequestHandler(handler: PermissionRequest | null): void {
    this.#onRequest = handler;
    this.#tell();
  }

  setPermissionCheckHandler(handler: PermissionCheck | null): void {
    this.#onCheck = handler;
    this.#tell();
  }

  /** Chromium shows no device chooser to a page without a person, so there is nothing that it could let through. */
  setDevicePermissionHandler(_handler: DevicePermission): void {}

  setDisplayMediaRequestHandler(): void {}

  setSpellCheckerEnabled(): void {}

  /** Called when a handler changes, for pages that are open. */
  onDidChangePermissions(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** What pages of `contents` at `url` are granted, by the app's own handlers; all of it without handlers. */
  async grants(contents: Electron.WebContents, url: string): Promise<string[]> {
    const granted: string[] = [];
    for (const [name, permission] of PERMISSIONS) {
      if (await this.#isGranted(contents, permission, url)) granted.push(name);
    }
    return granted;
  }

  async #isGranted(contents: Electron.WebContents, permission: Permission, url: string): Promise<boolean> {
    const details = { isMainFrame: true, requestingUrl: url };
    const origin = URL.canParse(url) ? new URL(url).origin : url;
    const isChecked = this.#onCheck?.(contents, permission, origin, { ...details, securityOrigin: origin }) ?? true;
    const handler = this.#onRequest;
    if (!handler) return isChecked;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    handler(contents, permission, resolve, details);
    return isChecked || (await promise);
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

class WebRequest implements Pick<Electron.WebRequest, 'onBeforeRequest'> {
  #listener: { readonly matches: (url: string) => boolean; readonly call: BeforeRequest } | null = null;
  #lastId = 0;

  onBeforeRequest(filter: Electron.WebRequestFilter, listener: BeforeRequest | null): void;
  onBeforeRequest(listener: BeforeRequest | null): void;
  onBeforeRequest(...args: [Electron.WebRequestFilter, BeforeRequest | null] | [BeforeRequest | null]): void {
    const listener = args.length === 2 ? args[1] : args[0];
    const patterns = args.length === 2 ? (args[0].urls ?? []) : ['<all_urls>'];
    this.#listener = listener && { matches: matcherOf(patterns), call: listener };
  }

  async isCancelled(request: {
    url: string;
    method: string;
    kind: RequestKind;
    contents: Electron.WebContents;
  }): Promise<boolean> {
    const { url, method, kind, contents } = request;
    const listener = this.#listener;
    if (!listener?.matches(url)) return false;
    const { promise, resolve } = Promise.withResolvers<Electron.CallbackResponse>();
    const details: Electron.OnBeforeRequestListenerDetails = {
      id: ++this.#lastId,
      url,
      method,
      webContentsId: contents.id,
      webContents: contents,
      frame: contents.mainFrame,
      resourceType: kind,
      referrer: '',
      timestamp: Date.now(),
      uploadData: [],
    };
    listener.call(details, resolve);
    return (await promise).cancel === true;
  }
}

/** Chrome's match patterns, as far as `*` goes. */
function matcherOf(patterns: readonly string[]): (url: string) => boolean {
  if (patterns.includes('<all_urls>')) return () => true;
  const expressions = patterns.map((pattern) => {
    const literal = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${literal.join('.*')}$`);
  });
  return (url) => expressions.some((expression) => expression.test(url));
}

export class Sessions {
  readonly defaultSession: WebSession;
  readonly #partitions = new Map<string, WebSession>();
  readonly #protocol: AppProtocol;

  constructor(protocol: AppProtocol) {
    this.#protocol = protocol;
    this.defaultSession = new WebSession(protocol);
  }

  fromPartition(partition: string): WebSession {
    const session = this.#partitions.get(partition) ?? new WebSession(this.#protocol);
    this.#partitions.set(partition, session);
    return session;
  }
}
