import type { Receipt } from '#protocol/commands.ts';
import { actorOf } from '../access.ts';
import type { StreamingText } from '../sessions/supervisor.ts';
import type { ClientChannel } from './client-channel.ts';

/** Every client that is connected now, wherever it is: what happens in the host goes straight to each of them. */
export class ClientTable {
  readonly #channels = new Set<ClientChannel>();

  add(channel: ClientChannel): void {
    this.#channels.add(channel);
  }

  remove(channel: ClientChannel): void {
    this.#channels.delete(channel);
  }

  /** Events were appended to this session. */
  pump(session: string): void {
    for (const channel of this.#channels) channel.pump(session);
  }

  /** Sessions were deleted: clients that are connected drop what they have of them, the others when they come. */
  forget(sessions: readonly string[]): void {
    for (const channel of this.#channels) for (const session of sessions) channel.forget(session);
  }

  sendState(): void {
    for (const channel of this.#channels) channel.sendState();
  }

  stream(text: StreamingText): void {
    for (const channel of this.#channels) channel.stream(text);
  }

  /** A receipt has changed. `device`: whose command it is about; null: the person's at the computer. */
  sendReceipt(device: string | null, receipt: Receipt): void {
    for (const channel of this.#channels) if (actorOf(channel.client).device === device) channel.sendReceipt(receipt);
  }
}
