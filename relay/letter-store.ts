import type Database from 'better-sqlite3';
import { LETTER_BATCH_MAX, LETTER_BATCH_MAX_BYTES, LETTERS_PER_DEVICE_MAX } from '#protocol/limits.ts';
import type { LetterState, MailRefusal } from '#protocol/relay-messages.ts';
import type { RelayLimits } from './limits.ts';
import { storageFailure } from './storage-failure.ts';

/** A letter on its way to its host. */
export interface HandedLetter {
  readonly place: number;
  readonly id: string;
  readonly device: string;
  readonly body: Buffer;
}

type StoreLimits = Pick<
  RelayLimits,
  'lettersPerDeviceMax' | 'letterBytesPerHostMax' | 'letterBytesMax' | 'letterLifetimeMs'
>;

/**
 * Letters that devices left for hosts which are away: opaque bytes, a random name, whose they are, since when. Of one that the host
 * has confirmed only the name stays for a while, so that its sender can be told.
 */
export class LetterStore {
  readonly #database: Database.Database;
  readonly #limits: StoreLimits;
  readonly #statements;
  /** Hosts that have asked for letters, which could not be stored yet on a full disk: nor, maybe, could the hosts themselves. */
  readonly #newTakers = new Set<string>();
  /** Of all letters that wait. */
  #bytes = 0;
  #count = 0;

