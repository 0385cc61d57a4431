import type Database from 'better-sqlite3';

/** `seen_at` is only for forgetting after months, so it is not written on every connection. */
const SEEN_RESOLUTION_MS = 24 * 60 * 60_000;

/**
 * `unknown-host`: this relay has no list of that host, so it cannot say that the device is not on it.
 * (A relay that lost its database must not turn devices away for good before their host is back.)
 */
export type Standing = 'admitted' | 'not-admitted' | 'unknown-host';

/**
 * Which devices each host admits: ids only, no keys (an id is the hash of a key, and whoever authenticates shows the key).
 */
export class Admission {
  readonly #isAdmitted: Database.Statement<[string, string], number>;
  readonly #seenAt: Database.Statement<[string], number>;
  readonly #countHosts: Database.Statement<[], number>;
  readonly #devicesOf: Database.Statement<[string], string>;
  readonly #forget: Database.Statement<[number]>;
  readonly #setSeen: Database.Statement<[string, number]>;
  readonly #replace: (hostId: string, devices: ReadonlySet<string>, wallNow: number) => void;

  constructor(database: Database.Database) {
    this.#isAdmitted = database
      .prepare<[string, string], number>('SELECT 1 FROM device WHERE host = ? AND id = ?')
      .pluck();
    this.#seenAt = database.prepare<[string], number>('SELECT seen_at FROM host WHERE id = ?').pluck();
    this.#countHosts = database.prepare<[], number>('SELECT count(*) FROM host').pluck();
    this.#devicesOf = database.prepare<[string], string>('SELECT id FROM device WHERE host = ? ORDER BY id').pluck();
    this.#forget = database.prepare<[number]>('DELETE FROM host WHERE seen_at < ?');
    this.#setSeen = database.prepare<[string, number]>(
      'INSERT INTO host (id, seen_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at',
    );
    const removeDevices = database.prepare<[string]>('DELETE FROM device WHERE host = ?');
    const addDevice = database.prepare<[string, string]>('INSERT INTO device (host, id) VALUES (?, ?)');
    this.#replace = database.transaction((hostId: string, devices: ReadonlySet<string>, wallNow: number) => {
      this.#setSeen.run(hostId, wallNow);
      removeDevices.run(hostId);
      for (const device of devices) addDevice.run(hostId, device);
    });
  }

  standing(hostId: string, deviceId: string): Standing {
    if (this.#isAdmitted.get(hostId, deviceId) !== undefined) return 'admitted';
    return this.isKnown(hostId) ? 'not-admitted' : 'unknown-host';
  }

  isKnown(hostId: string): boolean {
    return this.#seenAt.get(hostId) !== undefined;
  }

  get hostCount(): number {
    return this.#countHosts.get() ?? 0;
  }

  /** Makes this the whole list of the host. On disk when it returns. */
  replace(hostId: string, devices: ReadonlySet<string>, wallNow: number): void {
    const stored = this.#devicesOf.all(hostId);
    const isSame = stored.length === devices.size && stored.every((id) => devices.has(id));
    if (isSame && this.isKnown(hostId)) this.#touch(hostId, wallNow);
    else this.#replace(hostId, devices, wallNow);
  }

  /** Deletes the lists of hosts last seen before `wallTime`; says how many. */
  forgetUnseenSince(wallTime: number): number {
    return this.#forget.run(wallTime).changes;
  }

  #touch(hostId: string, wallNow: number): void {
    const seenAt = this.#seenAt.get(hostId) ?? 0;
    if (Math.abs(wallNow - seenAt) >= SEEN_RESOLUTION_MS) this.#setSeen.run(hostId, wallNow);
  }
}
