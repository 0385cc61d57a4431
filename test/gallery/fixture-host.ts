/** Stands in for one paired computer: everything a screen can read or ask for, without keys, storage or network. */

import { type Signal, signal } from '@preact/signals';
import { uuidv7 } from 'uuidv7';
import type { CommandBody, CommandKind, Scope } from '#protocol/commands.ts';
import type { NewEvent, SessionEvent } from '#protocol/events.ts';
import type { HostState } from '#protocol/messages.ts';
import type { HostClient, HostStatus, OutboxEntry, OutboxState, SessionLog, Streaming } from '#ui/host-client.ts';

export class FixtureLog implements SessionLog {
  readonly events: Signal<readonly SessionEvent[]>;
  readonly streaming: Signal<readonly Streaming[]> = signal([]);
  readonly hasOlder: Signal<boolean>;
  readonly isLoadingOlder = signal(false);
  #older: SessionEvent[];
  #gate = Promise.withResolvers<void>();

  /** Of `all` events the last `loaded` are there at once, the others on request. */
  constructor(all: readonly SessionEvent[], loaded = all.length) {
    this.events = signal(all.slice(Math.max(0, all.length - loaded)));
    this.#older = all.slice(0, Math.max(0, all.length - loaded));
    this.hasOlder = signal(this.#older.length > 0);
    this.#gate.resolve();
  }

  /** Older events take until `releaseOlder` to come. */
  holdOlder(): void {
    this.#gate = Promise.withResolvers();
  }

  releaseOlder(): void {
    this.#gate.resolve();
  }

  async loadOlder(): Promise<boolean> {
    const page = this.#older.splice(-200);
    if (page.length === 0) return false;
    this.isLoadingOlder.value = true;
    await this.#gate.promise;
    this.events.value = [...page, ...this.events.value];
    this.hasOlder.value = this.#older.length > 0;
    this.isLoadingOlder.value = false;
    return true;
  }

  append(...events: NewEvent[]): void {
    let seq = this.events.value.at(-1)?.seq ?? 0;
    this.events.value = [
      ...this.events.value,
      ...events.map((event): SessionEvent => ({ ...event, seq: ++seq, at: Date.now() })),
    ];
  }
}

declare global {
  interface Window {
    /** For tests: the made-up host behind the screens. */
    host: FixtureHost;
  }
}

export interface FixtureHostOptions {
  hostId?: string;
  name?: string;
  scope?: Scope;
  status?: HostStatus;
  state?: HostState | null;
  stateProvenAt?: number | null;
  outbox?: readonly OutboxEntry[];
  logs?: Record<string, FixtureLog>;
  /** Why nothing can be sent. */
  failure?: string | null;
}

export class FixtureHost implements HostClient {
  readonly hostId: string;
  readonly name: Signal<string>;
  readonly scope: Signal<Scope>;
  readonly status: Signal<HostStatus>;
  readonly state: Signal<HostState | null>;
  readonly stateProvenAt: Signal<number | null>;
  readonly outbox: Signal<readonly OutboxEntry[]>;
  readonly hostBuild: Signal<string | null>;
  readonly watched: Signal<string | null> = signal(null);
  /** Every call that reached this computer, for tests to look at. */
  readonly calls: Signal<readonly { call: string; detail: unknown }[]> = signal([]);
  /** For tests: what is kept on the computer, by id; everything else is a long list. */
  blobs: Readonly<Record<string, string>> = {};
  #logs: Record<string, FixtureLog>;
  readonly #failure: string | null;

  constructor(options: FixtureHostOptions) {
    this.hostId = options.hostId ?? 'studio';
    this.name = signal(options.name ?? 'Studio');
    this.scope = signal(options.scope ?? 'full');
    this.status = signal(options.status ?? { kind: 'connected', provenAt: Date.now() - 2000, roundTripMs: 38 });
    this.state = signal(options.state ?? null);
    this.stateProvenAt = signal(options.stateProvenAt === undefined ? Date.now() - 2000 : options.stateProvenAt);
    this.outbox = signal(options.outbox ?? []);
    this.hostBuild = signal(this.status.value.kind === 'connected' ? '4f1c09ab27de' : null);
    this.#logs = options.logs ?? {};
    this.#failure = options.failure ?? null;
  }

  log(session: string): FixtureLog {
    this.#logs[session] ??= new FixtureLog([]);
    return this.#logs[session];
  }

  watch(session: string | null): void {
    this.watched.value = session;
  }

  async send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>): Promise<string> {
    if (this.#failure !== null) throw new Error(this.#failure);
    const id = uuidv7();
    const state: OutboxState = this.status.value.kind === 'connected' ? 'sending' : 'waiting';
    this.outbox.value = [...this.outbox.value, { id, session, kind, body, state, reason: null, at: Date.now() }];
    this.#note(kind, body);
    return id;
  }

  /** Plays the computer's part: a receipt for a command. */
  receive(id: string, state: OutboxState, reason: string | null = null): void {
    this.outbox.value = this.outbox.value.map((entry) => (entry.id === id ? { ...entry, state, reason } : entry));
  }

  async withdraw(command: string): Promise<void> {
    this.outbox.value = this.outbox.value.filter(({ id }) => id !== command);
    this.#note('withdraw', command);
  }

  async dismiss(command: string): Promise<void> {
    this.outbox.value = this.outbox.value.filter(({ id }) => id !== command);
    this.#note('dismiss', command);
  }

  async blob(_session?: string, id = ''): Promise<string> {
    if (this.status.value.kind !== 'connected')
      throw new Error('The whole output is on the computer, which cannot be reached now.');
    const told = this.blobs[id];
    if (told !== undefined) return told;
    return Array.from(
      { length: 900 },
      (_, line) => `${line + 1}\tok ${line % 7 === 0 ? 'slow' : 'fast'} test number ${line + 1}`,
    ).join('\n');
  }

  retryNow(): void {
    this.#note('retryNow', null);
    this.status.value = { kind: 'connecting', since: Date.now() };
  }

  async forget(): Promise<void> {
    this.#note('forget', null);
  }

  #note(call: string, detail: unknown): void {
    this.calls.value = [...this.calls.value, { call, detail }];
  }
}
