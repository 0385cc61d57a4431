/** The outbox of one host on disk, and the same in memory. What is written is on disk when the promise resolves. Not for two at a time. */
import type { Database, OutboxRecord } from '../store/database.ts';

const STRICT = { durability: 'strict' } as const;

export class OutboxRows {
  readonly #database: Database;
  readonly #host: string;
  #records: readonly OutboxRecord[] = [];

  constructor(database: Database, host: string) {
    this.#database = database;
    this.#host = host;
  }

  /** In the order in which they were made. */
  get records(): readonly OutboxRecord[] {
    return this.#records;
  }

  find(id: string): OutboxRecord | null {
    return this.#records.find((record) => record.id === id) ?? null;
  }

  /** Reads again what other tabs may have changed. */
  async load(): Promise<void> {
    const records = await this.#database.run((opened) => opened.getAllFromIndex('outbox', 'host', this.#host));
    this.#records = records.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  async add(record: OutboxRecord): Promise<void> {
    const order = await this.#database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      const [key] = await Promise.all([transaction.store.add(record), transaction.done]);
      return key;
    });
    this.#records = [...this.#records, { ...record, order }];
  }

  /** Writes it over the one with its id. */
  async put(record: OutboxRecord): Promise<void> {
    await this.#database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      await Promise.all([transaction.store.put(record), transaction.done]);
    });
    this.#records = this.#records.map((other) => (other.id === record.id ? record : other));
  }

  /** Notes where these may be by now; forgets those that another tab took back meanwhile. */
  async note(
    records: readonly OutboxRecord[],
    change: Pick<OutboxRecord, 'letter'> | { readonly hasLeft: true },
  ): Promise<void> {
    if (records.length === 0) return;
    const isThere = await this.#database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      const stored = await Promise.all(records.map(({ order = 0 }) => transaction.store.get(order)));
      const marked = stored.map((record) => record && transaction.store.put({ ...record, ...change }));
      await Promise.all([...marked, transaction.done]);
      return new Map(records.map(({ id }, index) => [id, stored[index] !== undefined]));
    });
    this.#records = this.#records
      .filter(({ id }) => isThere.get(id) !== false)
      .map((record) => (isThere.has(record.id) ? { ...record, ...change } : record));
  }

  /** Deletes a command that never left this device. False if another tab has sent it meanwhile: then it stays. */
  async deleteUnsent(record: OutboxRecord): Promise<boolean> {
    const { order = 0, id } = record;
    const isDeleted = await this.#database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      const stored = await transaction.store.get(order);
      // A letter that this tab does not know of was left by another one.
      const hasLeft = stored?.hasLeft === true || (stored?.letter ?? null)?.id !== record.letter?.id;
      await Promise.all([hasLeft ? undefined : transaction.store.delete(order), transaction.done]);
      return !hasLeft;
    });
    if (isDeleted) this.#records = this.#records.filter((other) => other.id !== id);
    return isDeleted;
  }

  async delete(records: readonly OutboxRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      const deletions = records.map((record) => record.order !== undefined && transaction.store.delete(record.order));
      await Promise.all([...deletions, transaction.done]);
    });
    this.#records = this.#records.filter((record) => !records.includes(record));
  }
}
