/** A host slot with a real host and a real relay of its own, in a folder of its own. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '#lib/clock.ts';
import { type Log, silentLog } from '#lib/log.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { openSettings, type SettingsStore } from '#main/host/settings.ts';
import { HostSlot } from '#main/shell/host-slot.ts';
import { findFreePort } from '#test/support/terminal-host.ts';
import { makeFolder, makePage } from '#test/support/test-host.ts';

export interface SlotWorld {
  readonly folder: string;
  readonly slot: HostSlot;
  readonly settings: SettingsStore;
  /** Asked again after each change in the slot and its host. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function createSlotWorld(options: { folder?: string; log?: Log; clock?: Clock } = {}): Promise<SlotWorld> {
  const { folder = makeFolder(), log = silentLog, clock = systemClock } = options;
  const settings = openSettings({ path: join(folder, 'settings.json'), now: Date.now, log });
  settings.update({ relayPort: await findFreePort() });
  const slot = new HostSlot({
    dataFolder: folder,
    phoneFolder: makePage(folder),
    settings,
    secrets: createSecretFile(join(folder, 'keys.json')),
    hostName: 'Test computer',
    build: 'test',
    clock,
    log,
  });
  const listeners = new Set<() => void>();
  const check = () => {
    for (const listener of listeners) listener();
  };
  slot.onDidChange(check);
  slot.use(({ host }) => {
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
    slot,
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
      await slot.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
