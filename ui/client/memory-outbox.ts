/** Commands of a client that stands beside its host: there is nothing between them that could keep a command, so none waits here for long. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { uuidv7 } from 'uuidv7';
import type { CommandBody, CommandKind, Receipt, WireCommand } from '#protocol/commands.ts';
import type { OutboxEntry } from '../host-client.ts';
import {
  checkCommand,
  checkRoom,
  commandsToSend,
  isOpen,
  type OutboxCommand,
  outdatedCommands,
  TOO_LATE,
  takeReceipt,
} from './outbox-rules.ts';

export interface MemoryOutboxOptions {
  now(): number;
  /** Hands a command to the channel; false if there is none. */
  send(command: WireCommand): boolean;
}

export class MemoryOutbox {
  readonly #options: MemoryOutboxOptions;
  /** In the order in which they were made. */
  #commands: readonly OutboxCommand[] = [];
  /** Handed to the channel that is open now. */
  readonly #sent = new Set<string>();
  readonly #entries = signal<readonly OutboxEntry[]>([]);

  constructor(options: MemoryOutboxOptions) {
    this.#options = options;
  }

  get entries(): ReadonlySignal<readonly OutboxEntry[]> {
    return this.#entries;
  }

  /** Sends it and answers its id. Throws with words, and keeps nothing, if it is malformed, too large, or there is no host to take it. */
  add<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): string {
    const command: WireCommand = { id: uuidv7(), session, kind, body, at: this.#options.now() };
    checkCommand(command);
    checkRoom(this.#commands);
    if (!this.#options.send(command)) throw new Error('Baton is not ready on this computer. Try again in a moment.');
    this.#sent.add(command.id);
    const { id, at } = command;
    this.#commands = [
      ...this.#commands,
      { id, session, kind, body, at, receipt: null, reason: null, finishedAt: null },
    ];
    this.#show();
    return id;
  }

  /** Sends every open command again, in order: the channel has just opened. */
  resend(): void {
    for (const { id, session, kind, body, at } of commandsToSend(this.#commands, this.#sent)) {
      if (this.#options.send({ id, session, kind, body, at })) this.#sent.add(id);
    }
    this.#show();
  }

  /** The channel is gone: what was handed to it waits again. */
  handleDrop(): void {
    this.#sent.clear();
    this.#show();
  }

  handleReceipt(receipt: Receipt): void {
    const now = this.#options.now();
    const command = this.#commands.find(({ id }) => id === receipt.command);
    const change = command && takeReceipt(command, receipt, now);
    if (!change) return;
    this.#commands = this.#commands.map((one) => (one === command ? { ...one, ...change } : one));
    const outdated = new Set(outdatedCommands(this.#commands, now));
    this.#commands = this.#commands.filter((one) => !outdated.has(one));
    // What became of the prompt that it was about is to be asked for now.
    if (change.finishedAt !== null && command.kind === 'prompt.withdraw') this.resend();
    this.#show();
  }

  /** Asks the host to take a prompt back. Throws with words if it is too late for that. */
  withdraw(id: string): void {
    const command = this.#commands.find((one) => one.id === id);
    if (!command || !isOpen(command)) return;
    if (command.kind !== 'prompt') throw new Error(TOO_LATE);
    this.add('prompt.withdraw', command.session, { command: id });
  }

  /** Hides a finished command. */
  dismiss(id: string): void {
    this.#commands = this.#commands.filter((one) => one.id !== id || isOpen(one));
    this.#show();
  }

  #show(): void {
    this.#entries.value = this.#commands.map(({ id, session, kind, body, at, receipt, reason }) => {
      const state = receipt ?? (this.#sent.has(id) ? 'sending' : 'waiting');
      return { id, session, kind, body, state, reason, at };
    });
  }
}
