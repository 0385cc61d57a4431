/** Remote control as a whole: the link to the relay, the paired devices, and pairing new ones. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { toBase64Url } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import type { Receipt, Scope, WireCommand } from '#protocol/commands.ts';
import { DEVICES_MAX } from '#protocol/limits.ts';
import type { ByeReason } from '#protocol/messages.ts';
import { type HostToRelay, MAIL_CHANNEL } from '#protocol/relay-messages.ts';
import { type Client, DEVICE_REVOKED, deviceClient } from '../access.ts';
import { AT_COMPUTER } from '../at-computer.ts';
import type { ClientTable } from '../clients/client-table.ts';
import type { HostApi } from '../clients/host-api.ts';
import type { Audit } from '../history/audit.ts';
import type { DeviceStore, NewDevice } from '../history/device-store.ts';
import type { HostKeys } from '../host-keys.ts';
import { ChannelTable } from './channel-table.ts';
import { type DeviceProof, type LinkFacts, proveDevice, readLinkFacts } from './link/link-facts.ts';
import type { RelayStatus } from './link/relay-status.ts';
import { MailboxReader, type MailCounts } from './mailbox-reader.ts';
import { Pairing } from './pairing.ts';
import { RelayLink } from './relay-link.ts';

/** Pairing and devices are decided by anyone who sits there. */

/** Time for the last words to leave before a connection is closed. */
export const BYE_WITHIN_MS = 1_000;
/** Time for the relay to confirm that it admits a new device. */
const ADMIT_WITHIN_MS = 10_000;

export interface RemoteControlOptions {
  /** What the host dials. */
  readonly relayOrigin: string;
  /** Where phones find the relay and its page; another one if something with https stands before a relay on loopback. */
  readonly appOrigin: string;
  readonly keys: HostKeys;
  readonly devices: DeviceStore;
  readonly audit: Audit;
  /** All or nothing on disk. */
  readonly transaction: <Value>(work: () => Value) => Value;
  /** As devices may use the host. */
  readonly api: HostApi;
  readonly table: ClientTable;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** A paired device as a screen shows it. Times are milliseconds since 1970. */
export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly pairedAt: number;
  readonly lastSeenAt: number | null;
  /** Null unless it is connected now; then the last round trip that the device proved. */
  readonly connection: DeviceProof | null;
  /** The session on its screen now. */
  readonly watching: string | null;
}

export class RemoteControl {
  readonly link: RelayLink;
  readonly pairing: Pairing;
  readonly #options: RemoteControlOptions;
  readonly #channels: ChannelTable;
  readonly #mailboxReader: MailboxReader;
  readonly #didChange: Emitter<[]>;
  readonly #didPair: Emitter<[]>;
  readonly #proofs = new Map<string, DeviceProof>();
  #admitted: (() => void)[] = [];
  #relayOrigin: string;
  #admittedCount: number | null = null;

