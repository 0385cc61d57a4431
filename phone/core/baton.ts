/** The core's composition root. */
import { signal } from '@preact/signals';
import { SerialQueue } from '#lib/serial-queue.ts';
import { unawaited } from '#lib/unawaited.ts';
import { PAIRING_PATH } from '#protocol/pairing-link.ts';
import { isAdmitted } from './admission-check.ts';
import type { Baton, Pairing } from './contract.ts';
import { Database, type HostRecord } from './database.ts';
import { unwrapKeys } from './device-keys.ts';
import { createBrowserEnvironment } from './environment.ts';
import { StoredHostConnection } from './host-connection.ts';
import { HostStore } from './host-store.ts';
import { watchForUpdates } from './page-update.ts';
import { DevicePairing } from './pairing.ts';
import { Tabs } from './tabs.ts';

/** Put in by the build; tests run from source. */
declare const __BATON_BUILD__: string | undefined;
const BUILD = typeof __BATON_BUILD__ === 'string' ? __BATON_BUILD__ : 'source';

/** Opens what is stored and connects to every paired host. Never rejects: what this browser lacks is said when pairing. */
export async function createBaton(): Promise<Baton> {
  const core = new BatonCore(takePairingUrl());
  await core.load();
  return core;
}

class BatonCore implements Baton {
  readonly build = BUILD;
  readonly update = watchForUpdates();
  readonly #hosts = signal<readonly StoredHostConnection[]>([]);
  readonly #environment = createBrowserEnvironment();
  readonly #database = new Database();
  readonly #store = new HostStore(this.#database);
  readonly #tabs = new Tabs();
  /** One at a time, or a host would be connected to twice. */
  readonly #loading = new SerialQueue();
  /** The pairing link that was in the address bar, until somebody takes it. */
  #pairingUrl: string | null;

  constructor(pairingUrl: string | null) {
    this.#pairingUrl = pairingUrl;
    this.#tabs.onDidHear((note) => {
      if (note.kind === 'hosts') unawaited(this.load({ isHeldElsewhere: true }), 'load the paired computers');
      else this.#hosts.value.find((host) => host.hostId === note.host)?.reloadOutbox();
    });
  }

  get hosts() {
    return this.#hosts;
  }

  /** Brings the list in line with what is stored. `isHeldElsewhere`: another tab changed it, and connects to what is new. */
  async load({ isHeldElsewhere = false } = {}): Promise<void> {
    try {
      await this.#loading.run(() => this.#load(isHeldElsewhere));
    } catch (error) {
      console.warn('Baton: this browser cannot read what it stored:', error);
    }
  }

  async #load(isHeldElsewhere: boolean): Promise<void> {
    const records = await this.#store.list();
    const before = new Map(this.#hosts.value.map((host) => [host.deviceId, host]));
    const hosts = await Promise.all(
      records.map((record) => before.get(record.deviceId) ?? this.#connect(record, isHeldElsewhere)),
    );
    for (const host of before.values()) if (!hosts.includes(host)) host.dispose();
    this.#hosts.value = hosts;
  }

  pairFromAddress(): Pairing | null {
    const url = takePairingUrl() ?? this.#pairingUrl;
    this.#pairingUrl = null;
    return url === null ? null : this.pairFromLink(url);
  }

  pairFromLink(link: string): Pairing {
    return new DevicePairing({
      environment: this.#environment,
      database: this.#database,
      hosts: this.#store,
      build: BUILD,
      url: link,
      pageOrigin: location.origin,
      userAgent: navigator.userAgent,
      persistStorage: async () => {
        // Browsers that say no may still keep it; there is nothing else to ask.
        await navigator.storage?.persist?.().catch(() => false);
      },
      onPaired: async () => {
        await this.load();
        this.#tabs.tell({ kind: 'hosts' });
      },
      confirm: (host) => this.#isAdmitted(host),
    });
  }

  async #connect(record: HostRecord, isHeldElsewhere: boolean): Promise<StoredHostConnection> {
    const [identity, state] = await Promise.all([this.#readIdentity(record), this.#store.state(record.hostId)]);
    return new StoredHostConnection({
      environment: this.#environment,
      database: this.#database,
      hosts: this.#store,
      build: BUILD,
      record,
      identity,
      state: state ?? null,
      isHeldElsewhere,
      onOutboxChanged: () => this.#tabs.tell({ kind: 'outbox', host: record.hostId }),
      onForgotten: () => {
        this.#hosts.value = this.#hosts.value.filter((host) => host.hostId !== record.hostId);
        this.#tabs.tell({ kind: 'hosts' });
      },
    });
  }

  async #readIdentity(record: HostRecord) {
    const stored = await this.#store.keys(record.deviceId);
    if (!stored) return null;
    try {
      return { keys: await unwrapKeys(stored), psk: stored.psk };
    } catch {
      return null;
    }
  }

  /** Connects as the device that was just stored, and sees whether the host answers. */
  async #isAdmitted(record: HostRecord): Promise<boolean> {
    const identity = await this.#readIdentity(record);
    return identity !== null && (await isAdmitted(this.#environment, { ...record, ...identity }, BUILD));
  }
}

/** Takes a pairing link out of the address bar, so that its secret stays nowhere; null if there is none. */
function takePairingUrl(): string | null {
  if (location.pathname !== PAIRING_PATH || location.hash.length < 2) return null;
  const url = location.href;
  history.replaceState(null, '', PAIRING_PATH);
  return url;
}
