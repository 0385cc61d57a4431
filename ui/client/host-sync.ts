/**
 * Follows the host's logs over one channel after another: sends cursors, stores what comes in order, acknowledges what is stored.
 * Messages are handled one after another; those of a channel that is gone are not handled any more, the next one sends them again.
 */

import { SerialQueue } from '#lib/serial-queue.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { WireEvent } from '#protocol/events.ts';
import type { Cursor, FromDevice, FromHost } from '#protocol/messages.ts';
import { ACK_EVERY_EVENTS } from './limits.ts';
import type { ApplyResult, LogStore } from './log-store.ts';

/** The part of the store that sync writes. */
export type SyncStore = Pick<LogStore, 'cursors' | 'append' | 'replace' | 'dropOtherEpochs' | 'dropExcessSessions'>;

export interface HostSyncOptions {
  readonly store: SyncStore;
  send(message: FromDevice): boolean;
  /** Events were added at the end of a session's log. */
  onStored(session: string, fresh: readonly WireEvent[]): Promise<void>;
  /** A session's log is another one now, or none. */
  onReplaced(session: string): Promise<void>;
  /** The host sends what does not follow, even after it was asked again. */
  onMalformed(text: string): void;
  /** Storing failed, so nothing was acknowledged. */
  onFailure(error: unknown): void;
}

export class HostSync {
  readonly #options: HostSyncOptions;
  readonly #queue = new SerialQueue();
  #channel = 0;
  #epoch = '';
  #waiting = 0;
  #unacknowledgedCount = 0;
  readonly #unacknowledged = new Map<string, number>();
  /** Sessions whose cursor the host has, in this channel. */
  readonly #followed = new Set<string>();
  /** Sessions that were asked for again because of a gap, in this channel. */
  readonly #asked = new Set<string>();

  constructor(options: HostSyncOptions) {
    this.#options = options;
  }

  /** A channel has opened: tells the host what is stored here. */
  handleOpened(): void {
    this.handleDrop();
    this.run(async () => {
      const cursors = await this.#options.store.cursors();
      for (const { session } of cursors) this.#followed.add(session);
      this.#options.send({ type: 'sync', cursors });
    });
  }

  /** The channel is gone. What was stored from it stays. */
  handleDrop(): void {
    this.#channel += 1;
    this.#epoch = '';
    this.#followed.clear();
    this.#asked.clear();
    this.#unacknowledged.clear();
    this.#unacknowledgedCount = 0;
  }

  /** Runs a task in the order of the messages, if its channel is still there when its turn comes. */
  run(task: () => Promise<void> | void): void {
    const channel = this.#channel;
    this.#waiting += 1;
    const handled = this.#queue.run(async () => {
      this.#waiting -= 1;
      if (channel !== this.#channel) return;
      try {
        await task();
      } catch (error) {
        this.#options.onFailure(error);
        return;
      }
      if (this.#waiting === 0 || this.#unacknowledgedCount >= ACK_EVERY_EVENTS) this.#acknowledge();
    });
    unawaited(handled, 'handle a message of the host');
  }

  /** Resolves when everything that was asked of it so far is done. */
  idle(): Promise<void> {
    return this.#queue.run(() => {});
  }

  /** A changed epoch voids what is stored. */
  async handleWelcome(epoch: string): Promise<void> {
    this.#epoch = epoch;
    for (const session of await this.#options.store.dropOtherEpochs(epoch)) await this.#options.onReplaced(session);
  }

  /** Begins to follow sessions that are listed and not followed yet. */
  async handleListed(sessions: readonly string[]): Promise<void> {
    const listed = new Set(sessions);
    for (const session of this.#followed) if (!listed.has(session)) this.#followed.delete(session);
    const unfollowed = sessions.filter((session) => !this.#followed.has(session));
    await this.#follow(unfollowed);
    await this.#options.store.dropExcessSessions(listed);
  }

  async handleEvents(message: Extract<FromHost, { type: 'events' }>): Promise<void> {
    const { session, epoch, events } = message;
    const result = await this.#options.store.append(session, epoch, events);
    if (result.kind === 'stored') await this.#handleStored(session, result);
    else if (this.#asked.has(session))
      this.#options.onMalformed('The computer sent events that do not follow one another.');
    else {
      this.#asked.add(session);
      await this.#follow([session]);
    }
  }

  async handleSnapshot(message: Extract<FromHost, { type: 'snapshot' }>): Promise<void> {
    const { session, epoch, last, events } = message;
    const result = await this.#options.store.replace(session, epoch, last, events);
    if (result.kind === 'gap') {
      this.#options.onMalformed('The computer sent a snapshot with a gap.');
      return;
    }
    this.#noteStored(session, result);
    await this.#options.onReplaced(session);
  }

  async #follow(sessions: readonly string[]): Promise<void> {
    if (sessions.length === 0) return;
    const stored = new Map((await this.#options.store.cursors()).map((cursor) => [cursor.session, cursor]));
    const cursors: Cursor[] = sessions.map((session) => {
      const cursor = stored.get(session);
      return cursor ?? { session, epoch: this.#epoch, seq: 0 };
    });
    for (const session of sessions) this.#followed.add(session);
    this.#options.send({ type: 'sync', cursors });
  }

  async #handleStored(session: string, result: Extract<ApplyResult, { kind: 'stored' }>): Promise<void> {
    this.#noteStored(session, result);
    await this.#options.onStored(session, result.fresh);
  }

  #noteStored(session: string, result: Extract<ApplyResult, { kind: 'stored' }>): void {
    this.#unacknowledged.set(session, result.seq);
    this.#unacknowledgedCount += result.fresh.length;
  }

  #acknowledge(): void {
    for (const [session, seq] of this.#unacknowledged) this.#options.send({ type: 'ack', session, seq });
    this.#unacknowledged.clear();
    this.#unacknowledgedCount = 0;
  }
}