  constructor(options: RemoteControlOptions) {
    this.#options = options;
    this.#relayOrigin = options.relayOrigin;
    const { relayOrigin, appOrigin, keys, devices, api, table, clock, random, log } = options;
    this.#didChange = new Emitter('remote control', log);
    this.#didPair = new Emitter('pairing', log);
    this.pairing = new Pairing({
      keys,
      hostName: api.hostName,
      appOrigin,
      clock,
      log,
      openCode: (pairId) => this.link.send({ type: 'pair.open', pairId }),
      closeCode: (pairId) => this.link.send({ type: 'pair.close', pairId }),
      refusal: () =>
        devices.active().length < DEVICES_MAX ? null : `${DEVICES_MAX} devices are paired. Revoke one to pair another.`,
      admit: (device) => this.#admit(device),
    });
    this.link = new RelayLink({ origin: relayOrigin, keys, clock, random, log, greeting: () => this.#greeting() });
    this.#channels = new ChannelTable({
      link: this.link,
      keys,
      devices,
      pairing: this.pairing,
      api: { ...api, handleCommand: (from, command) => this.#handleLive(from, command) },
      table,
      clock,
      log,
      onDidChangeDevice: (device, proof) => this.#noteProof(device, proof),
    });
    this.#mailboxReader = new MailboxReader({
      keys,
      devices,
      clock,
      log,
      send: (message) => this.link.send(message),
      handleCommand: (device, command) => api.handleCommand(this.#asItIsNow(deviceClient(device)), command),
      isStored: (command) => api.isStored(command),
      isDeleted: (session) => api.isDeleted(session),
    });
    this.link.onDidReceiveFrame((channel, frame) => {
      if (channel === MAIL_CHANNEL) this.#mailboxReader.handlePiece(frame);
    });
    this.link.onDidDisconnect(() => {
      this.#admittedCount = null;
      this.#channels.disposeAll();
      this.#mailboxReader.handleDisconnect();
    });
    this.link.onDidReceive((message) => this.#mailboxReader.handleRelay(message));
    this.link.onDidChangeStatus(() => this.#didChange.fire());
    this.link.onDidReceive((message) => {
      if (message.type === 'admitted') {
        this.#admittedCount = message.count;
        for (const resolve of this.#admitted.splice(0)) resolve();
      } else if (message.type === 'pair.refused')
        log.warn('The relay refused a pairing code', { reason: message.reason });
      else this.#channels.handleRelay(message);
    });
  }

  get status(): RelayStatus {
    return this.link.status;
  }

  /** What is known of the relay and of each device at this moment. */
  facts(): LinkFacts {
    const { status, heardAt } = this.link;
    return readLinkFacts({ status, heardAt, devices: this.devices() }, this.#options.clock.now());
  }

  /** What became of letters that devices left at the relay, since this host started. */
  get mail(): MailCounts {
    return this.#mailboxReader.counts;
  }

  /** How many devices the relay has said on this connection that it admits; null if it has not said so. */
  get admittedCount(): number | null {
    return this.#admittedCount;
  }

  /** The status, or a device's connection, has changed. */
  onDidChange(listener: () => void): Disposer {
    return this.#didChange.on(listener);
  }

  /** A device was stored. */
  onDidPair(listener: () => void): Disposer {
    return this.#didPair.on(listener);
  }

  /** Devices that are paired and not revoked. */
  devices(): DeviceView[] {
    return this.#options.devices.active().map((device) => ({
      id: device.id,
      name: device.name,
      scope: device.scope,
      pairedAt: device.pairedAt,
      lastSeenAt: device.lastSeenAt,
      connection: this.#proofs.get(device.id) ?? null,
      watching: this.#channels.device(device.id)?.watched ?? null,
    }));
  }

  /** Forgets the device's key, closes its connection and has the relay refuse it. False if it was not paired. */
  revoke(id: string): boolean {
    const { devices, audit, log } = this.#options;
    const device = devices.get(id);
    if (!device || !devices.revoke(id)) return false;
    log.info('A device was revoked', { device: device.name });
    this.#proofs.delete(id);
    const channel = this.#channels.device(id);
    const told = this.#farewell(channel ? [channel] : [], 'revoked').then(() => {
      channel?.end(CloseCode.revoked, DEVICE_REVOKED);
      this.link.send(this.#admission());
    });
    unawaited(told, 'tell a device that it was revoked', log);
    this.#didChange.fire();
    // Last: its connection ends even if this cannot be written down.
    audit.append({
      by: AT_COMPUTER,
      action: 'device.revoked',
      session: null,
      detail: { device: id, name: device.name },
    });
    return true;
  }

  /** Changes what the device may do; it reconnects to learn of it. */
  setScope(id: string, scope: Scope): boolean {
    const { devices, audit, transaction } = this.#options;
    const isChanged = transaction(() => {
      const device = devices.get(id);
      if (!device || !devices.setScope(id, scope)) return false;
      const detail = { device: id, name: device.name, scope };
      audit.append({ by: AT_COMPUTER, action: 'device.scope', session: null, detail });
      return true;
    });
    if (!isChanged) return false;
    this.#channels.device(id)?.end(CloseCode.hostGone, 'What this device may do has changed.');
    this.#didChange.fire();
    return true;
  }

