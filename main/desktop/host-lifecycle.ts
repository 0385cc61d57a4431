/**
 * The host inside the tray app: opened, refused, tried again, moved to another relay, closed. The tray and the window live on while
 * there is none, and say why.
 */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { Result } from '#preload/contract.ts';
import { createHost, type Host } from '../host/host.ts';
import type { SecretStore } from '../host/host-keys.ts';
import type { Settings, SettingsStore } from '../host/settings.ts';
import { type OpenedRelay, openRelay } from '../setup/open-relay.ts';
import { fail, succeed } from './ipc/calls/call-handlers.ts';

export type ReadyRelay = Extract<OpenedRelay, { kind: 'ready' }>;
export interface RunningHost {
  readonly host: Host;
  readonly relay: ReadyRelay;
}
/** What a person chose as their relay; `publicUrl` only with our own, which is `address` null. */
export interface RelayChoice {
  readonly address: string | null;
  readonly publicUrl: string | null;
}

export interface HostLifecycleOptions {
  readonly dataFolder: string;
  readonly phoneFolder: string | null;
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
  readonly hostName: string;
  readonly build: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A host that was refused is tried again by itself: at first after this long, then each time after twice as long. */
export const RETRY_FIRST_AFTER_MS = 30_000;
/** Not more often in the end: a keychain that is locked may ask the person each time. */
const RETRY_AT_MOST_AFTER_MS = 10 * 60_000;

const STARTING = 'Baton is still starting. Try again in a moment.';
const QUITTING = 'Baton is being closed.';

export class HostLifecycle {
  readonly #options: HostLifecycleOptions;
  readonly #didChange: Emitter<[]>;
  readonly #users = new Set<(running: RunningHost) => Disposer>();
  #running: RunningHost | null = null;
  #disposers: Disposer[] = [];
  #refusal: string | null = null;
  #opening: Promise<void> | null = null;
  /** What uses or changes the relay, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #moving: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #retryAfterMs = RETRY_FIRST_AFTER_MS;
  #cancelRetry: Disposer = () => {};

  constructor(options: HostLifecycleOptions) {
    this.#options = options;
    this.#didChange = new Emitter('the host lifecycle', options.log);
  }

  get running(): RunningHost | null {
    return this.#running;
  }

  /** Why the host does not run; null while it runs or starts. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** It was closed, or is being closed, for good. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The host came, went or was refused, or uses another relay. */
  onDidChange(listener: () => void): Disposer {
    return this.#didChange.on(listener);
  }

  /** The host, or words for why there is none. */
  find(): Result<Host> {
    if (this.#running) return succeed(this.#running.host);
    return fail(this.#isClosed ? QUITTING : (this.#refusal ?? STARTING));
  }

  /** As `find`, but never "still starting": it waits until the host that is being started runs or is refused. */
  async findStarted(): Promise<Result<Host>> {
    while (!this.#running && this.#refusal === null && !this.#isClosed) await this.#nextChange();
    return this.find();
  }

  /** Calls back with the host once it runs, now or later, and again with another one; what it returns is called when that one goes. */
  use(user: (running: RunningHost) => Disposer): void {
    this.#users.add(user);
    if (this.#running) this.#disposers.push(user(this.#running));
  }

  /** Starts relay and host, unless they run. Never rejects: what a person can act on is `refusal`, and a bug is one too. */
  async open(): Promise<void> {
    if (this.#running || this.#isClosed) return;
    this.#cancelRetry();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
      if (this.#refusal !== null) this.#planRetry();
    });
    await this.#opening;
  }

  /** Uses another relay from now on, and remembers it. Nothing has changed if it fails. One move at a time. */
  async moveRelay(choice: RelayChoice): Promise<Result<null>> {
    return await this.#enqueue(async () => {
      const moved = this.#moveRelay(choice);
      this.#moving = moved.catch(() => {});
      return await moved;
    });
  }

  /** Opens our own relay for as long as `work` takes, while the host uses another one; not while a move is under way. */
  async borrowOwnRelay<Value>(work: (relay: OpenedRelay) => Promise<Value>): Promise<Value> {
    return await this.#enqueue(async () => {
      // A host that is being started may have our relay open already.
      await this.#opening;
      const current = this.#running?.relay;
      if (current?.isOwn) return await work(current);
      const relay = await this.#openRelay({ ...this.#options.settings.get(), relay: null });
      try {
        return await work(relay);
      } finally {
        if (relay.kind === 'ready') await relay.stop();
      }
    });
  }

