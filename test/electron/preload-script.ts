/** The preload of a window, as a script that Chromium runs before those of the page. */

/** What the page's side calls to reach the app; gone from `window` before any script of the page runs. */
export const PORT_NAME = '__electronPort';
/** Where the desktop hands a page what the app has pushed. */
export const PUSH_SYMBOL = 'electron-stand-in.push';

export interface PortMessage {
  readonly kind: 'invoke' | 'send';
  readonly channel: string;
  readonly args: readonly unknown[];
}
export type PortAnswer =
  | { readonly isDone: true; readonly value: unknown }
  | { readonly isDone: false; readonly message: string };

type Port = (message: PortMessage) => Promise<PortAnswer>;

/** `source` is the text of a CommonJS preload. */
export function preloadScript(source: string): string {
  const names = JSON.stringify({ port: PORT_NAME, push: PUSH_SYMBOL });
  return `(${runPreload.toString()})(${names}, function (exports, require, module, process) {${source}\n});`;
}

/** Runs in the page, so it can use nothing of this file. */
function runPreload(
  names: { port: string; push: string },
  preload: (exports: object, require: (name: string) => unknown, module: object, process: object) => void,
): void {
  const world = globalThis as unknown as Record<string | symbol, unknown>;
  const port = world[names.port] as Port | undefined;
  delete world[names.port];
  // Like Electron: in the main frame only, and not in the empty page that a window begins with.
  if (!port || window.top !== window || location.href === 'about:blank') return;

  const listeners = new Map<string, Set<(event: object, ...args: unknown[]) => void>>();
  const ipcRenderer = {
    async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const answer = await port({ kind: 'invoke', channel, args: structuredClone(args) });
      if (!answer.isDone) throw new Error(answer.message);
      return answer.value;
    },
    send(channel: string, ...args: unknown[]): void {
      void port({ kind: 'send', channel, args: structuredClone(args) });
    },
    on(channel: string, listener: (event: object, ...args: unknown[]) => void) {
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(listener));
      return ipcRenderer;
    },
    off(channel: string, listener: (event: object, ...args: unknown[]) => void) {
      listeners.get(channel)?.delete(listener);
      return ipcRenderer;
    },
  };
  const push = (channel: string, args: unknown[]) => {
    for (const listener of [...(listeners.get(channel) ?? [])]) listener({ sender: ipcRenderer }, ...args);
  };
  Object.defineProperty(world, Symbol.for(names.push), { value: push });

  // Values are copied between the worlds; functions become ones that copy what goes in and what comes out.
  const copy = (value: unknown, seen = new Map<object, unknown>()): unknown => {
    if (typeof value === 'symbol') throw new TypeError('An object could not be cloned.');
    if (typeof value === 'function') return (...args: unknown[]) => copy(value(...args.map((one) => copy(one))));
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Promise) return value.then((result) => copy(result));
    if (seen.has(value)) return seen.get(value);
    if (!Array.isArray(value) && Object.prototype.toString.call(value) !== '[object Object]')
      return structuredClone(value);
    const target: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    seen.set(value, target);
    for (const [key, member] of Object.entries(value)) (target as Record<string, unknown>)[key] = copy(member, seen);
    return target;
  };
  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const contextBridge = {
    exposeInMainWorld(key: string, api: unknown): void {
      if (Object.hasOwn(world, key))
        throw new Error(`Cannot bind an API on top of an existing property on the window object`);
      Object.defineProperty(world, key, { value: freeze(copy(api)), enumerable: true });
    },
  };
  const module = { exports: {} };
  const requireModule = (name: string): unknown => {
    if (name === 'electron') return { contextBridge, ipcRenderer };
    throw new Error(`module not found: ${name}. A sandboxed preload can load no other file.`);
  };
  preload(module.exports, requireModule, module, { platform: 'linux', sandboxed: true, contextIsolated: true });
}
