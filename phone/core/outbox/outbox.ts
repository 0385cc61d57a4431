/**
 * Commands of this device for one host: durable before they are sent, resent until the host has spoken, then kept for the screens a while.
 * While the host is away, `MailCourier` leaves sealed copies of them at the relay.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { uuidv7 } from 'uuidv7';
import { SerialQueue } from '#lib/serial-queue.ts';
import type { CommandBody, CommandKind, Receipt, WireCommand } from '#protocol/commands.ts';
import { LETTER_LIFETIME_MS } from '#protocol/limits.ts';
import type { MailRefusal } from '#protocol/relay-messages.ts';
import {
  checkCommand,
  checkRoom,
  commandsToSend,
  isOpen,
  outdatedCommands,
  TOO_LATE,
  takeReceipt,
} from '#ui/client/outbox-rules.ts';
import type { OutboxEntry } from '#ui/host-client.ts';
import type { Database, OutboxRecord } from '../store/database.ts';
import { refusalWords } from './mail-refusals.ts';
import type { CourierRecord, StoredLetter } from './mailbox-writer.ts';

export interface OutboxOptions {
  readonly database: Database;
  readonly host: string;
  now(): number;
  /** Whether there is a channel to hand a command to. */
  canSend(): boolean;
  /** Hands a command to the channel; false if there is none. */
  send(command: WireCommand): boolean;
  /** Takes the letter of a command out of the relay's mailbox; `handed`: too late. Rejects with words if it cannot be asked now. */
  takeOut?(command: string): Promise<'gone' | 'handed'>;
  /** Another tab may hold the channel and has to look. */
  onAdded(): void;
}

