/** The logs of one host's sessions on this device. Events and the cursor that covers them are always written in one transaction. */
import type { WireEvent } from '../../protocol/events.ts';
import type { Cursor } from '../../protocol/messages.ts';
import { type CursorRecord, type Database, type EventRecord, isQuotaError, type OpenDatabase } from './database.ts';
import { STORED_EVENTS_MAX, STORED_EVENTS_SLACK, STORED_EVENTS_WHEN_FULL, STORED_SESSIONS_MAX } from './limits.ts';

export type ApplyResult =
  /** Stored up to `seq`. `fresh`: those that were new. */
  | { kind: 'stored'; seq: number; fresh: readonly WireEvent[] }
  /** They do not follow what is stored here; nothing was written. */
  | { kind: 'gap' };

export interface StoredPage {
  readonly events: readonly WireEvent[];
  /** Lowest and highest seq of the page; `last` is `first - 1` if it is empty. */
  readonly first: number;
  readonly last: number;
}

const EMPTY_PAGE: StoredPage = { events: [], first: 1, last: 0 };
/** What syncs can be lost by a power cut: the cursor goes with it, and the host sends it again. */
const RELAXED = { durability: 'relaxed' } as const;

export class EventStore {
  readonly #database: Database;
  readonly #host: string;

  constructor(database: Database, host: string) {
    this.#database = database;
    this.#host = host;
  }

  async cursors(): Promise<Cursor[]> {
    const records = await this.#database.run((database) => database.getAll('cursors', this.#ofHost()));
    return records.map(({ session, epoch, seq }) => ({ session, epoch, seq }));
  }

  cursor(session: string): Promise<CursorRecord | undefined> {
    return this.#database.run((database) => database.get('cursors', [this.#host, session]));
  }

