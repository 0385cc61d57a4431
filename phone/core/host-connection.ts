/** One paired host as the screens see it: its link, its state, its logs, and the commands on their way to it. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { unawaited } from '#lib/unawaited.ts';
import type { CommandBody, CommandKind, Scope } from '#protocol/commands.ts';
import type { WireEvent } from '#protocol/events.ts';
import { PAGE_MAX_EVENTS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import type { FromHost, HostState } from '#protocol/messages.ts';
import { ClockOffset } from './clock-offset.ts';
import type { HostConnection, LinkStatus, OutboxEntry, SessionLog } from './contract.ts';
import { type Database, describeStorageFailure, type HostRecord, type StateRecord } from './database.ts';
import type { DeviceKeys } from './device-keys.ts';
import type { Environment } from './environment.ts';
import { EventStore } from './event-store.ts';
import { createHostCourier } from './host-courier.ts';
import { HostLink } from './host-link.ts';
import { HostRequests } from './host-requests.ts';
import type { HostStore } from './host-store.ts';
import { HostSync } from './host-sync.ts';
import { translateState } from './host-times.ts';
import { LOG_PAGE_EVENTS, PROOF_SAVE_INTERVAL_MS } from './limits.ts';
import type { Proof } from './link-attempt.ts';
import { type Bye, type Stop, stopped } from './link-status.ts';
import type { MailCourier } from './mail-courier.ts';
import { Outbox } from './outbox.ts';
import { StoredLog } from './session-log.ts';

export interface HostConnectionOptions {
  readonly environment: Environment;
  readonly database: Database;
  readonly hosts: HostStore;
  readonly build: string;
  readonly record: HostRecord;
  /** Null if the browser lost them. */
  readonly identity: { readonly keys: DeviceKeys; readonly psk: Uint8Array<ArrayBuffer> } | null;
  readonly state: StateRecord | null;
  /** Another tab has just connected to it. */
  readonly isHeldElsewhere: boolean;
  /** A command was stored that another tab may have to send, or has a new receipt that other tabs show. */
  onOutboxChanged(): void;
  onForgotten(): void;
}

const KEYS_LOST: Stop = {
  kind: 'stopped',
  reason: 'storage',
  text: 'This browser lost the keys of this device. Show a pairing code on the computer and scan it to pair again.',
};
/** How long a goodbye may take to leave before this device forgets a host. */
const BYE_TIMEOUT_MS = 1_000;

