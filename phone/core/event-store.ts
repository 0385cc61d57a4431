/** The logs of one host's sessions on this device. Events and the cursor that covers them are always written in one transaction. */
import type { WireEvent } from '#protocol/events.ts';
import type { Cursor } from '#protocol/messages.ts';
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

/** An object store of events, in a transaction of any mode. */
interface EventReader {
  getKey(query: IDBKeyRange): Promise<[string, string, number] | undefined>;
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
      const store = transaction.objectStore('events');
      const first = await this.#first(store, cursor);
      const isOverfull = seq - first >= STORED_EVENTS_MAX + STORED_EVENTS_SLACK;
      await Promise.all([
        ...fresh.map((event) => store.put(this.#record(session, event))),
        isOverfull && store.delete(this.#ofSession(session, 0, seq - STORED_EVENTS_MAX)),
        cursors.put({ ...cursor, seq }),
        transaction.done,
      ]);
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
      await Promise.all([
        store.delete(this.#ofSession(session)),
        ...events.map((event) => store.put(this.#record(session, event))),
        transaction.objectStore('cursors').put({ host: this.#host, session, epoch, seq: last }),
        transaction.done,
      ]);
      return { kind: 'stored', seq: last, fresh: events };
    });
  }

  /** Stores a page that ends right before what is stored, if there is room for it. Says whether it was stored. */
  prepend(session: string, epoch: string, events: readonly WireEvent[]): Promise<boolean> {
    return this.#write(async (database) => {
      const transaction = database.transaction(['events', 'cursors'], 'readwrite', RELAXED);
      const store = transaction.objectStore('events');
      const cursor = await transaction.objectStore('cursors').get([this.#host, session]);
      const first = cursor?.epoch === epoch ? (await this.#first(store, cursor)) - events.length : 0;
      const fits = cursor && first >= 1 && cursor.seq - first < STORED_EVENTS_MAX && isContiguous(events, first);
      await Promise.all([
        ...(fits ? events.map((event) => store.put(this.#record(session, event))) : []),
        transaction.done,
      ]);
      return Boolean(fits);
    });
  }

  /** Up to `limit` stored events with seq below `before`, the newest of them; null for the end of the log. */
  async page(session: string, before: number | null, limit: number): Promise<StoredPage> {
    return await this.#read(session, (seq) => {
      const last = before === null ? seq : Math.min(before - 1, seq);
      return [last - limit + 1, last];
    });
  }

  /** All stored events with seq above `after`; starts later if `after + 1` is not stored any more. */
  async since(session: string, after: number): Promise<StoredPage> {
    return await this.#read(session, (seq) => [after + 1, seq]);
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

  /** Only deletes: a full storage takes no writes at all. */
  async #shrinkAll(database: OpenDatabase): Promise<void> {
    const transaction = database.transaction(['events', 'cursors'], 'readwrite');
    const cursors = await transaction.objectStore('cursors').getAll();
    const ranges = cursors.map(({ host, session, seq }) =>
      IDBKeyRange.bound([host, session, 0], [host, session, Math.max(0, seq - STORED_EVENTS_WHEN_FULL)]),
    );
    await Promise.all([...ranges.map((range) => transaction.objectStore('events').delete(range)), transaction.done]);
  }

  /** `range` gets the last seq, and gives what to read of what is stored. */
  async #read(session: string, range: (seq: number) => [first: number, last: number]): Promise<StoredPage> {
    return await this.#database.run(async (database) => {
      const transaction = database.transaction(['events', 'cursors']);
      const store = transaction.objectStore('events');
      const cursor = await transaction.objectStore('cursors').get([this.#host, session]);
      if (!cursor) return EMPTY_PAGE;
      const [wanted, last] = range(cursor.seq);
      const first = Math.max(await this.#first(store, cursor), wanted);
      if (last < first) return { events: [], first, last: first - 1 };
      return { events: await store.getAll(this.#ofSession(session, first, last)), first, last };
    });
  }

  /** Seq of the oldest stored event; that of the next one if none is stored. */
  async #first(store: EventReader, cursor: CursorRecord): Promise<number> {
    const key = await store.getKey(this.#ofSession(cursor.session));
    return key ? key[2] : cursor.seq + 1;
  }

  #record(session: string, { seq, at, kind, body }: WireEvent): EventRecord {
    return { host: this.#host, session, seq, at, kind, body };
  }

  #emptyCursor(session: string, epoch: string): CursorRecord {
    return { host: this.#host, session, epoch, seq: 0 };
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
