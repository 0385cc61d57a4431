/** The bridge between a window's page and main, without Electron between them: what crosses it is copied, and comes later, as over IPC. */
import { effect } from '@preact/signals';
import { type Log, silentLog } from '#lib/log.ts';
import type { CallHandlers } from '#main/desktop/ipc/calls/call-handlers.ts';
import { answerCall } from '#main/desktop/ipc/ipc-router.ts';
import { WindowClient } from '#main/desktop/ipc/window-client.ts';
import type { Host } from '#main/host/host.ts';
import type { BatonBridge, ClientPush, Pushes, PushName, Result } from '#preload/contract.ts';
import { LocalClient } from '#renderer/local-client.ts';
import type { ClientEnvironment } from '#ui/client/environment.ts';

export interface WindowBridge extends BatonBridge {
  /** Everything that went to the page. */
  readonly pushed: readonly ClientPush[];
  /** The session on the window, as main knows it. */
  readonly watched: string | null;
  /** The host comes, or goes. */
  setHost(host: Host | null): void;
  /** What main does when it sees that the page is gone. */
  closeChannel(): void;
  /** While it is held, nothing that main says reaches the page. */
  hold(): void;
  release(): void;
}

export function createWindowBridge(host: Host | null, log: Log = silentLog): WindowBridge {
  let running = host;
  const users: ((running: never) => unknown)[] = [];
  const listeners = new Set<(push: ClientPush) => void>();
  const pushed: ClientPush[] = [];
  let held: ClientPush[] | null = null;
  const deliver = (push: ClientPush) => {
    setImmediate(() => {
      if (held) held.push(push);
      else for (const listener of listeners) listener(push);
    });
  };
  const client = new WindowClient({
    lifecycle: {
      find: (): Result<Host> =>
        running ? { ok: true, value: running } : { ok: false, error: 'Baton is still starting.' },
      use: (user) => {
        users.push(user as (running: never) => unknown);
      },
    },
    push: (push) => {
      pushed.push(push);
      deliver(structuredClone(push));
    },
    log,
  });
  return {
    pushed,
    async call(channel, argument) {
      const copy = structuredClone(argument);
      await new Promise((resolve) => setImmediate(resolve));
      return await answerCall(channel, copy, client.calls as unknown as CallHandlers, log);
    },
    on<Name extends PushName>(_name: Name, listener: (push: Pushes[Name]) => void) {
      const heard = listener as unknown as (push: ClientPush) => void;
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    setHost(next) {
      running = next;
      if (next) for (const user of users) user(undefined as never);
    },
    get watched() {
      return client.watched;
    },
    closeChannel: () => client.close(),
    hold() {
      held ??= [];
    },
    release() {
      const waiting = held ?? [];
      held = null;
      for (const push of waiting) deliver(push);
    },
  };
}

export const nodeEnvironment: ClientEnvironment = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  onNextFrame(callback) {
    const frame = setImmediate(callback);
    return () => clearImmediate(frame);
  },
};

export function openWindow(bridge: WindowBridge): LocalClient {
  return new LocalClient({ bridge, environment: nodeEnvironment });
}

/** Resolves when the signals that `condition` reads make it true. */
export async function untilShown(what: string, condition: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`Waited in vain: ${what}`)), 20_000);
  const stop = effect(() => {
    if (condition()) resolve();
  });
  await promise.finally(() => {
    clearTimeout(timer);
    stop();
  });
}