  /** Tells devices, closes everything, and ends agents unless they are to be left at work. Also while it is still being opened. */
  async dispose(options = { leaveAgents: false }): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    this.#didChange.fire();
    await this.#opening;
    // A test of a relay is not waited for.
    await this.#moving;
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.#didChange.fire();
    await running.host.dispose(options);
    await running.relay.stop();
  }

  async #nextChange(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#didChange.on(resolve);
    await promise;
    stop();
  }

  async #enqueue<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return await done;
  }

  /** Nobody may be at the desk: another Baton ends, a port becomes free, a keychain is unlocked. */
  #planRetry(): void {
    this.#cancelRetry();
    if (this.#isClosed) return;
    this.#cancelRetry = this.#options.clock.after(this.#retryAfterMs, () =>
      unawaited(this.open(), 'start the host again', this.#options.log),
    );
    this.#retryAfterMs = Math.min(2 * this.#retryAfterMs, RETRY_AT_MOST_AFTER_MS);
  }

  /** What refused it last is shown until it is known whether it still does. */
  async #open(): Promise<void> {
    const { log, settings } = this.#options;
    this.#didChange.fire();
    try {
      settings.reload();
      const text = await this.#start();
      this.#refusal = text;
      if (text !== null) log.warn('The host cannot run', { text });
    } catch (error) {
      log.error('Failed to start the host', { error });
      const words = error instanceof Error ? error.message : String(error);
      this.#refusal = `Baton could not start: ${words} The log in ${this.#options.dataFolder} has the details.`;
    }
    this.#didChange.fire();
  }

  /** Null if it runs; else why not. */
  async #start(): Promise<string | null> {
    const { dataFolder, settings, secrets, hostName, build, clock, log } = this.#options;
    const relay = await this.#openRelay(settings.get());
    if (relay.kind === 'refused') return relay.text;
    const { relayOrigin, phoneOrigin } = relay;
    const created = await createHost({
      ...{ dataFolder, settings, secrets, hostName, build, clock, log },
      random: Math.random,
      relayOrigin,
      appOrigin: phoneOrigin,
    }).catch(async (error: unknown) => {
      await relay.stop();
      throw error;
    });
    if (created.kind === 'refused') {
      await relay.stop();
      return created.text;
    }
    const running = { host: created.host, relay };
    this.#running = running;
    for (const user of this.#users) this.#disposers.push(user(running));
    created.host.remote.start();
    return null;
  }

  async #moveRelay(choice: RelayChoice): Promise<Result<null>> {
    const found = await this.findStarted();
    if (!found.ok) return found;
    const running = this.#running as RunningHost;
    const { settings, log } = this.#options;
    const before = settings.get();
    const change = { relay: choice.address, relayPublicUrl: choice.publicUrl };
    // Our own has one port and one file: the one that runs stops before another is opened.
    const isRestart = running.relay.isOwn && choice.address === null;
    if (isRestart) await running.relay.stop();
    const opened = await this.#openRelay({ ...before, ...change });
    let problem = opened.kind === 'refused' ? opened.text : null;
    if (opened.kind === 'ready') {
      try {
        settings.update(change);
      } catch (error) {
        log.error('Failed to store another relay', { error });
        problem = `The settings could not be written: ${error instanceof Error ? error.message : String(error)}`;
        await opened.stop();
      }
    }
    if (opened.kind === 'ready' && problem === null) {
      await this.#become({ host: running.host, relay: opened });
      if (!isRestart) await running.relay.stop();
      return succeed(null);
    }
    const words = problem ?? 'The relay could not be opened.';
    const lost = isRestart ? await this.#reopen(running.host, before) : null;
    return fail(
      lost === null
        ? words
        : `${words} Baton's own relay did not come back either: ${lost} Quit Baton and start it again.`,
    );
  }

  /** Our own relay as it was before a move that failed; why not, if even that fails. */
  async #reopen(host: Host, settings: Settings): Promise<string | null> {
    const again = await this.#openRelay(settings);
    if (again.kind === 'ready') {
      await this.#become({ host, relay: again });
      return null;
    }
    this.#options.log.error('Our own relay could not be opened again', { text: again.text });
    return again.text;
  }

  async #become(running: RunningHost): Promise<void> {
    const { relayOrigin, phoneOrigin } = running.relay;
    this.#running = running;
    await running.host.remote.useRelay({ relayOrigin, appOrigin: phoneOrigin });
    this.#didChange.fire();
  }

  async #openRelay(settings: Settings): Promise<OpenedRelay> {
    const { dataFolder, phoneFolder, log } = this.#options;
    return await openRelay({ settings, dataFolder, phoneFolder, log });
  }
}
