import type { Log } from '#lib/log.ts';
import type { Receipt } from '#protocol/commands.ts';
import { actorOf, type Client } from '../access.ts';
import type { StreamingText } from '../sessions/supervisor.ts';

/** A client that is connected now, as far as it is told what happens in the host. */
export interface ConnectedClient {
  readonly client: Client;
  pump(session: string): void;
  forget(session: string): void;
  sendState(): void;
  stream(text: StreamingText): void;
  sendReceipt(receipt: Receipt): void;
}

/** Every client that is connected now, wherever it is: what happens in the host goes straight to each of them. */
export class ClientTable {
  readonly #log: Log;
  readonly #channels = new Set<ConnectedClient>();

  constructor(log: Log) {
    this.#log = log;
  }

  add(channel: ConnectedClient): void {
    this.#channels.add(channel);
  }

  remove(channel: ConnectedClient): void {
    this.#channels.delete(channel);
  }

  /** Events were appended to this session. */
  pump(session: string): void {
    this.#each((channel) => channel.pump(session));
  }

  /** Sessions were deleted: clients that are connected drop what they have of them, the others when they come. */
  forget(sessions: readonly string[]): void {
    this.#each((channel) => {
      for (const session of sessions) channel.forget(session);
    });
  }

  sendState(): void {
    this.#each((channel) => channel.sendState());
  }

  stream(text: StreamingText): void {
    this.#each((channel) => channel.stream(text));
  }

  /** A receipt has changed. `device`: whose command it is about; null: the person's at the computer. */
  sendReceipt(device: string | null, receipt: Receipt): void {
    this.#each((channel) => {
      if (actorOf(channel.client).device === device) channel.sendReceipt(receipt);
    });
  }

  /** A channel that fails keeps nothing from the others. */
  #each(tell: (channel: ConnectedClient) => void): void {
    for (const channel of this.#channels) {
      try {
        tell(channel);
      } catch (error) {
        this.#log.error('Failed to tell a client what happened', { client: channel.client.name, error });
      }
    }
  }
}
