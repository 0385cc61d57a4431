import type Database from 'better-sqlite3';
import { storageFailure } from './storage-failure.ts';

/** `seen_at` is only for forgetting after months, so it is not written on every connection. */
const SEEN_RESOLUTION_MS = 24 * 60 * 60_000;

/**
 * `unknown-host`: this relay has no list of that host, so it cannot say that the device is not on it.
 * (A relay that lost its database must not turn devices away for good before their host is back.)
 */
export type Standing = 'admitted' | 'not-admitted' | 'unknown-host';

/**
 * Which devices each host admits: ids only, no keys (an id is the hash of a key, and anyone who authenticates shows the key).
 */
export class Admission {
  readonly #isAdmitted: Database.Statement<[string, string], number>;
  readonly #seenAt: Database.Statement<[string], number>;
  readonly #countHosts: Database.Statement<[], number>;
  readonly #devicesOf: Database.Statement<[string], string>;
  readonly #forget: Database.Statement<[number]>;
  readonly #setSeen: Database.Statement<[string, number]>;
  readonly #replace: (hostId: string, devices: ReadonlySet<string>, wallNow: number) => void;
  /** Lists for which the disk had no room. They hold until they are stored, or this relay ends and the hosts bring them again. */
  readonly #unstored = new Map<string, ReadonlySet<string>>();

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
    const kept = this.#unstored.get(hostId);
    if (kept) return kept.has(deviceId) ? 'admitted' : 'not-admitted';
    if (this.#isAdmitted.get(hostId, deviceId) !== undefined) return 'admitted';
    return this.isKnown(hostId) ? 'not-admitted' : 'unknown-host';
  }

  isKnown(hostId: string): boolean {
    return this.#unstored.has(hostId) || this.#seenAt.get(hostId) !== undefined;
  }

  get hostCount(): number {
    let count = this.#countHosts.get() ?? 0;
    for (const hostId of this.#unstored.keys()) if (this.#seenAt.get(hostId) === undefined) count += 1;
    return count;
  }

  /** Lists that wait for room on the disk. */
  get unstoredCount(): number {
    return this.#unstored.size;
  }

  /**
   * Makes this the whole list of the host. Null: it is on disk. Else why not, in words, and it is kept in memory: the hosts' own
   * refusals count, and a host brings its list with every connection, so nobody is locked out, or in, by a disk that is full.
   */
  replace(hostId: string, devices: ReadonlySet<string>, wallNow: number): string | null {
    try {
      this.#store(hostId, devices, wallNow);
      this.#unstored.delete(hostId);
      return null;
    } catch (error) {
      const text = storageFailure(error);
      if (text === null) throw error;
      this.#unstored.set(hostId, devices);
      return text;
    }
  }

  /** Tries to store what waits. Whether all of it is stored now. */
  storeAgain(wallNow: number): boolean {
    for (const [hostId, devices] of [...this.#unstored]) {
      if (this.replace(hostId, devices, wallNow) !== null) return false;
    }
    return true;
  }

  #store(hostId: string, devices: ReadonlySet<string>, wallNow: number): void {
    const stored = this.#devicesOf.all(hostId);
    const isSame = stored.length === devices.size && stored.every((id) => devices.has(id));
    if (isSame && this.#seenAt.get(hostId) !== undefined) this.#touch(hostId, wallNow);
    else this.#replace(hostId, devices, wallNow);
  }

  /** Deletes the lists of hosts last seen before `wallTime`; says how many. On a disk that fails, none. */
  forgetUnseenSince(wallTime: number): number {
    try {
      return this.#forget.run(wallTime).changes;
    } catch (error) {
      if (storageFailure(error) === null) throw error;
      return 0;
    }
  }

  /** The host is here. On a disk that fails, that is not noted. */
  noteSeen(hostId: string, wallNow: number): void {
    if (this.#seenAt.get(hostId) === undefined) return;
    try {
      this.#touch(hostId, wallNow);
    } catch (error) {
      if (storageFailure(error) === null) throw error;
    }
  }

  #touch(hostId: string, wallNow: number): void {
    const seenAt = this.#seenAt.get(hostId) ?? 0;
    if (Math.abs(wallNow - seenAt) >= SEEN_RESOLUTION_MS) this.#setSeen.run(hostId, wallNow);
  }
}