  constructor(database: Database.Database, limits: StoreLimits) {
    this.#database = database;
    this.#limits = limits;
    this.#statements = {
      totals: database.prepare<[], { count: number; bytes: number }>(
        "SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM letter WHERE state <> 'taken'",
      ),
      find: database.prepare<[string, string], { device: string; state: LetterState; bytes: number }>(
        'SELECT device, state, bytes FROM letter WHERE host = ? AND id = ?',
      ),
      waiting: database
        .prepare<[string, string], number>(
          "SELECT count(*) FROM letter WHERE host = ? AND device = ? AND state <> 'taken'",
        )
        .pluck(),
      hostBytes: database
        .prepare<[string], number>("SELECT coalesce(sum(bytes), 0) FROM letter WHERE host = ? AND state <> 'taken'")
        .pluck(),
      add: database.prepare<[string, string, string, number, number, Buffer]>(
        "INSERT INTO letter (host, device, id, state, at, bytes, body) VALUES (?, ?, ?, 'kept', ?, ?, ?)",
      ),
      next: database.prepare<[string, number, number], { place: number; bytes: number }>(
        `SELECT place, bytes FROM letter WHERE host = ? AND place > ? AND state <> 'taken' AND at >= ?
         ORDER BY place LIMIT ${LETTER_BATCH_MAX}`,
      ),
      body: database.prepare<[number], HandedLetter>('SELECT place, id, device, body FROM letter WHERE place = ?'),
      hand: database.prepare<[number]>("UPDATE letter SET state = 'handed' WHERE place = ?"),
      take: database.prepare<[number, string, string]>(
        "UPDATE letter SET state = 'taken', at = ?, body = NULL WHERE host = ? AND id = ? AND state <> 'taken'",
      ),
      remove: database.prepare<[string, string]>('DELETE FROM letter WHERE host = ? AND id = ?'),
      list: database.prepare<[string, string, number], { letter: string; state: LetterState }>(
        `SELECT id AS letter, state FROM letter WHERE host = ? AND device = ? AND (state = 'taken' OR at >= ?)
         ORDER BY place DESC LIMIT ${2 * LETTERS_PER_DEVICE_MAX}`,
      ),
      dropTaken: database.prepare<[string, string]>(
        `DELETE FROM letter WHERE state = 'taken' AND place IN (
           SELECT place FROM letter WHERE host = ? AND device = ? AND state = 'taken'
           ORDER BY place DESC LIMIT -1 OFFSET ${LETTERS_PER_DEVICE_MAX})`,
      ),
      devicesOf: database.prepare<[string], string>('SELECT DISTINCT device FROM letter WHERE host = ?').pluck(),
      removeDevice: database.prepare<[string, string]>('DELETE FROM letter WHERE host = ? AND device = ?'),
      expire: database.prepare<[number]>('DELETE FROM letter WHERE at < ?'),
      takesLetters: database.prepare<[string], number>('SELECT takes_letters FROM host WHERE id = ?').pluck(),
      noteTaker: database.prepare<[string]>('UPDATE host SET takes_letters = 1 WHERE id = ? AND takes_letters = 0'),
    };
    this.#recount();
  }

  /** Letters that wait, in all. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether this host has ever asked for letters: one that has not would never get them. */
  takesLetters(host: string): boolean {
    return this.#newTakers.has(host) || this.#statements.takesLetters.get(host) === 1;
  }

  /** The host must be known. On a disk that fails it throws, and is noted all the same until it can be stored. */
  noteTaker(host: string): void {
    this.#newTakers.add(host);
    const { changes } = this.#statements.noteTaker.run(host);
    if (changes > 0 || this.#statements.takesLetters.get(host) === 1) this.#newTakers.delete(host);
  }

  /** Stores those that could not be stored. On a disk that fails, none. */
  noteTakersAgain(): void {
    try {
      for (const host of [...this.#newTakers]) this.noteTaker(host);
    } catch (error) {
      if (storageFailure(error) === null) throw error;
    }
  }

  /** Null: it is on disk. The same letter once more is kept once. The host must be known, and the device on its list. */
  put(letter: { host: string; device: string; id: string; body: Buffer }, wallNow: number): MailRefusal | null {
    const { host, device, id, body } = letter;
    const known = this.#statements.find.get(host, id);
    if (known) return known.device === device ? null : 'not-admitted';
    const { lettersPerDeviceMax, letterBytesPerHostMax, letterBytesMax } = this.#limits;
    if ((this.#statements.waiting.get(host, device) ?? 0) >= lettersPerDeviceMax) return 'full';
    if (this.#bytes + body.length > letterBytesMax) return 'no-room';
    if ((this.#statements.hostBytes.get(host) ?? 0) + body.length > letterBytesPerHostMax) return 'no-room';
    this.#statements.add.run(host, device, id, wallNow, body.length, body);
    this.#count += 1;
    this.#bytes += body.length;
    return null;
  }

  /** The next few letters of a host behind `after`, in the order in which they came. That they were handed over is on disk first. */
  hand(host: string, after: number, wallNow: number): HandedLetter[] {
    const letters: HandedLetter[] = [];
    let bytes = 0;
    this.#transaction(() => {
      for (const next of this.#statements.next.all(host, after, wallNow - this.#limits.letterLifetimeMs)) {
        bytes += next.bytes;
        if (letters.length > 0 && bytes > LETTER_BATCH_MAX_BYTES) break;
        this.#statements.hand.run(next.place);
        letters.push(this.#statements.body.get(next.place) as HandedLetter);
      }
    });
    return letters;
  }

  /** The host has these: they are forgotten but for their names. Says how many there were. */
  take(host: string, ids: readonly string[], wallNow: number): number {
    let taken = 0;
    if (ids.length === 0) return taken;
    this.#transaction(() => {
      const devices = new Set<string>();
      for (const id of ids) {
        const found = this.#statements.find.get(host, id);
        if (!found || this.#statements.take.run(wallNow, host, id).changes === 0) continue;
        devices.add(found.device);
        taken += 1;
      }
      for (const device of devices) this.#statements.dropTaken.run(host, device);
    });
    this.#recount();
    return taken;
  }

  /** What its sender may know of its letters, newest first. */
  list(host: string, device: string, wallNow: number): { letter: string; state: LetterState }[] {
    return this.#statements.list.all(host, device, wallNow - this.#limits.letterLifetimeMs);
  }

  /** Takes a letter out if the host never got it. Says what it was until now; null if it is not there. */
  cancel(host: string, device: string, id: string): LetterState | null {
    const found = this.#statements.find.get(host, id);
    if (found?.device !== device) return null;
    if (found.state !== 'kept') return found.state;
    this.#statements.remove.run(host, id);
    this.#count -= 1;
    this.#bytes -= found.bytes;
    return 'kept';
  }

  /** Forgets the letters of devices that are not on the host's list any more; says how many. */
  keepOnly(host: string, devices: ReadonlySet<string>): number {
    const strangers = this.#statements.devicesOf.all(host).filter((device) => !devices.has(device));
    if (strangers.length === 0) return 0;
    let removed = 0;
    this.#transaction(() => {
      for (const device of strangers) removed += this.#statements.removeDevice.run(host, device).changes;
    });
    this.#recount();
    this.#emptyJournal();
    return removed;
  }

  /**
   * Deletes what is older than a letter may get; says how many: none on a disk that fails, where they are neither handed over nor
   * listed. Also counts again, since hosts may have been forgotten.
   */
  expire(wallNow: number): number {
    let deleted = 0;
    try {
      deleted = this.#statements.expire.run(wallNow - this.#limits.letterLifetimeMs).changes;
    } catch (error) {
      if (storageFailure(error) === null) throw error;
    }
    this.#recount();
    this.#emptyJournal();
    return deleted;
  }

  /** What was deleted is still in the write-ahead log until that is written back: on a disk that fails, some time later. */
  #emptyJournal(): void {
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      if (storageFailure(error) === null) throw error;
    }
  }

  #recount(): void {
    const totals = this.#statements.totals.get();
    this.#count = totals?.count ?? 0;
    this.#bytes = totals?.bytes ?? 0;
  }

  #transaction(run: () => void): void {
    this.#database.transaction(run).immediate();
  }
}
