/** One paired host as the screens see it: its link, its state, its logs, and the commands on their way to it. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { unawaited } from '#lib/unawaited.ts';
import type { CommandBody, CommandKind, Scope } from '#protocol/commands.ts';
import type { FromDevice, FromHost, HostState } from '#protocol/messages.ts';
import { HostReplica } from '#ui/client/host-replica.ts';
import type { HostClient, HostStatus, OutboxEntry, SessionLog } from '#ui/host-client.ts';
import type { Environment } from './environment.ts';
import { PROOF_SAVE_INTERVAL_MS } from './limits.ts';
import { HostLink } from './link/host-link.ts';
import type { OpenChannel, Proof } from './link/link-attempt.ts';
import { type Bye, type Stop, stopped } from './link/link-status.ts';
import { createMailboxWriter } from './outbox/host-mailbox-writer.ts';
import type { MailboxWriter } from './outbox/mailbox-writer.ts';
import { Outbox } from './outbox/outbox.ts';
import { type Database, describeStorageFailure, type HostRecord, type StateRecord } from './store/database.ts';
import type { DeviceKeys } from './store/device-keys.ts';
import { EventStore } from './store/event-store.ts';
import type { HostStore } from './store/host-store.ts';

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

export class StoredHostConnection implements HostClient {
  readonly hostId: string;
  /** Names the keys with which it connects; pairing again makes new ones. */
  readonly deviceId: string;
  readonly outbox: ReadonlySignal<readonly OutboxEntry[]>;
  readonly status: ReadonlySignal<HostStatus>;
  readonly #options: HostConnectionOptions;
  readonly #replica: HostReplica;
  readonly #outbox: Outbox;
  readonly #mailbox: MailboxWriter;
  readonly #link: HostLink | null;
  /** The one that is open now. */
  #channel: OpenChannel | null = null;
  #bye: Bye | null;
  #savedAt = 0;

  constructor(options: HostConnectionOptions) {
    const { environment, database, record, identity, state, build } = options;
    this.#options = options;
    this.hostId = record.hostId;
    this.deviceId = record.deviceId;
    this.#bye = state?.bye ?? null;
    this.#outbox = new Outbox({
      database,
      host: record.hostId,
      now: () => environment.now(),
      channel: () => this.#channel,
      takeOut: (command) => this.#mailbox.takeOut(command),
      onAdded: () => {
        options.onOutboxChanged();
        this.#mailbox.touch();
      },
    });
    this.outbox = this.#outbox.entries;
    this.#replica = new HostReplica({
      environment,
      store: new EventStore(database, record.hostId),
      known: {
        ...{ name: record.name, scope: record.scope },
        state: state?.value ?? null,
        stateProvenAt: state?.provenAt ?? null,
        clockOffset: state?.clockOffset ?? 0,
      },
      follows: 'all',
      send: (message) => this.#send(message),
      resend: () => this.#outbox.resend(),
      onReceipt: async (receipt) => {
        await this.#outbox.handleReceipt(receipt);
        options.onOutboxChanged();
      },
      onRenamed: (host) => options.hosts.update(this.hostId, host),
      onState: () => this.#save(),
      onOtherVersion: () => this.#link?.stop(stopped('update-needed')),
      onMalformed: (text) => this.#link?.dropMalformed(text),
      onFailure: (error) =>
        this.#link?.stop({ kind: 'stopped', reason: 'storage', text: describeStorageFailure(error) }),
    });
    const { clock } = this.#replica;
    this.#mailbox = createMailboxWriter({ outbox: this.#outbox, environment, record, identity, clock });
    unawaited(this.#outbox.load(), 'load the outbox');
    this.#link =
      identity &&
      new HostLink({
        environment,
        build,
        identity: { ...identity, hostId: record.hostId, hostKey: record.hostKey, relayOrigin: record.relayOrigin },
        bye: this.#bye,
        isHeldElsewhere: options.isHeldElsewhere,
        onOpened: (channel) => {
          this.#channel = channel;
          this.#replica.handleOpened();
        },
        onMessage: (message) => this.#receive(message),
        onProof: (proof) => this.#handleProof(proof),
        onDropped: () => this.#handleDropped(),
        onMailbox: (port) => this.#mailbox.begin(port),
        onHandshake: () => this.#mailbox.end(),
      });
    this.status = this.#link?.status ?? signal(KEYS_LOST);
  }

  get name(): ReadonlySignal<string> {
    return this.#replica.name;
  }

  get scope(): ReadonlySignal<Scope> {
    return this.#replica.scope;
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
    return await describingStorage(this.#outbox.add(kind, session, body));
  }

  async withdraw(command: string): Promise<void> {
    await describingStorage(this.#outbox.withdraw(command));
  }

  async dismiss(command: string): Promise<void> {
    await describingStorage(this.#outbox.dismiss(command));
  }

  async blob(session: string, blob: string): Promise<string> {
    return await this.#replica.blob(session, blob);
  }

  retryNow(): void {
    this.#link?.retryNow();
  }

  /** Another tab changed the outbox. */
  reloadOutbox(): void {
    unawaited(this.#channel ? this.#outbox.resend() : this.#outbox.load(), 'reload the outbox');
    this.#mailbox.touch();
  }

  async forget(): Promise<void> {
    const channel = this.#channel;
    if (channel) {
      channel.send({ type: 'bye' });
      const timeout = new Promise<void>((resolve) => this.#options.environment.after(BYE_TIMEOUT_MS, resolve));
      await Promise.race([channel.flushed(), timeout]);
    }
    this.dispose();
    await this.#replica.idle();
    await describingStorage(this.#options.hosts.forget(this.hostId));
    this.#options.onForgotten();
  }

  /** Ends the connection; what is stored stays. */
  dispose(): void {
    this.#link?.dispose();
    this.#handleDropped();
    this.#replica.dispose();
  }

  #send(message: FromDevice): boolean {
    this.#channel?.send(message);
    return this.#channel !== null;
  }

  #handleDropped(): void {
    this.#channel = null;
    this.#mailbox.end();
    this.#replica.handleDropped();
    this.#outbox.handleDrop();
  }

  #receive(message: FromHost): void {
    // A goodbye does not wait behind what is being stored: the channel is gone right after it, and nobody says it again.
    if (message.type === 'bye') this.#handleBye({ reason: message.reason, at: message.at - this.#replica.clock.value });
    else this.#replica.receive(message);
  }

  #handleBye(bye: Bye): void {
    this.#bye = bye;
    this.#link?.handleBye(bye);
    unawaited(this.#save(), 'store what the computer said last');
  }

  #handleProof(proof: Proof): void {
    this.#bye = null;
    this.#replica.handleProof(proof);
    if (Math.abs(proof.receivedAt - this.#savedAt) >= PROOF_SAVE_INTERVAL_MS) this.#replica.run(() => this.#save());
  }

  async #save(): Promise<void> {
    this.#savedAt = this.#options.environment.now();
    await this.#options.hosts.putState({
      host: this.hostId,
      value: this.#replica.rawState,
      provenAt: this.#replica.stateProvenAt.value,
      clockOffset: this.#replica.clock.value,
      bye: this.#bye,
    });
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
