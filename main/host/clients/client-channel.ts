/** What host and client say to each other, over whatever carries it: commands and receipts, sync by cursor, the state, older events, outputs. */

import type { Clock } from '#lib/clock.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { Receipt } from '#protocol/commands.ts';
import { LINK_BUFFER_MAX_BYTES, MESSAGE_MAX_BYTES, PROTOCOL_VERSION } from '#protocol/limits.ts';
import type { ByeReason, FromDevice, FromHost } from '#protocol/messages.ts';
import { type Client, scopeOf } from '../access.ts';
import { StateFeed } from '../remote/state-feed.ts';
import { DeviceSync, type SyncPort, withEvents } from '../remote/sync.ts';
import type { StreamingText } from '../sessions/supervisor.ts';
import type { ClientTable, ConnectedClient } from './client-table.ts';
import type { HostApi } from './host-api.ts';

/** Of an output as JSON: it must fit into one message, together with what says which one it is. */
export const BLOB_MAX_BYTES = MESSAGE_MAX_BYTES - 1024;

/** Carries messages to one client, in order. Messages from it come through anyone who owns the port. */
export interface ClientPort extends SyncPort {
  /** Ends the channel and tells the client why. Harmless when it is gone already. */
  close(code: CloseCode, reason: string): void;
}

export interface ClientChannelOptions {
  /** Who gives the commands. */
  readonly client: Client;
  readonly api: HostApi;
  readonly port: ClientPort;
  readonly table: ClientTable;
  readonly clock: Clock;
  /** A round trip, as the client measured it; null before its first. */
  onPing?(lastRoundTripMs: number | null): void;
}

/** Of a client that has proven who it is: open from the start until it is disposed. */
export class ClientChannel implements ConnectedClient {
  readonly client: Client;
  readonly #options: ClientChannelOptions;
  readonly #sync: DeviceSync;
  readonly #state: StateFeed;
  #isOver = false;

  constructor(options: ClientChannelOptions) {
    const { client, api, port, table, clock } = options;
    this.#options = options;
    this.client = client;
    this.#sync = new DeviceSync(api, port, clock);
    this.#state = new StateFeed(api, port, clock);
    this.#send({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      epoch: api.epoch,
      hostName: api.hostName,
      build: api.build,
      scope: scopeOf(client),
      now: clock.now(),
    });
    this.sendState();
    // Last: one that could not begin is not listed.
    table.add(this);
  }

  /** The session on the client's screen, if any. */
  get watched(): string | null {
    return this.#isOver ? null : this.#sync.watched;
  }

  handle(message: FromDevice): void {
    const { api, port, clock } = this.#options;
    switch (message.type) {
      case 'sync':
        this.#sync.follow(message.cursors);
        return;
      case 'ack':
        this.#sync.acknowledge(message.session, message.seq);
        return;
      case 'command':
        this.sendReceipt(api.handleCommand(this.client, message.command));
        return;
      case 'page': {
        if (this.#isBehind(message.request)) return;
        const { request, session, before, limit } = message;
        const events = this.#sync.page(session, before, limit);
        port.send(withEvents({ type: 'page', request, session, epoch: api.epoch }, events));
        return;
      }
      case 'blob':
        if (!this.#isBehind(message.request)) this.#sendBlob(message);
        return;
      case 'watch':
        this.#sync.watch(message.session, message.session === null ? [] : api.streaming(message.session));
        return;
      case 'ping':
        this.#options.onPing?.(message.lastRoundTripMs);
        this.#send({ type: 'pong', id: message.id, now: clock.now() });
        return;
      case 'bye':
        port.close(CloseCode.hostGone, 'The device said goodbye.');
        return;
      default:
        message satisfies never;
    }
  }

  /** Events were appended to this session. */
  pump(session: string): void {
    this.#sync.pump(session);
  }

  /** This session is deleted. */
  forget(session: string): void {
    this.#sync.forget(session);
  }

  /** The host's state may be another one, and sessions may be switched on that were off. */
  sendState(): void {
    this.#state.update();
    this.#sync.resume();
  }

  stream(text: StreamingText): void {
    this.#sync.stream(text);
  }

  sendReceipt(receipt: Receipt): void {
    this.#send({ type: 'receipt', ...receipt });
  }

  sendBye(reason: ByeReason): void {
    this.#send({ type: 'bye', reason, at: this.#options.clock.now() });
  }

  /** The carrier is gone, or the client. Nothing is sent any more. */
  dispose(): void {
    this.#isOver = true;
    this.#options.table.remove(this);
    this.#state.dispose();
    this.#sync.dispose();
  }

  #sendBlob({ request, session, blob }: Extract<FromDevice, { type: 'blob' }>): void {
    const { api, port } = this.#options;
    const text = api.isVisible(session) ? api.blob(session, blob) : null;
    if (text === null) {
      this.#send({ type: 'refused', request, reason: 'That output is not there any more.' });
      return;
    }
    const json = JSON.stringify(text);
    if (Buffer.byteLength(json) > BLOB_MAX_BYTES)
      this.#send({ type: 'refused', request, reason: 'That output is too large to be sent.' });
    else port.send(`{"type":"blob","request":${JSON.stringify(request)},"text":${json}}`);
  }

  /** Anyone who does not read what it asked for is given no more of it. */
  #isBehind(request: string): boolean {
    if (this.#options.port.bufferedBytes() <= LINK_BUFFER_MAX_BYTES) return false;
    const reason = 'Too much is on its way to this device already. Try again in a moment.';
    this.#send({ type: 'refused', request, reason });
    return true;
  }

  #send(message: FromHost): void {
    if (!this.#isOver) this.#options.port.send(JSON.stringify(message));
  }
}
