/**
 * Commands of this device for one host: durable before they are sent, resent until the host has spoken, then kept for the screens a
 * while. While the host is away, `MailboxWriter` leaves sealed copies of them at the relay.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { uuidv7 } from 'uuidv7';
import { SerialQueue } from '#lib/serial-queue.ts';
import type { CommandBody, CommandKind, Receipt, WireCommand } from '#protocol/commands.ts';
import {
  checkCommand,
  checkRoom,
  commandsToSend,
  isOpen,
  outdatedCommands,
  TOO_LATE,
} from '#ui/client/outbox-rules.ts';
import type { OutboxEntry } from '#ui/host-client.ts';
import type { OpenChannel } from '../link/link-attempt.ts';
import type { Database, StoredLetter } from '../store/database.ts';
import type { UnansweredCommand } from './mailbox-writer.ts';
import { entryOf, type LetterRefusal, recordAfterReceipt } from './outbox-entry.ts';
import { OutboxRows } from './outbox-rows.ts';

export interface OutboxOptions {
  readonly database: Database;
  readonly host: string;
  now(): number;
  /** The channel that is open now; null if none is. */
  channel(): Pick<OpenChannel, 'send'> | null;
  /** Takes the letter of a command out of the relay's mailbox; `handed`: too late. Rejects with words if it cannot be asked now. */
  takeOut?(command: string): Promise<'gone' | 'handed'>;
  /** Another tab may hold the channel and has to look. */
  onAdded(): void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #rows: OutboxRows;
  readonly #queue = new SerialQueue();
  /** Handed to the channel that is open now. */
  readonly #sent = new Set<string>();
  /** Why the relay does not keep a letter with these commands, as it said last. */
  readonly #refusals = new Map<string, LetterRefusal>();
  readonly #entries = signal<readonly OutboxEntry[]>([]);

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#rows = new OutboxRows(options.database, options.host);
  }

  get entries(): ReadonlySignal<readonly OutboxEntry[]> {
    return this.#entries;
  }

  load(): Promise<void> {
    return this.#queue.run(() => this.#load());
  }

  /** Resolves with the command's id once it is on disk. Rejects with words if it is malformed, too large or cannot be stored. */
  async add<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Promise<string> {
    const { host, now, channel, onAdded } = this.#options;
    const command: WireCommand = { id: uuidv7(), session, kind, body, at: now() };
    checkCommand(command);
    await this.#queue.run(async () => {
      checkRoom(this.#rows.records);
      const spoken = { hasLeft: channel() !== null, receipt: null, reason: null, finishedAt: null };
      await this.#rows.add({ host, id: command.id, session, kind, body, at: command.at, ...spoken });
      this.#show();
      await this.#sendOpen();
      onAdded();
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

  /** Stores the host's word. */
  async handleReceipt(receipt: Receipt): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.#rows.find(receipt.command);
      const next = record && recordAfterReceipt(record, receipt, this.#options.now());
      if (!next) return;
      await this.#rows.put(next);
      this.#refusals.delete(next.id);
      // What became of the prompt that it was about is to be asked for now.
      if (next.finishedAt !== null && next.kind === 'prompt.withdraw') await this.#sendOpen();
      await this.#forgetOld();
      this.#show();
    });
  }

  /** Takes a command back: deletes it if it never left this device, else asks the host. Rejects with words if it is too late. */
  async withdraw(id: string): Promise<void> {
    const left = await this.#queue.run(async () => {
      const record = this.#rows.find(id);
      if (!record || !isOpen(record)) return null;
      if (record.hasLeft || record.letter || !(await this.#rows.deleteUnsent(record))) return record;
      this.#show();
      return null;
    });
    if (!left) return;
    // Also if it is only in the mailbox: anyone who takes it out of there, the host is told, so that it never runs.
    if (left.kind === 'prompt') {
      await this.add('prompt.withdraw', left.session, { command: id });
      return;
    }
    const isGone = !left.hasLeft && left.letter && (await this.#options.takeOut?.(id)) === 'gone';
    if (isGone) await this.takenOut(id);
    if (!isGone || this.has(id)) throw new Error(TOO_LATE);
    this.#options.onAdded();
  }

  /** Commands of which the host has said nothing yet, in the order in which they were made. */
  unanswered(): readonly UnansweredCommand[] {
    return this.#rows.records.filter(({ receipt }) => receipt === null).map((record) => ({ letter: null, ...record }));
  }

  has(command: string): boolean {
    return this.#rows.find(command) !== null;
  }

  /** Writes down what became of the letter with this command; null: there is none. False if another tab took the command back. */
  async setLetter(command: string, letter: StoredLetter | null): Promise<boolean> {
    return await this.#queue.run(async () => {
      const record = this.#rows.find(command);
      if (!record) return false;
      await this.#rows.note([record], { letter });
      if (letter) this.#refusals.delete(command);
      this.#show();
      return this.has(command);
    });
  }

  noteRefusal(command: string, reason: LetterRefusal): void {
    this.#refusals.set(command, reason);
    this.#show();
  }

  /** Its letter was taken out before the host saw it: forgets the command, unless it was also handed to a channel. */
  async takenOut(command: string): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.#rows.find(command);
      if (!record || !(await this.#rows.deleteUnsent({ ...record, letter: null }))) return;
      this.#show();
    });
  }

  /** Hides a finished command. */
  async dismiss(id: string): Promise<void> {
    await this.#queue.run(async () => {
      const record = this.#rows.find(id);
      if (!record || isOpen(record)) return;
      await this.#rows.delete([record]);
      this.#show();
    });
  }

  async #load(): Promise<void> {
    await this.#rows.load();
    await this.#forgetOld();
    this.#show();
  }

  async #forgetOld(): Promise<void> {
    await this.#rows.delete(outdatedCommands(this.#rows.records, this.#options.now()));
  }

  /** Sends what this channel has not carried yet, oldest first. */
  async #sendOpen(): Promise<void> {
    if (!this.#options.channel()) return;
    const toSend = () => commandsToSend(this.#rows.records, this.#sent);
    // Before the first byte leaves, it is on disk that it may have left.
    await this.#rows.note(
      toSend().filter(({ hasLeft }) => !hasLeft),
      { hasLeft: true },
    );
    // It may have gone while that was written; one that opens then asks for all of this again.
    const channel = this.#options.channel();
    if (channel) {
      for (const { id, session, kind, body, at } of toSend()) {
        channel.send({ type: 'command', command: { id, session, kind, body, at } });
        this.#sent.add(id);
      }
    }
    this.#show();
  }

  #show(): void {
    const now = this.#options.now();
    this.#entries.value = this.#rows.records.map((record) =>
      entryOf(record, { isSent: this.#sent.has(record.id), refusal: this.#refusals.get(record.id), now }),
    );
  }
}