const STRICT = { durability: 'strict' } as const;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #queue = new SerialQueue();
  /** In the order in which they were made. */
  #records: readonly OutboxRecord[] = [];
  /** Handed to the channel that is open now. */
  readonly #sent = new Set<string>();
  /** Why the relay does not keep a letter with these commands, as it said last. */
  readonly #refusals = new Map<string, MailRefusal | 'behind'>();
  readonly #entries = signal<readonly OutboxEntry[]>([]);

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get entries(): ReadonlySignal<readonly OutboxEntry[]> {
    return this.#entries;
  }

  load(): Promise<void> {
    return this.#queue.run(() => this.#load());
  }

  /** Resolves with the command's id once it is on disk. Rejects with words if it is malformed, too large or cannot be stored. */
  async add<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Promise<string> {
    const command: WireCommand = { id: uuidv7(), session, kind, body, at: this.#options.now() };
    checkCommand(command);
    await this.#queue.run(async () => {
      checkRoom(this.#records);
      const record: OutboxRecord = {
        host: this.#options.host,
        id: command.id,
        session,
        kind,
        body,
        at: command.at,
        hasLeft: this.#options.canSend(),
        receipt: null,
        reason: null,
        finishedAt: null,
      };
      const order = await this.#options.database.run(async (database) => {
        const transaction = database.transaction('outbox', 'readwrite', STRICT);
        const [key] = await Promise.all([transaction.store.add(record), transaction.done]);
        return key;
      });
      this.#records = [...this.#records, { ...record, order }];
      this.#show();
      await this.#sendOpen();
      this.#options.onAdded();
    });
    return command.id;
  }

  /** Resends every open command, in order. For a channel that has just opened, or when another tab added something. */
  resend(): Promise<void> {
    return this.#queue.run(async () => {
      await this.#load();
      await this.#sendOpen();
    });
  }

  /** The channel is gone: what was handed to it waits again. */
  handleDrop(): void {
    if (this.#sent.size === 0) return;
    this.#sent.clear();
    this.#show();
  }

  /** Stores the host's word. A finished command never changes again, and none goes back a step. */
  async handleReceipt(receipt: Receipt): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.#records.find((candidate) => candidate.id === receipt.command);
      const change = record && takeReceipt(record, receipt, this.#options.now());
      if (!change) return;
      await this.#put([{ ...record, ...change, hasLeft: true, letter: null }]);
      this.#refusals.delete(record.id);
      // What became of the prompt that it was about is to be asked for now.
      if (change.finishedAt !== null && record.kind === 'prompt.withdraw') await this.#sendOpen();
      await this.#dropOld();
      this.#show();
    });
  }

  /** Takes a command back: deletes it if it never left this device, else asks the host. Rejects with words if it is too late. */
  async withdraw(id: string): Promise<void> {
    const left = await this.#queue.run(async () => {
      const record = this.#records.find((candidate) => candidate.id === id);
      if (!record || !isOpen(record)) return null;
      if (record.hasLeft || record.letter || !(await this.#deleteUnsent(record))) return record;
      this.#show();
      return null;
    });
    if (!left) return;
    // Also if it is only in the mailbox: anyone who takes it out of there, the host is told, so that it never runs.
    if (left.kind === 'prompt') return void (await this.add('prompt.withdraw', left.session, { command: id }));
    const isGone = !left.hasLeft && left.letter && (await this.#options.takeOut?.(id)) === 'gone';
    if (isGone) await this.takenOut(id);
    if (!isGone || this.has(id)) throw new Error(TOO_LATE);
    this.#options.onAdded();
  }

  /** Commands of which the host has said nothing yet, in the order in which they were made. */
  unanswered(): readonly CourierRecord[] {
    return this.#records.filter(({ receipt }) => receipt === null).map((record) => ({ letter: null, ...record }));
  }

  has(command: string): boolean {
    return this.#records.some(({ id }) => id === command);
  }

  /** Writes down what became of the letter with this command; null: there is none. False if another tab took the command back. */
  async setLetter(command: string, letter: StoredLetter | null): Promise<boolean> {
    return await this.#queue.run(async () => {
      const record = this.#records.find(({ id }) => id === command);
      if (!record) return false;
      await this.#note([record], { letter });
      if (letter) this.#refusals.delete(command);
      this.#show();
      return this.has(command);
    });
  }

  noteRefusal(command: string, reason: MailRefusal | 'behind'): void {
    this.#refusals.set(command, reason);
    this.#show();
  }

  /** Its letter was taken out before the host saw it: forgets the command, unless it was also handed to a channel. */
  async takenOut(command: string): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.#records.find(({ id }) => id === command);
      if (!record || !(await this.#deleteUnsent({ ...record, letter: null }))) return;
      this.#show();
    });
  }

  /** Hides a finished command. */
  async dismiss(id: string): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.#records.find((candidate) => candidate.id === id);
      if (!record || isOpen(record)) return;
      await this.#delete([record]);
      this.#show();
    });
  }

  async #load(): Promise<void> {
    const { database, host } = this.#options;
    const records = await database.run((opened) => opened.getAllFromIndex('outbox', 'host', host));
    this.#records = records.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
    await this.#dropOld();
    this.#show();
  }

  /** Sends what this channel has not carried yet, oldest first. */
  async #sendOpen(): Promise<void> {
    if (!this.#options.canSend()) return;
    // Before the first byte leaves, it is on disk that it may have left.
    await this.#note(
      commandsToSend(this.#records, this.#sent).filter((record) => !record.hasLeft),
      { hasLeft: true },
    );
    for (const { id, session, kind, body, at } of commandsToSend(this.#records, this.#sent)) {
      if (this.#options.send({ id, session, kind, body, at })) this.#sent.add(id);
    }
    this.#show();
  }

  async #dropOld(): Promise<void> {
    await this.#delete(outdatedCommands(this.#records, this.#options.now()));
  }

  async #put(records: readonly OutboxRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#options.database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      await Promise.all([...records.map((record) => transaction.store.put(record)), transaction.done]);
    });
    const changed = new Map(records.map((record) => [record.id, record]));
    this.#records = this.#records.map((record) => changed.get(record.id) ?? record);
  }

  /** Notes where these may be by now; forgets those that another tab took back meanwhile. */
  async #note(
    records: readonly OutboxRecord[],
    change: Pick<OutboxRecord, 'letter'> | { hasLeft: true },
  ): Promise<void> {
    if (records.length === 0) return;
    const isThere = await this.#options.database.run(async (database) => {
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
  async #deleteUnsent(record: OutboxRecord): Promise<boolean> {
    const { order = 0, id } = record;
    const isDeleted = await this.#options.database.run(async (database) => {
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

  async #delete(records: readonly OutboxRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#options.database.run(async (database) => {
      const transaction = database.transaction('outbox', 'readwrite', STRICT);
      const deletions = records.map((record) => record.order !== undefined && transaction.store.delete(record.order));
      await Promise.all([...deletions, transaction.done]);
    });
    this.#records = this.#records.filter((record) => !records.includes(record));
  }

  #show(): void {
    const now = this.#options.now();
    this.#entries.value = this.#records.map(({ id, session, kind, body, at, receipt, reason, letter }) => {
      const state = receipt ?? (this.#sent.has(id) ? 'sending' : whereLetterIs(letter ?? null, now));
      const refusal = state === 'waiting' ? this.#refusals.get(id) : undefined;
      return { id, session, kind, body, state, reason: refusal ? refusalWords(refusal) : reason, at };
    });
  }
}

/** A letter that is older than the relay keeps it is not there any more. */
function whereLetterIs(letter: StoredLetter | null, now: number): 'waiting' | 'left' | 'collected' {
  if (letter?.state === 'handed' || letter?.state === 'taken') return 'collected';
  return letter?.state === 'kept' && now - letter.at < LETTER_LIFETIME_MS ? 'left' : 'waiting';
}