  start(): void {
    this.link.start();
  }

  /**
   * Moves to another relay: devices hear that this one is left, codes on show are made again, and every paired device is admitted there.
   * Resolves once the previous connection is closed; the new one is being dialled then.
   */
  async useRelay(relay: { relayOrigin: string; appOrigin: string }): Promise<void> {
    this.#relayOrigin = relay.relayOrigin;
    this.pairing.moveTo(relay.appOrigin);
    await this.#farewell(this.#channels.open, 'quit');
    // The one that was asked for last, if several were in the meantime.
    await this.link.moveTo(this.#relayOrigin);
  }

  /** Says why to every device, then closes the link. */
  async stop(reason: ByeReason): Promise<void> {
    this.pairing.dispose();
    await this.#farewell(this.#channels.open, reason);
    await this.link.stop();
  }

  /**
   * The machine goes to sleep, perhaps as soon as this returns: every device was told by then, in as far as the system takes bytes for
   * the network without waiting. Nothing more is sent until `resume`.
   */
  suspend(): void {
    for (const channel of this.#channels.open) {
      try {
        channel.sayByeAtOnce('asleep');
      } catch (error) {
        this.#options.log.error('Failed to tell a device that this computer goes to sleep', { error });
      }
    }
    this.link.suspend();
  }

  /** The machine woke, or its network changed. */
  resume(): void {
    if (this.link.status.kind === 'asleep') this.link.start();
    else this.link.redial();
  }

  /** The row is read for every command: what a device may do can change while it is connected, or its letter waits. */
  #asItIsNow(from: Client): Client {
    const device = from.kind === 'device' ? this.#options.devices.get(from.id) : null;
    return device ? deviceClient(device) : from;
  }

  #handleLive(from: Client, command: WireCommand): Receipt {
    const { api } = this.#options;
    const receipt = api.handleCommand(this.#asItIsNow(from), command);
    if (receipt.state === 'rejected' && !api.isStored(command.id)) this.#mailboxReader.noteRefused(command.id);
    return receipt;
  }

  async #admit(device: NewDevice): Promise<void> {
    const { devices, audit, transaction, clock } = this.#options;
    transaction(() => {
      devices.add(device);
      audit.append({
        by: AT_COMPUTER,
        action: 'device.paired',
        session: null,
        detail: { device: device.id, name: device.name, scope: device.scope },
      });
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#admitted.push(resolve);
    const cancel = clock.after(ADMIT_WITHIN_MS, () => reject(new Error('The relay did not confirm the new device.')));
    this.link.send(this.#admission());
    this.#didPair.fire();
    this.#didChange.fire();
    await promise.finally(cancel);
  }

  #greeting(): HostToRelay[] {
    return [
      this.#admission(),
      ...this.pairing.openCodes().map((pairId): HostToRelay => ({ type: 'pair.open', pairId })),
    ];
  }

  #admission(): HostToRelay {
    const devices = this.#options.devices
      .active()
      .map((device) => ({ id: device.id, key: toBase64Url(device.authKey) }));
    return { type: 'admit', devices };
  }

  async #farewell(channels: readonly { sayBye(reason: ByeReason): Promise<void> }[], reason: ByeReason): Promise<void> {
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(BYE_WITHIN_MS, resolve);
    await Promise.race([deadline, Promise.all(channels.map((channel) => channel.sayBye(reason)))]);
    cancel();
  }

  #noteProof(device: string, proof: { lastRoundTripMs: number | null } | null): void {
    if (proof) this.#proofs.set(device, proveDevice(proof.lastRoundTripMs, this.#options.clock.now()));
    else if (!this.#channels.device(device)) this.#proofs.delete(device);
    this.#didChange.fire();
  }
}
