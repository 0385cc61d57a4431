/**
 * What this client knows of one host: its state, its logs, answers to questions. Fed with messages by whatever carries them, one channel
 * after another; kept in whatever store it is given.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { unawaited } from '#lib/unawaited.ts';
import type { Receipt, Scope } from '#protocol/commands.ts';
import type { WireEvent } from '#protocol/events.ts';
import { PAGE_MAX_EVENTS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import type { FromDevice, FromHost, HostState } from '#protocol/messages.ts';
import type { SessionLog } from '../host-client.ts';
import { ClockOffset, type ClockSample } from './clock-offset.ts';
import type { ClientEnvironment } from './environment.ts';
import { HostRequests } from './host-requests.ts';
import { HostSync } from './host-sync.ts';
import { translateState } from './host-times.ts';
import { LOG_PAGE_EVENTS } from './limits.ts';
import type { LogStore } from './log-store.ts';
import { StoredLog } from './session-log.ts';

/** What was known of the host before this page was loaded. */
export interface KnownHost {
  readonly name: string;
  readonly scope: Scope;
  /** As the host sent it; null if it never did. */
  readonly state: HostState | null;
  readonly stateProvenAt: number | null;
  /** How far its clock is ahead, in milliseconds. */
  readonly clockOffset: number;
}

export interface HostReplicaOptions {
  readonly environment: ClientEnvironment;
  readonly store: LogStore;
  readonly known: KnownHost;
  /** `all`: every session that the host lists, for reading without it. `opened`: those that a screen has asked for. */
  readonly follows: 'all' | 'opened';
  /** Hands a message to the channel; false if there is none. */
  send(message: FromDevice): boolean;
  /** A channel has opened: what waits is to be sent. */
  resend(): Promise<void>;
  /** Times are by this client's clock. */
  onReceipt(receipt: Receipt): Promise<void>;
  /** The host introduced itself under another name, or this client may do something else now. */
  onRenamed?(host: Pick<KnownHost, 'name' | 'scope'>): Promise<void>;
  /** A state was taken. */
  onState?(): Promise<void>;
  /** Host and client do not fit together. */
  onOtherVersion(): void;
  /** The host sends what cannot be. */
  onMalformed(text: string): void;
  /** Storing failed, so nothing was acknowledged. */
  onFailure(error: unknown): void;
}