export class StoredHostConnection implements HostConnection {
  readonly hostId: string;
  /** Names the keys with which it connects; pairing again makes new ones. */
  readonly deviceId: string;
  readonly outbox: ReadonlySignal<readonly OutboxEntry[]>;
  readonly status: ReadonlySignal<LinkStatus>;
  readonly #options: HostConnectionOptions;
  readonly #name = signal('');
  readonly #scope = signal<Scope>('watch');
  readonly #hostBuild = signal<string | null>(null);
  /** As the host sent it, and how far its clock is ahead. */
  readonly #rawState = signal<HostState | null>(null);
  readonly #clockOffset = signal(0);
  readonly #state = computed(() => {
    const value = this.#rawState.value;
    return value && translateState(value, this.#clockOffset.value);
  });
  readonly #stateProvenAt = signal<number | null>(null);
  readonly #clock: ClockOffset;
  readonly #store: EventStore;
  readonly #outbox: Outbox;
  readonly #courier: MailCourier;
  readonly #requests: HostRequests;
  readonly #sync: HostSync;
  readonly #link: HostLink | null;
  readonly #logs = new Map<string, StoredLog>();
  #watched: string | null = null;
  /** Texts of the watched session that were asked for anew because a piece was missed. */
  readonly #asked = new Set<string>();
  /** Version of the state that was applied last, in this channel. */
  #stateVersion = -1;
  #bye: Bye | null;
  #savedAt = 0;

  constructor(options: HostConnectionOptions) {
    const { environment, database, record, identity, state, build } = options;
    this.#options = options;
    this.hostId = record.hostId;
    this.deviceId = record.deviceId;
    this.#name.value = record.name;
    this.#scope.value = record.scope;
    this.#clock = new ClockOffset(state?.clockOffset ?? 0);
    this.#clockOffset.value = this.#clock.value;
    this.#rawState.value = state?.value ?? null;
    this.#stateProvenAt.value = state?.provenAt ?? null;
    this.#bye = state?.bye ?? null;
    this.#store = new EventStore(database, record.hostId);
    this.#requests = new HostRequests(environment);
    this.#outbox = new Outbox({
      database,
      host: record.hostId,
      now: () => environment.now(),
      canSend: () => this.#link?.isOpen ?? false,
      send: (command) => this.#link?.send({ type: 'command', command }) ?? false,
      takeOut: (command) => this.#courier.takeOut(command),
      onAdded: () => {
        options.onOutboxChanged();
        this.#courier.touch();
      },
    });
    this.#courier = createHostCourier({ outbox: this.#outbox, environment, record, identity, clock: this.#clock });
    this.outbox = this.#outbox.entries;
    this.#sync = new HostSync({
      store: this.#store,
      send: (message) => this.#link?.send(message) ?? false,
      onStored: async (session, fresh) => await this.#logs.get(session)?.handleStored(fresh),
      onReplaced: async (session) => await this.#logs.get(session)?.load(),
      onMalformed: (text) => this.#link?.dropMalformed(text),
      onFailure: (error) => this.#stopForStorage(error),
    });
    unawaited(this.#outbox.load(), 'load the outbox');
    this.#link =
      identity &&
      new HostLink({
        environment,
        build,
        identity: { ...identity, hostId: record.hostId, hostKey: record.hostKey, relayOrigin: record.relayOrigin },
        bye: this.#bye,
        isHeldElsewhere: options.isHeldElsewhere,
        onOpened: () => this.#handleOpened(),
        onMessage: (message) => this.#receive(message),
        onProof: (proof) => this.#handleProof(proof),
        onDropped: () => this.#handleDropped(),
        onMailbox: (port) => this.#courier.begin(port),
        onMail: (message) => this.#courier.handle(message),
        onHandshake: () => this.#courier.end(),
      });
    this.status = this.#link?.status ?? signal(KEYS_LOST);
  }

  get name(): ReadonlySignal<string> {
    return this.#name;
  }

  get scope(): ReadonlySignal<Scope> {
    return this.#scope;
  }

  get state(): ReadonlySignal<HostState | null> {
    return this.#state;
  }

  get stateProvenAt(): ReadonlySignal<number | null> {
    return this.#stateProvenAt;
  }

  get hostBuild(): ReadonlySignal<string | null> {
    return this.#hostBuild;
  }

  log(session: string): SessionLog {
    const known = this.#logs.get(session);
    if (known) return known;
    const log = new StoredLog({
      session,
      store: this.#store,
      environment: this.#options.environment,
      clockOffset: this.#clock.value,
      fetchPage: (before) => this.#fetchPage(session, before),
    });
    this.#logs.set(session, log);
    unawaited(log.load(), 'load the log of a session');
    return log;
  }

  watch(session: string | null): void {
    if (session === this.#watched) return;
    this.#watched = session;
    this.#asked.clear();
    for (const [id, log] of this.#logs) {
      if (id === session) continue;
      log.clearStreaming();
      unawaited(log.shrink(), 'shrink the log of a session');
    }
    this.#link?.send({ type: 'watch', session });
  }

  async send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Promise<string> {
    return await describingStorage(this.#outbox.add(kind, session, body));
  }

  async withdraw(command: string): Promise<void> {
    await describingStorage(this.#outbox.withdraw(command));
  }

  async dismiss(command: string): Promise<void> {
    await describingStorage(this.#outbox.dismiss(command));
  }

  async blob(session: string, blob: string): Promise<string> {
    const reply = await this.#requests.ask((request) => this.#send({ type: 'blob', request, session, blob }));
    if (reply.type !== 'blob') throw new Error('The computer answered with something else.');
    return reply.text;
  }

  retryNow(): void {
    this.#link?.retryNow();
  }

  /** Another tab changed the outbox. */
  reloadOutbox(): void {
    unawaited(this.#link?.isOpen ? this.#outbox.resend() : this.#outbox.load(), 'reload the outbox');
    this.#courier.touch();
  }

  async forget(): Promise<void> {
    if (this.#send({ type: 'bye' })) {
      const timeout = new Promise<void>((resolve) => this.#options.environment.after(BYE_TIMEOUT_MS, resolve));
      await Promise.race([this.#link?.flushed(), timeout]);
    }
    this.dispose();
    await this.#sync.idle();
    await describingStorage(this.#options.hosts.forget(this.hostId));
    this.#options.onForgotten();
  }

  /** Ends the connection; what is stored stays. */
  dispose(): void {
    this.#link?.dispose();
    this.#handleDropped();
    for (const log of this.#logs.values()) log.dispose();
  }

  #send(message: Parameters<HostLink['send']>[0]): boolean {
    return this.#link?.send(message) ?? false;
  }

  #handleOpened(): void {
    this.#stateVersion = -1;
    this.#clock.restart();
    this.#sync.handleOpened();
    this.#sync.run(async () => {
      await this.#outbox.resend();
      if (this.#watched !== null) this.#send({ type: 'watch', session: this.#watched });
      // Another tab may have had the channel meanwhile, and stored what this one never saw.
      for (const log of this.#logs.values()) await log.handleStored([]);
    });
  }

  #handleDropped(): void {
    this.#courier.end();
    this.#sync.handleDrop();
    this.#requests.handleDrop();
    this.#outbox.handleDrop();
    this.#asked.clear();
    for (const log of this.#logs.values()) log.clearStreaming();
  }

  #receive(message: FromHost): void {
    // A goodbye, and the last state before it, do not wait behind what is being stored: the channel is gone right after them, and
    // nobody says them again.
    if (message.type === 'bye') {
      this.#handleBye({ reason: message.reason, at: message.at - this.#clock.value });
      return;
    }
    if (message.type === 'state') this.#takeState(message.version, message.value);
    this.#sync.run(() => this.#handleMessage(message));
  }

  #handleBye(bye: Bye): void {
    this.#bye = bye;
    this.#link?.handleBye(bye);
    unawaited(this.#save(), 'store what the computer said last');
  }

  async #handleMessage(message: FromHost): Promise<void> {
    switch (message.type) {
      case 'welcome':
        return await this.#handleWelcome(message);
      case 'state':
        return await this.#handleState(message.version, message.value);
      case 'events':
        return await this.#sync.handleEvents(message);
      case 'snapshot':
        return await this.#sync.handleSnapshot(message);
      case 'receipt':
        await this.#outbox.handleReceipt({ ...message, at: message.at - this.#clock.value });
        this.#options.onOutboxChanged();
        return;
      case 'transient':
        return this.#handleTransient(message);
      case 'page':
      case 'blob':
      case 'refused':
        return this.#requests.handleReply(message);
      case 'bye': // Heard at once.
      case 'pong': // Answered where the ping was sent.
        return;
    }
  }

  async #handleWelcome(welcome: Extract<FromHost, { type: 'welcome' }>): Promise<void> {
    if (welcome.version !== PROTOCOL_VERSION) {
      this.#link?.stop(stopped('update-needed'));
      return;
    }
    const { hostName: name, scope, build, now } = welcome;
    this.#hostBuild.value = build;
    if (this.#stateProvenAt.value === null) {
      this.#takeClock({ hostNow: now, receivedAt: this.#options.environment.now(), roundTripMs: null });
    }
    await this.#sync.handleWelcome(welcome.epoch);
    if (name === this.#name.value && scope === this.#scope.value) return;
    this.#name.value = name;
    this.#scope.value = scope;
    await this.#options.hosts.update(this.hostId, { name, scope });
  }

  #takeState(version: number, value: HostState): void {
    if (version <= this.#stateVersion) return;
    this.#stateVersion = version;
    this.#rawState.value = value;
    this.#stateProvenAt.value = this.#options.environment.now();
  }

  /** What has to be stored and asked for, by the newest one that has come. */
  async #handleState(version: number, value: HostState): Promise<void> {
    if (version < this.#stateVersion) return;
    await this.#save();
    await this.#sync.handleListed(value.sessions.map((session) => session.id));
  }

  #handleTransient(piece: Extract<FromHost, { type: 'transient' }>): void {
    if (piece.session !== this.#watched) return;
    const result = this.#logs.get(piece.session)?.handleTransient(piece);
    if (result !== 'gap' || this.#asked.has(piece.id)) return;
    this.#asked.add(piece.id);
    this.#send({ type: 'watch', session: piece.session });
  }

  #handleProof(proof: Proof): void {
    this.#bye = null;
    this.#takeClock(proof);
    // The channel keeps order: whatever the host had said of its state before it answered is here.
    if (this.#stateVersion >= 0) this.#stateProvenAt.value = proof.receivedAt;
    if (Math.abs(proof.receivedAt - this.#savedAt) >= PROOF_SAVE_INTERVAL_MS) this.#sync.run(() => this.#save());
  }

  #takeClock(sample: { hostNow: number; receivedAt: number; roundTripMs: number | null }): void {
    if (!this.#clock.take(sample)) return;
    this.#clockOffset.value = this.#clock.value;
    for (const log of this.#logs.values()) log.setClockOffset(this.#clock.value);
  }

  async #save(): Promise<void> {
    this.#savedAt = this.#options.environment.now();
    await this.#options.hosts.putState({
      host: this.hostId,
      value: this.#rawState.value,
      provenAt: this.#stateProvenAt.value,
      clockOffset: this.#clock.value,
      bye: this.#bye,
    });
  }

  async #fetchPage(session: string, before: number): Promise<readonly WireEvent[] | null> {
    const limit = Math.min(LOG_PAGE_EVENTS, PAGE_MAX_EVENTS);
    try {
      const reply = await this.#requests.ask((request) =>
        this.#send({ type: 'page', request, session, before, limit }),
      );
      if (reply.type !== 'page' || reply.session !== session) return null;
      const isContiguous = reply.events.every((event, index) => event.seq === before - reply.events.length + index);
      const cursor = await this.#store.cursor(session);
      if (!isContiguous || cursor?.epoch !== reply.epoch) return null;
      await this.#store.prepend(session, reply.epoch, reply.events);
      return reply.events;
    } catch {
      return null; // Not connected, refused, or no room: the screen may ask again.
    }
  }

  #stopForStorage(error: unknown): void {
    this.#link?.stop({ kind: 'stopped', reason: 'storage', text: describeStorageFailure(error) });
  }
}

async function describingStorage<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof DOMException) throw new Error(describeStorageFailure(error), { cause: error });
    throw error;
  }
}
