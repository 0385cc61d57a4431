import type { Scope } from '#protocol/commands.ts';
import type { HistoryDatabase } from './database.ts';

/** A paired device. Keys are raw bytes: Noise X25519 32 bytes, auth key SPKI (DER), psk 32 bytes. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly noiseKey: Uint8Array<ArrayBuffer>;
  readonly authKey: Uint8Array<ArrayBuffer>;
  /** Null once revoked: the key is gone for good. */
  readonly psk: Uint8Array<ArrayBuffer> | null;
  /** It has signed what it says once, with its auth key: from then on nothing is believed of it that is not signed. */
  readonly isSigning: boolean;
  readonly pairedAt: number;
  readonly lastSeenAt: number | null;
  readonly revokedAt: number | null;
}

export type NewDevice = Pick<Device, 'id' | 'name' | 'scope' | 'noiseKey' | 'authKey'> & {
  readonly psk: Uint8Array<ArrayBuffer>;
  readonly isSigning: boolean;
};

interface DeviceRow {
  id: string;
  name: string;
  scope: Scope;
  noise_key: Buffer;
  auth_key: Buffer;
  psk: Buffer | null;
  is_signing: 0 | 1;
  paired_at: number;
  last_seen_at: number | null;
  revoked_at: number | null;
}

/** The devices that were ever paired; revoked ones stay as a name and two dates. */
export class DeviceStore {
  readonly #database: HistoryDatabase;
  readonly #now: () => number;
  readonly #statements;

  constructor(database: HistoryDatabase, now: () => number) {
    this.#database = database;
    this.#now = now;
    const db = database.connection;
    this.#statements = {
      list: db.prepare<[], DeviceRow>('SELECT * FROM device ORDER BY paired_at, id'),
      active: db.prepare<[], DeviceRow>('SELECT * FROM device WHERE revoked_at IS NULL ORDER BY paired_at, id'),
      get: db.prepare<[string], DeviceRow>('SELECT * FROM device WHERE id = ?'),
      add: db.prepare(
        'INSERT INTO device (id, name, scope, noise_key, auth_key, psk, is_signing, paired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      rename: db.prepare('UPDATE device SET name = ? WHERE id = ? AND revoked_at IS NULL'),
      setScope: db.prepare('UPDATE device SET scope = ? WHERE id = ? AND revoked_at IS NULL'),
      setSigning: db.prepare('UPDATE device SET is_signing = 1 WHERE id = ? AND revoked_at IS NULL'),
      revoke: db.prepare('UPDATE device SET revoked_at = ?, psk = NULL WHERE id = ? AND revoked_at IS NULL'),
      touch: db.prepare('UPDATE device SET last_seen_at = ? WHERE id = ? AND revoked_at IS NULL'),
    };
    // What is forgotten must not linger in a free page.
    db.pragma('secure_delete = ON');
  }

  /** Revoked ones included, in the order in which they were paired. */
  list(): Device[] {
    return this.#statements.list.all().map(toDevice);
  }

  /** Those that are paired still. */
  active(): Device[] {
    return this.#statements.active.all().map(toDevice);
  }

  get(id: string): Device | null {
    const row = this.#statements.get.get(id);
    return row ? toDevice(row) : null;
  }

  /** Throws if the id is taken: a device that pairs again brings new keys and so a new id. */
  add(device: NewDevice): Device {
    const { id, name, scope, noiseKey, authKey, psk, isSigning } = device;
    this.#statements.add.run(
      id,
      name,
      scope,
      Buffer.from(noiseKey),
      Buffer.from(authKey),
      Buffer.from(psk),
      isSigning ? 1 : 0,
      this.#now(),
    );
    return this.get(id) as Device;
  }

  /** False if there is no such device, or it is revoked; so below. */
  rename(id: string, name: string): boolean {
    return this.#statements.rename.run(name, id).changes > 0;
  }

  setScope(id: string, scope: Scope): boolean {
    return this.#statements.setScope.run(scope, id).changes > 0;
  }

  /** Notes that the device signs what it says; that is never taken back. */
  setSigning(id: string): boolean {
    return this.#statements.setSigning.run(id).changes > 0;
  }

  /** Forgets the device's psk at once; it can never connect again. */
  revoke(id: string): boolean {
    const isRevoked = this.#statements.revoke.run(this.#now(), id).changes > 0;
    // The journal still holds the page with the key; writing it back empties the journal.
    this.#database.afterCommit(() => this.#database.connection.pragma('wal_checkpoint(TRUNCATE)'));
    return isRevoked;
  }

  /** Notes that the device was there just now. */
  touch(id: string): boolean {
    return this.#statements.touch.run(this.#now(), id).changes > 0;
  }
}

function toDevice(row: DeviceRow): Device {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    noiseKey: new Uint8Array(row.noise_key),
    authKey: new Uint8Array(row.auth_key),
    psk: row.psk && new Uint8Array(row.psk),
    isSigning: row.is_signing === 1,
    pairedAt: row.paired_at,
    lastSeenAt: row.last_seen_at,
    revokedAt: row.revoked_at,
  };
}