  /** Appends contiguous events: what is already stored is skipped, and what leaves a gap is refused whole. */
  append(session: string, epoch: string, events: readonly WireEvent[]): Promise<ApplyResult> {
    return this.#write(async (database) => {
      const transaction = database.transaction(['events', 'cursors'], 'readwrite', RELAXED);
      const cursors = transaction.objectStore('cursors');
      const stored = await cursors.get([this.#host, session]);
      const cursor = stored ?? this.#emptyCursor(session, epoch);
      const fresh = events.filter((event) => event.seq > cursor.seq);
      if (cursor.epoch !== epoch || !isContiguous(fresh, cursor.seq + 1)) {
        await transaction.done;
        return { kind: 'gap' };
      }
      const seq = cursor.seq + fresh.length;
      const isOverfull = seq - cursor.first >= STORED_EVENTS_MAX + STORED_EVENTS_SLACK;
      const first = isOverfull ? seq - STORED_EVENTS_MAX + 1 : cursor.first;
      const store = transaction.objectStore('events');
      const writes: Promise<unknown>[] = fresh.map((event) => store.put(this.#record(session, event)));
      if (isOverfull) writes.push(store.delete(this.#ofSession(session, 0, first - 1)));
      writes.push(cursors.put({ ...cursor, first, seq }), transaction.done);
      await Promise.all(writes);
      return { kind: 'stored', seq, fresh };
    });
  }

  /** Replaces all that is stored of the session. Refused if the events are not contiguous up to `last`. */
  replace(session: string, epoch: string, last: number, events: readonly WireEvent[]): Promise<ApplyResult> {
    const first = last - events.length + 1;
    if (first < 1 || !isContiguous(events, first)) return Promise.resolve({ kind: 'gap' });
    return this.#write(async (database) => {
      const transaction = database.transaction(['events', 'cursors'], 'readwrite', RELAXED);
      const store = transaction.objectStore('events');
      const cursor: CursorRecord = { host: this.#host, session, epoch, first, seq: last };
      await Promise.all([
        store.delete(this.#ofSession(session)),
        ...events.map((event) => store.put(this.#record(session, event))),
        transaction.objectStore('cursors').put(cursor),
        transaction.done,
      ]);
      return { kind: 'stored', seq: last, fresh: events };
    });
  }

  /** Stores a page that ends right before what is stored, if there is room for it. Says whether it was stored. */
  prepend(session: string, epoch: string, events: readonly WireEvent[]): Promise<boolean> {
    return this.#write(async (database) => {
      const transaction = database.transaction(['events', 'cursors'], 'readwrite', RELAXED);
      const cursor = await transaction.objectStore('cursors').get([this.#host, session]);
      const first = (cursor?.first ?? 0) - events.length;
      const fits = cursor && cursor.epoch === epoch && cursor.seq - first < STORED_EVENTS_MAX;
      if (!fits || first < 1 || !isContiguous(events, first)) {
        await transaction.done;
        return false;
      }
      const store = transaction.objectStore('events');
      await Promise.all([
        ...events.map((event) => store.put(this.#record(session, event))),
        transaction.objectStore('cursors').put({ ...cursor, first }),
        transaction.done,
      ]);
      return true;
    });
  }

  /** Up to `limit` stored events with seq below `before`, the newest of them; null for the end of the log. */
  async page(session: string, before: number | null, limit: number): Promise<StoredPage> {
    return await this.#read(session, (cursor) => {
      const last = before === null ? cursor.seq : Math.min(before - 1, cursor.seq);
      return [Math.max(cursor.first, last - limit + 1), last];
    });
  }

  /** All stored events with seq above `after`; starts later if `after + 1` is not stored any more. */
  async since(session: string, after: number): Promise<StoredPage> {
    return await this.#read(session, (cursor) => [Math.max(cursor.first, after + 1), cursor.seq]);
  }

  /** Drops everything that another database of the host wrote. Resolves with the sessions that were dropped. */
  async dropOtherEpochs(epoch: string): Promise<string[]> {
    return await this.#dropSessions((cursors) => cursors.filter((cursor) => cursor.epoch !== epoch));
  }

  /** Keeps the number of stored sessions bounded: those that the host does not list any more go first. */
  async dropExcessSessions(listed: ReadonlySet<string>): Promise<void> {
    await this.#dropSessions((cursors) => {
      const excess = cursors.length - STORED_SESSIONS_MAX;
      // Ids are UUIDv7, so the oldest sessions sort first.
      const unlisted = cursors.filter((cursor) => !listed.has(cursor.session));
      return unlisted.sort((a, b) => (a.session < b.session ? -1 : 1)).slice(0, Math.max(0, excess));
    });
  }

  async #dropSessions(choose: (cursors: CursorRecord[]) => CursorRecord[]): Promise<string[]> {
    return await this.#database.run(async (database) => {
      const transaction = database.transaction(['events', 'cursors'], 'readwrite', RELAXED);
      const cursors = transaction.objectStore('cursors');
      const dropped = choose(await cursors.getAll(this.#ofHost())).map((cursor) => cursor.session);
      await Promise.all([
        ...dropped.flatMap((session) => [
          cursors.delete([this.#host, session]),
          transaction.objectStore('events').delete(this.#ofSession(session)),
        ]),
        transaction.done,
      ]);
      return dropped;
    });
  }

  /** Writes; if the storage is full, makes room by keeping less of every session and tries once more. */
  async #write<T>(operation: (database: OpenDatabase) => Promise<T>): Promise<T> {
    try {
      return await this.#database.run(operation);
    } catch (error) {
      if (!isQuotaError(error)) throw error;
      await this.#database.run((database) => this.#shrinkAll(database));
      return await this.#database.run(operation);
    }
  }

  async #shrinkAll(database: OpenDatabase): Promise<void> {
    const transaction = database.transaction(['events', 'cursors'], 'readwrite');
    const cursors = transaction.objectStore('cursors');
    const writes: Promise<unknown>[] = [];
    for (const cursor of await cursors.getAll()) {
      const first = Math.max(cursor.first, cursor.seq - STORED_EVENTS_WHEN_FULL + 1);
      const range = IDBKeyRange.bound([cursor.host, cursor.session, 0], [cursor.host, cursor.session, first - 1]);
      writes.push(transaction.objectStore('events').delete(range), cursors.put({ ...cursor, first }));
    }
    await Promise.all([...writes, transaction.done]);
  }

  async #read(session: string, range: (cursor: CursorRecord) => [first: number, last: number]): Promise<StoredPage> {
    return await this.#database.run(async (database) => {
      const transaction = database.transaction(['events', 'cursors']);
      const cursor = await transaction.objectStore('cursors').get([this.#host, session]);
      if (!cursor) return EMPTY_PAGE;
      const [first, last] = range(cursor);
      if (last < first) return { events: [], first, last: first - 1 };
      const events = await transaction.objectStore('events').getAll(this.#ofSession(session, first, last));
      return { events, first, last };
    });
  }

  #record(session: string, { seq, at, kind, body }: WireEvent): EventRecord {
    return { host: this.#host, session, seq, at, kind, body };
  }

  #emptyCursor(session: string, epoch: string): CursorRecord {
    return { host: this.#host, session, epoch, first: 1, seq: 0 };
  }

  #ofHost(): IDBKeyRange {
    return IDBKeyRange.bound([this.#host], [this.#host, []]);
  }

  #ofSession(session: string, first = 0, last = Number.POSITIVE_INFINITY): IDBKeyRange {
    return IDBKeyRange.bound([this.#host, session, first], [this.#host, session, last]);
  }
}

function isContiguous(events: readonly WireEvent[], first: number): boolean {
  return events.every((event, index) => event.seq === first + index);
}
