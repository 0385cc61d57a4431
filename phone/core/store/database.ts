/** This device's store: one IndexedDB database for all paired hosts. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Bytes } from '#protocol/bytes.ts';
import type { Scope } from '#protocol/commands.ts';
import type { WireEvent } from '#protocol/events.ts';
import type { HostState } from '#protocol/messages.ts';
import type { LetterState } from '#protocol/relay-messages.ts';
import type { OutboxCommand } from '#ui/client/outbox-rules.ts';
import type { Bye } from '../link/link-status.ts';

/** The letter in which a command was left at the relay. */
export interface StoredLetter {
  readonly id: string;
  /** The command before which this one must not happen, as it stands in the letter. */
  readonly after: string | null;
  /** `leaving`: it may be at the relay or not. Then as the relay says. */
  readonly state: 'leaving' | LetterState;
  /** When it was sealed. */
  readonly at: number;
}

const DATABASE_NAME = 'baton';
const DATABASE_VERSION = 1;

export interface HostRecord {
  readonly hostId: string;
  readonly name: string;
  /** The host's Noise key, 32 bytes. */
  readonly hostKey: Bytes;
  readonly relayOrigin: string;
  /** Names the keys of this device for this host, in `keys`. */
  readonly deviceId: string;
  readonly scope: Scope;
  readonly pairedAt: number;
}

/** The keys of this device for one host. No private key can be read by the page. */
export interface KeysRecord {
  readonly deviceId: string;
  /** AES-GCM, not extractable. */
  readonly wrappingKey: CryptoKey;
  readonly wrapIv: Bytes;
  /** The X25519 private key as PKCS #8, encrypted. */
  readonly wrappedNoiseKey: Bytes;
  readonly noisePublicKey: Bytes;
  /** ECDSA P-256, not extractable. */
  readonly authPrivateKey: CryptoKey;
  readonly authPublicKey: Bytes;
  /** Shared with the host alone, 32 bytes. */
  readonly psk: Bytes;
}

/** An event as the host sent it; times are by the host's clock. */
export interface EventRecord extends WireEvent {
  readonly host: string;
  readonly session: string;
}

/** What is stored of a session: its newest events, without gaps, up to `seq`. */
export interface CursorRecord {
  readonly host: string;
  readonly session: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface OutboxRecord extends OutboxCommand {
  /** Given by the store: the order in which commands were made. */
  readonly order?: number;
  readonly host: string;
  /** Whether it was ever handed to a channel, so that the host may know it. */
  readonly hasLeft: boolean;
  /** The letter in which it was left at the relay; missing if there is none. */
  readonly letter?: StoredLetter | null;
}

export interface StateRecord {
  readonly host: string;
  /** As the host sent it; times are by the host's clock. */
  readonly value: HostState | null;
  readonly provenAt: number | null;
  readonly clockOffset: number;
  /** The host's last goodbye, until it was heard of again; `at` by this device's clock. */
  readonly bye: Bye | null;
}

export interface BatonSchema extends DBSchema {
  hosts: { key: string; value: HostRecord };
  keys: { key: string; value: KeysRecord };
  events: { key: [string, string, number]; value: EventRecord };
  cursors: { key: [string, string]; value: CursorRecord };
  outbox: { key: number; value: OutboxRecord; indexes: { host: string; id: [string, string] } };
  state: { key: string; value: StateRecord };
}

export type OpenDatabase = IDBPDatabase<BatonSchema>;

/** Opens the database when it is first needed, and again when the browser took the connection away (WebKit does so in the background). */
export class Database {
  readonly #name: string;
  #opening: Promise<OpenDatabase> | null = null;

  constructor(name: string = DATABASE_NAME) {
    this.#name = name;
  }

  /** Runs `operation`; once more on a fresh connection if the first turned out to be closed. Rejects with what IndexedDB says. */
  async run<T>(operation: (database: OpenDatabase) => Promise<T>): Promise<T> {
    try {
      return await operation(await this.#open());
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await this.close();
      return await operation(await this.#open());
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    const database = await opening?.catch(() => null);
    database?.close();
  }

  #open(): Promise<OpenDatabase> {
    const forget = () => {
      if (this.#opening === opening) this.#opening = null;
    };
    const opening =
      this.#opening ??
      openDB<BatonSchema>(this.#name, DATABASE_VERSION, {
        upgrade(database) {
          database.createObjectStore('hosts', { keyPath: 'hostId' });
          database.createObjectStore('keys', { keyPath: 'deviceId' });
          database.createObjectStore('events', { keyPath: ['host', 'session', 'seq'] });
          database.createObjectStore('cursors', { keyPath: ['host', 'session'] });
          const outbox = database.createObjectStore('outbox', { keyPath: 'order', autoIncrement: true });
          outbox.createIndex('host', 'host');
          outbox.createIndex('id', ['host', 'id'], { unique: true });
          database.createObjectStore('state', { keyPath: 'host' });
        },
        // A tab with a newer page wants to upgrade: do not stand in its way.
        blocking: (_current, _blocked, event) => {
          forget();
          (event.target as IDBDatabase).close();
        },
        terminated: forget,
      });
    this.#opening = opening;
    opening.catch(forget);
    return opening;
  }
}

function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false;
  return error.name === 'InvalidStateError' || (error.name === 'UnknownError' && /connection/i.test(error.message));
}

export function isQuotaError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

/** What a person can do about a failure of this device's storage. */
export function describeStorageFailure(error: unknown): string {
  if (isQuotaError(error)) return "This browser's storage is full. Free some space on this device, then try again.";
  const detail = error instanceof Error ? error.message : String(error);
  return `This browser could not write to its storage (${detail}). Close other tabs of this page, then try again.`;
}
