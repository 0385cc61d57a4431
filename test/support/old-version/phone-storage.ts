/**
 * A phone's storage as JSON. It is read and written with the browser's own API and not with the page's code, so that a restored phone is
 * what the old page left, in the old layout, whatever the page is by now.
 */
import type { Page } from '@playwright/test';

interface StoreDump {
  readonly name: string;
  readonly keyPath: string | string[] | null;
  readonly autoIncrement: boolean;
  readonly indexes: readonly { name: string; keyPath: string | string[]; unique: boolean; multiEntry: boolean }[];
  /** Bytes as `{$bytes}` in hex, keys as `{$key}` in JWK. */
  readonly records: readonly unknown[];
}

export interface StorageDump {
  readonly database: string;
  readonly version: number;
  readonly stores: readonly StoreDump[];
  readonly local: Readonly<Record<string, string>>;
}

/** What `dumpStorage` writes of a record, with bytes and keys in it. */
export type StoredRecord = Readonly<Record<string, unknown>>;

export function recordsOf(dump: StorageDump, store: string): StoredRecord[] {
  return (dump.stores.find(({ name }) => name === store)?.records ?? []) as StoredRecord[];
}

/**
 * Before the page is loaded: keys that it makes can be read by `dumpStorage`. Nothing else of them is different, and `restoreStorage` makes
 * them keys that cannot be read, as they are on a real phone.
 */
export async function makeKeysReadable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { subtle } = crypto;
    const generateKey = subtle.generateKey.bind(subtle) as (...args: unknown[]) => Promise<unknown>;
    const readable = (algorithm: unknown, _isExtractable: boolean, usages: unknown) =>
      generateKey(algorithm, true, usages);
    Object.defineProperty(subtle, 'generateKey', { value: readable });
  });
}

/** The database and the local storage of the page's origin. A key that cannot be read is `{$key: null}` with what is known of it. */
export async function dumpStorage(page: Page, database: string): Promise<StorageDump> {
  return await page.evaluate(async (name) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const encode = async (value: unknown): Promise<unknown> => {
      if (value instanceof CryptoKey) {
        const { algorithm, usages, type, extractable } = value;
        const jwk = extractable ? await crypto.subtle.exportKey('jwk', value) : null;
        return { $key: jwk, algorithm, usages, type };
      }
      if (value instanceof Uint8Array)
        return { $bytes: [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
      if (Array.isArray(value)) return await Promise.all(value.map(encode));
      if (value === null || typeof value !== 'object') return value;
      if (Object.getPrototypeOf(value) !== Object.prototype)
        throw new Error(`No JSON for a ${value.constructor.name}.`);
      const entries = Object.entries(value).map(async ([key, inner]) => [key, await encode(inner)] as const);
      return Object.fromEntries(await Promise.all(entries));
    };
    const db = await done(indexedDB.open(name));
    const stores = [];
    for (const storeName of db.objectStoreNames) {
      const store = db.transaction(storeName).objectStore(storeName);
      const { keyPath, autoIncrement } = store;
      const indexes = [...store.indexNames].map((indexName) => {
        const { name: ofIndex, keyPath: path, unique, multiEntry } = store.index(indexName);
        return { name: ofIndex, keyPath: path, unique, multiEntry };
      });
      const records = (await encode(await done(store.getAll()))) as unknown[];
      stores.push({ name: storeName, keyPath, autoIncrement, indexes, records });
    }
    const { version } = db;
    db.close();
    return { database: name, version, stores, local: { ...localStorage } };
  }, database);
}

/** On a page of the origin whose database is not there yet: makes it in the layout of the dump and puts everything in. */
export async function restoreStorage(page: Page, dump: StorageDump): Promise<void> {
  await page.evaluate(async ({ database, version, stores, local }) => {
    const decode = async (value: unknown): Promise<unknown> => {
      if (Array.isArray(value)) return await Promise.all(value.map(decode));
      if (value === null || typeof value !== 'object') return value;
      if ('$bytes' in value)
        return Uint8Array.from((value.$bytes as string).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      if ('$key' in value) {
        const { $key, algorithm, usages } = value as unknown as {
          $key: JsonWebKey;
          algorithm: AlgorithmIdentifier;
          usages: KeyUsage[];
        };
        const { ext: _readable, key_ops: _usages, ...jwk } = $key;
        return await crypto.subtle.importKey('jwk', jwk, algorithm, false, usages);
      }
      const entries = Object.entries(value).map(async ([key, inner]) => [key, await decode(inner)] as const);
      return Object.fromEntries(await Promise.all(entries));
    };
    const decoded = await Promise.all(stores.map(({ records }) => Promise.all(records.map(decode))));
    const opening = indexedDB.open(database, version);
    opening.onupgradeneeded = (event) => {
      if (event.oldVersion !== 0) throw new Error(`There is a database ${database} already.`);
      for (const { name, keyPath, autoIncrement, indexes } of stores) {
        const store = opening.result.createObjectStore(name, { keyPath, autoIncrement });
        for (const { name: ofIndex, keyPath: path, ...rest } of indexes) store.createIndex(ofIndex, path, rest);
      }
    };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const db = opening.result;
      const transaction = db.transaction(db.objectStoreNames, 'readwrite');
      stores.forEach(({ name }, index) => {
        for (const record of decoded[index] ?? []) transaction.objectStore(name).put(record);
      });
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        db.close();
        resolve();
      };
    };
    await promise;
    for (const [key, text] of Object.entries(local)) localStorage.setItem(key, text);
  }, dump);
}
