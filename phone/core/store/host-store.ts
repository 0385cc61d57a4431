/** Which hosts this device is paired with, its keys for them, and what was last known of each. */
import type { Database, HostRecord, KeysRecord, StateRecord } from './database.ts';

const STRICT = { durability: 'strict' } as const;
const ALL_STORES = ['hosts', 'keys', 'events', 'cursors', 'outbox', 'state'] as const;

export class HostStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order in which they were paired. */
  async list(): Promise<HostRecord[]> {
    const hosts = await this.#database.run((database) => database.getAll('hosts'));
    return hosts.sort((a, b) => a.pairedAt - b.pairedAt);
  }

  host(hostId: string): Promise<HostRecord | undefined> {
    return this.#database.run((database) => database.get('hosts', hostId));
  }

  keys(deviceId: string): Promise<KeysRecord | undefined> {
    return this.#database.run((database) => database.get('keys', deviceId));
  }

  /** Writes a host and the keys for it in one transaction, on disk before it resolves. */
  async put(host: HostRecord, keys: KeysRecord): Promise<void> {
    await this.#database.run(async (database) => {
      const transaction = database.transaction(['hosts', 'keys'], 'readwrite', STRICT);
      await Promise.all([
        transaction.objectStore('hosts').put(host),
        transaction.objectStore('keys').put(keys),
        transaction.done,
      ]);
    });
  }

  /** Undoes `put`: those keys go, and the host is again what it was before, or nothing. */
  async restore(hostId: string, deviceId: string, before: HostRecord | undefined): Promise<void> {
    await this.#database.run(async (database) => {
      const transaction = database.transaction(['hosts', 'keys'], 'readwrite', STRICT);
      const hosts = transaction.objectStore('hosts');
      await Promise.all([
        before ? hosts.put(before) : hosts.delete(hostId),
        transaction.objectStore('keys').delete(deviceId),
        transaction.done,
      ]);
    });
  }

  /** Takes what the host says of itself. Does nothing for a host that was forgotten meanwhile. */
  async update(hostId: string, change: Partial<Pick<HostRecord, 'name' | 'scope'>>): Promise<void> {
    await this.#database.run(async (database) => {
      const transaction = database.transaction('hosts', 'readwrite');
      const host = await transaction.store.get(hostId);
      await Promise.all([host && transaction.store.put({ ...host, ...change }), transaction.done]);
    });
  }

  async deleteKeys(deviceId: string): Promise<void> {
    await this.#database.run((database) => database.delete('keys', deviceId));
  }

  state(hostId: string): Promise<StateRecord | undefined> {
    return this.#database.run((database) => database.get('state', hostId));
  }

  async putState(state: StateRecord): Promise<void> {
    await this.#database.run((database) => database.put('state', state));
  }

  /** Removes all that this device holds of a host, in one transaction. */
  async forget(hostId: string): Promise<void> {
    await this.#database.run(async (database) => {
      const transaction = database.transaction(ALL_STORES, 'readwrite', STRICT);
      const host = await transaction.objectStore('hosts').get(hostId);
      const ofHost = IDBKeyRange.bound([hostId], [hostId, []]);
      const orders = await transaction.objectStore('outbox').index('host').getAllKeys(hostId);
      await Promise.all([
        transaction.objectStore('hosts').delete(hostId),
        host && transaction.objectStore('keys').delete(host.deviceId),
        transaction.objectStore('events').delete(ofHost),
        transaction.objectStore('cursors').delete(ofHost),
        ...orders.map((order) => transaction.objectStore('outbox').delete(order)),
        transaction.objectStore('state').delete(hostId),
        transaction.done,
      ]);
    });
  }
}
