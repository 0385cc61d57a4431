/** The host of this computer as the window's screens see it: the same client as on a phone, over the bridge to main, and kept in memory. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { uuidv7 } from 'uuidv7';
import type { BatonBridge, ClientPush } from '#preload/contract.ts';
import type { CommandBody, CommandKind, Scope } from '#protocol/commands.ts';
import { type FromDevice, type FromHost, fromHost, type HostState } from '#protocol/messages.ts';
import type { ClientEnvironment } from '#ui/client/environment.ts';
import { HostReplica } from '#ui/client/host-replica.ts';
import { MemoryLogStore } from '#ui/client/memory-log-store.ts';
import { MemoryOutbox } from '#ui/client/memory-outbox.ts';
import type { HostClient, HostStatus, OutboxEntry, SessionLog } from '#ui/host-client.ts';

/** Names the host where screens tell several apart; the window has one. */
export const LOCAL_HOST_ID = 'this-computer';
/** Characters after which main is told that they have come, if nothing else tells it. */
const TELL_RECEIVED_EVERY_CHARS = 256 * 1024;
/** A channel that was open and is lost is opened again after this; one that main does not open waits until main says that it would. */
const REOPEN_AFTER_MS = 1_000;

/** One channel, from the call that opens it to its end. What comes of a previous one is nobody's concern. */
interface Attempt {
  readonly channel: string;
  readonly begunAt: number;
  /** Its first message has come. */
  isOpen: boolean;
  received: number;
  toldReceived: number;
  ping: { readonly id: number; readonly at: number } | null;
  lastRoundTripMs: number | null;
}

export interface LocalClientOptions {
  readonly bridge: Pick<BatonBridge, 'call' | 'on'>;
  readonly environment: ClientEnvironment;
}

export class LocalClient implements HostClient {
  readonly hostId = LOCAL_HOST_ID;
  readonly outbox: ReadonlySignal<readonly OutboxEntry[]>;
  readonly #options: LocalClientOptions;
  readonly #status: ReturnType<typeof signal<HostStatus>>;
  readonly #outbox: MemoryOutbox;
  readonly #replica: HostReplica;
  readonly #stopListening: () => void;
  #attempt: Attempt | null = null;
  #cancelReopen: () => void = () => {};
  #pings = 0;