export class HostReplica {
  /** How far the host's clock is ahead. */
  readonly clock: ClockOffset;
  readonly #options: HostReplicaOptions;
  readonly #name = signal('');
  readonly #scope = signal<Scope>('watch');
  readonly #hostBuild = signal<string | null>(null);
  readonly #rawState = signal<HostState | null>(null);
  readonly #clockOffset = signal(0);
  readonly #state = computed(() => {
    const value = this.#rawState.value;
    return value && translateState(value, this.#clockOffset.value);
  });
  readonly #stateProvenAt = signal<number | null>(null);
  readonly #requests: HostRequests;
  readonly #sync: HostSync;
  readonly #logs = new Map<string, StoredLog>();
  #watched: string | null = null;
  /** Texts of the watched session that were asked for again because a piece was missed. */
  readonly #asked = new Set<string>();
  /** Version of the state that was applied last, in this channel. */
  #stateVersion = -1;

  constructor(options: HostReplicaOptions) {
    const { environment, store, known } = options;
    this.#options = options;
    this.clock = new ClockOffset(known.clockOffset);
    this.#clockOffset.value = this.clock.value;
    this.#name.value = known.name;
    this.#scope.value = known.scope;
    this.#rawState.value = known.state;
    this.#stateProvenAt.value = known.stateProvenAt;
    this.#requests = new HostRequests(environment);
    this.#sync = new HostSync({
      store,
      send: (message) => options.send(message),
      onStored: async (session, fresh) => await this.#logs.get(session)?.handleStored(fresh),
      onReplaced: async (session) => await this.#logs.get(session)?.load(),
      onMalformed: (text) => options.onMalformed(text),
      onFailure: (error) => options.onFailure(error),
    });
  }

  get name(): ReadonlySignal<string> {
    return this.#name;
  }

  get scope(): ReadonlySignal<Scope> {
    return this.#scope;
  }

  get hostBuild(): ReadonlySignal<string | null> {
    return this.#hostBuild;
  }

  get state(): ReadonlySignal<HostState | null> {
    return this.#state;
  }

  /** The state as the host sent it, to be stored. */
  get rawState(): HostState | null {
    return this.#rawState.value;
  }

  get stateProvenAt(): ReadonlySignal<number | null> {
    return this.#stateProvenAt;
  }

  log(session: string): SessionLog {
    const known = this.#logs.get(session);
    if (known) return known;
    const { store, environment, follows } = this.#options;
    const log = new StoredLog({
      session,
      ...{ store, environment },
      clockOffset: this.clock.value,
      fetchPage: (before) => this.#fetchPage(session, before),
    });
    this.#logs.set(session, log);
    unawaited(log.load(), 'load the log of a session');
    if (follows === 'opened') this.#sync.run(() => this.#follow());
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
    this.#options.send({ type: 'watch', session });
  }

  async blob(session: string, blob: string): Promise<string> {
    const reply = await this.#requests.ask((request) => this.#options.send({ type: 'blob', request, session, blob }));
    if (reply.type !== 'blob') throw new Error('The computer answered with something else.');
    return reply.text;
  }

  /** Runs a task in the order of the messages, if its channel is still there when its turn comes. */
  run(task: () => Promise<void> | void): void {
    this.#sync.run(task);
  }

  /** Resolves when everything that was asked of it so far is done. */
  idle(): Promise<void> {
    return this.#sync.idle();
  }

  handleOpened(): void {
    this.#stateVersion = -1;
    this.clock.restart();
    this.#sync.handleOpened();
    this.#sync.run(async () => {
      await this.#options.resend();
      if (this.#watched !== null) this.#options.send({ type: 'watch', session: this.#watched });
      // Another tab may have had the channel meanwhile, and stored what this one never saw.
      for (const log of this.#logs.values()) await log.handleStored([]);
    });
  }

  handleDropped(): void {
    this.#sync.handleDrop();
    this.#requests.handleDrop();
    this.#asked.clear();
    for (const log of this.#logs.values()) log.clearStreaming();
  }

  /** A message of the host that was checked at the edge. Goodbyes are for anyone who owns the channel. */
  receive(message: FromHost): void {
    // The last state before a goodbye does not wait behind what is being stored: the channel is gone right after it.
    if (message.type === 'state') this.#takeState(message.version, message.value);
    this.#sync.run(() => this.#handleMessage(message));
  }

  /** A round trip to the host itself. */
  handleProof(sample: ClockSample): void {
    this.#takeClock(sample);
    // The channel keeps order: whatever the host had said of its state before it answered is here.
    if (this.#stateVersion >= 0) this.#stateProvenAt.value = sample.receivedAt;
  }

  dispose(): void {
    this.handleDropped();
    for (const log of this.#logs.values()) log.dispose();
  }

  async #handleMessage(message: FromHost): Promise<void> {
    switch (message.type) {
      case 'welcome':
        return await this.#handleWelcome(message);
      case 'state':
        return await this.#handleState(message.version);
      case 'events':
        return await this.#sync.handleEvents(message);
      case 'snapshot':
        return await this.#sync.handleSnapshot(message);
      case 'receipt':
        return await this.#options.onReceipt({ ...message, at: message.at - this.clock.value });
      case 'transient':
        return this.#handleTransient(message);
      case 'page':
      case 'blob':
      case 'refused':
        return this.#requests.handleReply(message);
      case 'bye':
      case 'pong':
        return;
    }
  }

  async #handleWelcome({ version, epoch, hostName: name, scope, build, now }: Welcome): Promise<void> {
    if (version !== PROTOCOL_VERSION) {
      this.#options.onOtherVersion();
      return;
    }
    this.#hostBuild.value = build;
    if (this.#stateProvenAt.value === null) {
      this.#takeClock({ hostNow: now, receivedAt: this.#options.environment.now(), roundTripMs: null });
    }
    await this.#sync.handleWelcome(epoch);
    if (name === this.#name.value && scope === this.#scope.value) return;
    this.#name.value = name;
    this.#scope.value = scope;
    await this.#options.onRenamed?.({ name, scope });
  }

  #takeState(version: number, value: HostState): void {
    if (version <= this.#stateVersion) return;
    this.#stateVersion = version;
    this.#rawState.value = value;
    this.#stateProvenAt.value = this.#options.environment.now();
  }

  /** What has to be stored and asked for, by the newest one that has come. */
  async #handleState(version: number): Promise<void> {
    if (version < this.#stateVersion) return;
    await this.#options.onState?.();
    await this.#follow();
  }

  async #follow(): Promise<void> {
    // Until the host has said what there is, nothing can be asked for.
    if (this.#stateVersion < 0) return;
    const { follows } = this.#options;
    const listed = (this.#rawState.value?.sessions ?? []).map(({ id }) => id);
    await this.#sync.handleListed(follows === 'all' ? listed : listed.filter((session) => this.#logs.has(session)));
  }

  #handleTransient(piece: Extract<FromHost, { type: 'transient' }>): void {
    if (piece.session !== this.#watched) return;
    const result = this.#logs.get(piece.session)?.handleTransient(piece);
    if (result !== 'gap' || this.#asked.has(piece.id)) return;
    this.#asked.add(piece.id);
    this.#options.send({ type: 'watch', session: piece.session });
  }

  #takeClock(sample: ClockSample): void {
    if (!this.clock.take(sample)) return;
    this.#clockOffset.value = this.clock.value;
    for (const log of this.#logs.values()) log.setClockOffset(this.clock.value);
  }

  async #fetchPage(session: string, before: number): Promise<readonly WireEvent[] | null> {
    const limit = Math.min(LOG_PAGE_EVENTS, PAGE_MAX_EVENTS);
    const { store, send } = this.#options;
    try {
      const reply = await this.#requests.ask((request) => send({ type: 'page', request, session, before, limit }));
      if (reply.type !== 'page' || reply.session !== session) return null;
      const isContiguous = reply.events.every((event, index) => event.seq === before - reply.events.length + index);
      const cursor = await store.cursor(session);
      if (!isContiguous || cursor?.epoch !== reply.epoch) return null;
      await store.prepend(session, reply.epoch, reply.events);
      return reply.events;
    } catch {
      return null; // Not connected, refused, or no room: the screen may ask again.
    }
  }
}

type Welcome = Extract<FromHost, { type: 'welcome' }>;
