/** The doctor of the tray app: asked from the window, with the host if one runs. */
import { join } from 'node:path';
import type { Log } from '#lib/log.ts';
import type { Diagnosis } from '#preload/contract.ts';
import { AgentRegistry } from '../host/agents/catalogue/registry.ts';
import { type Finding, ok, skipped, wrong } from '../host/doctor/check.ts';
import { type RelayToCheck, runDoctor } from '../host/doctor/doctor.ts';
import { readHostKeys, type SecretStore } from '../host/host-keys.ts';
import { createSecretFile } from '../host/secret-file.ts';
import type { SettingsStore } from '../host/settings.ts';
import { findRelayToCheck } from '../setup/doctor-relay.ts';
import { findKeychainObstacle, PLAIN_KEYS_FILE } from '../setup/key-files.ts';
import type { HostLifecycle, RunningHost } from './host-lifecycle.ts';

export interface DesktopDoctorOptions {
  readonly lifecycle: HostLifecycle;
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
  readonly dataFolder: string;
  readonly phoneFolder: string | null;
  readonly isNotificationSupported: () => boolean;
  readonly now: () => number;
  readonly log: Log;
}

/** Never rejects. Asked again while it is looking, it answers with what it is about to find. */
export function createDesktopDoctor(options: DesktopDoctorOptions): () => Promise<Diagnosis> {
  let looking: Promise<Diagnosis> | null = null;
  return async () => {
    looking ??= look(options).finally(() => {
      looking = null;
    });
    return await looking;
  };
}

async function look(options: DesktopDoctorOptions): Promise<Diagnosis> {
  const { lifecycle, settings, secrets, dataFolder, phoneFolder, now, log } = options;
  const { running } = lifecycle;
  return await runDoctor({
    dataFolder,
    settings: ok('They can be read.'),
    running: running?.host ?? null,
    readKeys: () => (running ? readHostKeys(secrets) : readPlainKeys(dataFolder)),
    openRelay: async ({ isHeld }) =>
      running
        ? describeRelay(running)
        : await findRelayToCheck({ settings: settings.get(), dataFolder, phoneFolder, log, isHeld }),
    listAgents: () => listAgents(running, settings, log),
    notifications: () => describeNotifications(settings.get().isNotifying, options.isNotificationSupported),
    now,
    log,
  });
}

function describeRelay({ relay }: RunningHost): RelayToCheck {
  const { relayOrigin: origin, phoneOrigin, isOwn } = relay;
  return { kind: 'ready', origin, phoneOrigin, isOwn, stop: () => Promise.resolve() };
}

/** Without a host the keychain is left alone: reading may move the keys there, away from a host in a terminal that uses them. */
async function readPlainKeys(dataFolder: string) {
  if (findKeychainObstacle(dataFolder) !== null) return 'They are in the keychain, which Baton asks when it starts.';
  return await readHostKeys(createSecretFile(join(dataFolder, PLAIN_KEYS_FILE)));
}

async function listAgents(running: RunningHost | null, settings: SettingsStore, log: Log) {
  const registry = running?.host.registry ?? new AgentRegistry({ settings, log, isDemoOffered: true });
  try {
    await registry.refresh();
    return registry.list();
  } finally {
    if (!running) registry.dispose();
  }
}

function describeNotifications(isNotifying: boolean, isSupported: () => boolean): Finding {
  if (!isNotifying) return skipped('They are switched off in Baton’s settings.');
  return isSupported()
    ? ok('Baton shows them, unless this system is told not to.')
    : wrong('This system takes no notifications. Allow them for Baton there, or switch them off in Baton’s settings.');
}
