/** Clients on this computer itself: the person who sits there sees every session and may give every command. */

import type { Clock } from '#lib/clock.ts';
import type { Log } from '#lib/log.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { FromDevice } from '#protocol/messages.ts';
import { THIS_COMPUTER } from '../access.ts';
import { ClientChannel, type ClientPort } from './client-channel.ts';
import type { ClientTable } from './client-table.ts';
import type { HostApi } from './host-api.ts';

export interface LocalClient {
  /** The session on its screen, if any. */
  readonly watched: string | null;
  /** A message that was checked at the edge. */
  handle(message: FromDevice): void;
  /** The client is gone. */
  dispose(): void;
}

export class LocalClients {
  readonly #options: { api: HostApi; table: ClientTable; clock: Clock; log: Log };
  /** By the client's id. */
  readonly #open = new Map<string, { readonly channel: ClientChannel; end(code: CloseCode, reason: string): void }>();

  constructor(options: { api: HostApi; table: ClientTable; clock: Clock; log: Log }) {
    this.#options = options;
  }

  /** Opens a channel for the client of this id. A page that was loaded again is the same client: its previous channel ends. */
  open(id: string, port: ClientPort): LocalClient {
    const { api, table, clock, log } = this.#options;
    this.#open.get(id)?.end(CloseCode.replaced, 'A newer connection of this client took over.');
    const dispose = () => {
      channel.dispose();
      if (this.#open.get(id)?.channel === channel) this.#open.delete(id);
    };
    const end = (code: CloseCode, reason: string) => {
      log.info('A channel on this computer ends', { client: id, code, reason });
      dispose();
      port.close(code, reason);
    };
    const channel: ClientChannel = new ClientChannel({
      client: THIS_COMPUTER,
      port: { send: (json) => port.send(json), bufferedBytes: () => port.bufferedBytes(), close: end },
      ...{ api, table, clock },
    });
    this.#open.set(id, { channel, end });
    return {
      get watched() {
        return channel.watched;
      },
      handle: (message) => channel.handle(message),
      dispose,
    };
  }

  /** Baton is being closed. */
  stop(): void {
    for (const { channel, end } of [...this.#open.values()]) {
      try {
        channel.sendBye('quit');
        end(CloseCode.hostGone, 'Baton is being closed.');
      } catch (error) {
        // Closing goes on: agents and phones are waiting for it.
        this.#options.log.error('Failed to tell a client on this computer that Baton is being closed', { error });
      }
    }
  }
}
