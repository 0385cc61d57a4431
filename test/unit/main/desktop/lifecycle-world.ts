/** A host lifecycle with a real host and a real relay of its own, in a folder of its own. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '#lib/clock.ts';
import { type Log, silentLog } from '#lib/log.ts';
import { HostLifecycle } from '#main/desktop/host-lifecycle.ts';
import type { SecretStore } from '#main/host/host-keys.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { openSettings, type SettingsStore } from '#main/host/settings.ts';
import { findFreePort } from '#test/support/free-port.ts';
import { makeFolder, makePage } from '#test/support/test-host.ts';

export interface LifecycleWorld {
  readonly folder: string;
  readonly lifecycle: HostLifecycle;
  readonly settings: SettingsStore;
  /** Asked again after each change in the lifecycle and its host. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function createLifecycleWorld(
  options: { folder?: string; log?: Log; clock?: Clock; secrets?: (file: SecretStore) => SecretStore } = {},
): Promise<LifecycleWorld> {
  const { folder = makeFolder(), log = silentLog, clock = systemClock, secrets = (file) => file } = options;
  const settings = openSettings({ path: join(folder, 'settings.json'), now: Date.now, log });
  settings.update({ relayPort: await findFreePort() });
  const lifecycle = new HostLifecycle({
    dataFolder: folder,
    phoneFolder: makePage(folder),
    settings,
    secrets: secrets(createSecretFile(join(folder, 'keys.json'))),
    hostName: 'Test computer',
    build: 'test',
    clock,
    log,
  });
  const listeners = new Set<() => void>();
  const check = () => {
    for (const listener of listeners) listener();
  };
  lifecycle.onDidChange(check);
  lifecycle.use(({ host }) => {
    const stops = [
      host.remote.onDidChange(check),
      host.supervisor.onDidChange(check),
      host.remote.pairing.onDidChangeOffer(check),
      host.remote.pairing.onDidChangeRequests(check),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  });
  return {
    folder,
    lifecycle,
    settings,
    async until(condition) {
      if (condition()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const listener = () => {
        if (condition()) resolve();
      };
      listeners.add(listener);
      await promise.finally(() => listeners.delete(listener));
    },
    async stop() {
      await lifecycle.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