  constructor(options: LocalClientOptions) {
    const { bridge, environment } = options;
    this.#options = options;
    this.#status = signal<HostStatus>({ kind: 'connecting', since: environment.now() });
    this.#outbox = new MemoryOutbox({
      now: () => environment.now(),
      send: (command) => this.#send({ type: 'command', command }),
    });
    this.outbox = this.#outbox.entries;
    this.#replica = new HostReplica({
      environment,
      store: new MemoryLogStore(),
      known: { name: '', scope: 'full', state: null, stateProvenAt: null, clockOffset: 0 },
      follows: 'opened',
      send: (message) => this.#send(message),
      resend: async () => this.#outbox.resend(),
      onReceipt: async (receipt) => this.#outbox.handleReceipt(receipt),
      onOtherVersion: () => this.#drop('Window and host are of different versions.'),
      onMalformed: (text) => this.#lose(text),
      onFailure: (error) => this.#lose(String(error)),
    });
    this.#stopListening = bridge.on('client', (push) => this.#handlePush(push));
    this.#open();
  }

  get name(): ReadonlySignal<string> {
    return this.#replica.name;
  }

  get scope(): ReadonlySignal<Scope> {
    return this.#replica.scope;
  }

  get status(): ReadonlySignal<HostStatus> {
    return this.#status as ReadonlySignal<HostStatus>;
  }

  get state(): ReadonlySignal<HostState | null> {
    return this.#replica.state;
  }

  get stateProvenAt(): ReadonlySignal<number | null> {
    return this.#replica.stateProvenAt;
  }

  get hostBuild(): ReadonlySignal<string | null> {
    return this.#replica.hostBuild;
  }

  log(session: string): SessionLog {
    return this.#replica.log(session);
  }

  watch(session: string | null): void {
    this.#replica.watch(session);
  }

  async send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Promise<string> {
    return this.#outbox.add(kind, session, body);
  }

  async withdraw(command: string): Promise<void> {
    this.#outbox.withdraw(command);
  }

  async dismiss(command: string): Promise<void> {
    this.#outbox.dismiss(command);
  }

  async blob(session: string, blob: string): Promise<string> {
    return await this.#replica.blob(session, blob);
  }

  retryNow(): void {
    this.#drop('A person asked for another one.');
    this.#open();
  }

  async forget(): Promise<void> {
    throw new Error('The window belongs to this computer, and cannot forget it.');
  }

  dispose(): void {
    this.#stopListening();
    this.#cancelReopen();
    this.#send({ type: 'bye' });
    this.#attempt = null;
    this.#replica.dispose();
  }

  #open(): void {
    this.#cancelReopen();
    const { bridge, environment } = this.#options;
    const attempt: Attempt = {
      ...{ channel: uuidv7(), begunAt: environment.now(), isOpen: false },
      ...{ received: 0, toldReceived: 0, ping: null, lastRoundTripMs: null },
    };
    this.#attempt = attempt;
    // Without a host the call says why not; main says when there is one.
    this.#follow(attempt, bridge.call('client.open', { channel: attempt.channel }));
  }

  #handlePush(push: ClientPush): void {
    if (push.kind === 'ready') {
      if (!this.#attempt?.isOpen) this.#open();
      return;
    }
    const attempt = this.#attempt;
    if (!attempt || push.channel !== attempt.channel) return;
    if (push.kind === 'message') this.#receive(attempt, push.json);
    else if (push.isReplaced) this.#drop(push.reason);
    else this.#lose(push.reason);
  }

  #receive(attempt: Attempt, json: string): void {
    attempt.received += json.length;
    const message = parseMessage(json);
    if (!message) {
      this.#lose('A message of the host was malformed.');
      return;
    }
    const now = this.#options.environment.now();
    if (!attempt.isOpen) {
      attempt.isOpen = true;
      this.#replica.handleOpened();
      this.#status.value = { kind: 'connected', provenAt: now, roundTripMs: now - attempt.begunAt };
    }
    if (message.type === 'bye') {
      this.#status.value = { kind: 'closed', since: now };
      return;
    }
    if (message.type === 'pong') this.#handlePong(attempt, message);
    else this.#replica.receive(message);
    if (attempt.received - attempt.toldReceived > TELL_RECEIVED_EVERY_CHARS) this.#ping(attempt);
  }

  #ping(attempt: Attempt): void {
    if (attempt.ping) return;
    this.#pings += 1;
    attempt.ping = { id: this.#pings, at: this.#options.environment.now() };
    this.#send({ type: 'ping', id: this.#pings, lastRoundTripMs: attempt.lastRoundTripMs });
  }

  #handlePong(attempt: Attempt, { id, now: hostNow }: Extract<FromHost, { type: 'pong' }>): void {
    if (attempt.ping?.id !== id) return;
    const receivedAt = this.#options.environment.now();
    const roundTripMs = receivedAt - attempt.ping.at;
    attempt.ping = null;
    attempt.lastRoundTripMs = roundTripMs;
    this.#status.value = { kind: 'connected', provenAt: receivedAt, roundTripMs };
    this.#replica.handleProof({ hostNow, receivedAt, roundTripMs });
  }

  #send(message: FromDevice): boolean {
    const attempt = this.#attempt;
    if (!attempt?.isOpen) return false;
    const { channel, received } = attempt;
    attempt.toldReceived = received;
    this.#follow(attempt, this.#options.bridge.call('client.send', { channel, received, message }));
    return true;
  }

  /** A call of a channel that main does not take is the end of the channel: nothing that followed it would count either. */
  #follow(attempt: Attempt, answer: ReturnType<BatonBridge['call']>): void {
    const drop = (reason: string) => {
      if (this.#attempt === attempt) this.#lose(reason);
    };
    answer.then(
      (result) => {
        if (!result.ok) drop(result.error);
      },
      (error: unknown) => drop(String(error)),
    );
  }

  /** It was not meant: an open channel comes back by itself. */
  #lose(reason: string): void {
    const wasOpen = this.#attempt?.isOpen === true;
    this.#drop(reason);
    if (wasOpen) this.#cancelReopen = this.#options.environment.after(REOPEN_AFTER_MS, () => this.#open());
  }

  #drop(reason: string): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = null;
    if (attempt.isOpen) console.warn(`Baton: the window lost its host: ${reason}`);
    this.#replica.handleDropped();
    this.#outbox.handleDrop();
    const { value } = this.#status;
    // What the host said last still holds.
    if (value?.kind !== 'closed') this.#status.value = { kind: 'host-offline', since: this.#options.environment.now() };
  }
}

function parseMessage(json: string): FromHost | null {
  try {
    return fromHost.parse(JSON.parse(json));
  } catch {
    return null;
  }
}
