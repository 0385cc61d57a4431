/** The window as a client of the host: one channel at a time, over the IPC of its page. */

import type { Log } from '#lib/log.ts';
import type { LocalClient } from '#main/host/clients/local-clients.ts';
import type { ArgumentOf, ClientPush, Result } from '#preload/contract.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { HostLifecycle } from '../host-lifecycle.ts';
import { type CallHandlers, fail, succeed } from './calls/call-handlers.ts';

/** There is one window; its page, loaded again, is the same client. */
const CLIENT = 'window';
const NOT_OPEN = 'The window is not connected to its host. It connects again by itself.';

type ClientChannelName = 'client.open' | 'client.send';

interface OpenChannel {
  readonly id: string;
  readonly client: LocalClient;
  /** Characters that went to the page, and of those the ones that it says have come. */
  sent: number;
  received: number;
}

export class WindowClient {
  readonly #lifecycle: Pick<HostLifecycle, 'find' | 'use'>;
  readonly #push: (push: ClientPush) => void;
  readonly #log: Log;
  #channel: OpenChannel | null = null;

  constructor(options: { lifecycle: Pick<HostLifecycle, 'find' | 'use'>; push: (push: ClientPush) => void; log: Log }) {
    this.#lifecycle = options.lifecycle;
    this.#push = options.push;
    this.#log = options.log;
    // A channel ends with its host, which says goodbye first.
    this.#lifecycle.use(() => {
      this.#push({ kind: 'ready' });
      return () => {};
    });
  }

  get calls(): Pick<CallHandlers, ClientChannelName> {
    return {
      'client.open': (argument) => this.#open(argument.channel),
      'client.send': (argument) => this.#receive(argument),
    };
  }

  /** The session that is open in the window, also while the window is hidden; null if none is. */
  get watched(): string | null {
    return this.#channel?.client.watched ?? null;
  }

  /** The page is gone. */
  close(): void {
    this.#channel?.client.dispose();
    this.#channel = null;
  }

  #open(id: string): Result<null> {
    const found = this.#lifecycle.find();
    if (!found.ok) return found;
    const counted = { sent: 0, received: 0 };
    const client = found.value.localClients.open(CLIENT, {
      send: (json) => {
        counted.sent += json.length;
        this.#push({ kind: 'message', channel: id, json });
      },
      bufferedBytes: () => counted.sent - counted.received,
      close: (code, reason) => {
        this.#push({ kind: 'closed', channel: id, isReplaced: code === CloseCode.replaced, reason });
        if (this.#channel?.id === id) this.#channel = null;
      },
    });
    this.#channel = Object.assign(counted, { id, client });
    this.#log.info('The window is connected to its host');
    return succeed(null);
  }

  #receive({ channel: id, received, message }: ArgumentOf<'client.send'>): Result<null> {
    const channel = this.#channel;
    if (channel?.id !== id) return fail(NOT_OPEN);
    // More than was sent would let everything through.
    channel.received = Math.max(channel.received, Math.min(received, channel.sent));
    channel.client.handle(message);
    return succeed(null);
  }
}
