/** A whole device without a page: connects, reconnects, syncs into SQLite, resends its outbox. For tests that need many, or need to kill one. */
import { uuidv7 } from 'uuidv7';
import type { MailFromRelay } from '#phone/core/link/mailbox-port.ts';
import { type ChannelError, SecureChannel } from '#protocol/channel.ts';
import type { CommandBody, CommandKind, Receipt, ReceiptState } from '#protocol/commands.ts';
import { encodePrologue } from '#protocol/keys.ts';
import { PAGE_MAX_EVENTS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import { type FromDevice, type FromHost, fromHost, type HostState } from '#protocol/messages.ts';
import { proveHandshake } from '#protocol/proof.ts';
import { withProof } from '../seen-question.ts';
import { createDeviceMail, type DeviceMail } from './device-mail.ts';
import { DeviceStore, type Identity, isSettled } from './device-store.ts';
import { readKeys } from './pair.ts';
import { openRelaySocket, type RelaySocket } from './relay-socket.ts';

export interface DeviceOptions {
  readonly file: string;
  /** What time it is for what this device seals. */
  now?(): number;
  /** Between two attempts, in milliseconds. */
  readonly retryMs?: number;
  onMessage?(message: FromHost): void;
  onClosed?(code: number, reason: string): void;
  /** The channel broke: a frame did not decrypt, or a message did not fit what is stored, such as a gap between events. */
  onFailure?(error: ChannelError): void;
}

/** Disposable; the store survives and another `Device` may continue from its file. */
export class Device {
  readonly store: DeviceStore;
  readonly identity: Identity;
  readonly #options: DeviceOptions;
  readonly #waiters = new Set<() => void>();
  #socket: RelaySocket | null = null;
  #channel: SecureChannel | null = null;
  #attempt = 0;
  #isDisposed = false;
  #retry: NodeJS.Timeout | null = null;
  #pings = 0;
  #pongs = new Map<number, () => void>();
  /** Requests for older events that have no page yet, and their sessions. */
  readonly #askedOlder = new Map<string, string>();
  state: HostState | null = null;
  stateVersion = 0;
  epoch: string | null = null;
  isConnected = false;
  /** Times a channel was opened. */
  connections = 0;
  readonly receipts: Receipt[] = [];
  readonly transients: Extract<FromHost, { type: 'transient' }>[] = [];
  readonly closings: { code: number; reason: string }[] = [];
  readonly mail: DeviceMail;

  private constructor(store: DeviceStore, identity: Identity, options: DeviceOptions) {
    this.store = store;
    this.identity = identity;
    this.#options = options;
    const { now = Date.now } = options;
    this.mail = createDeviceMail({ store, identity, now, onChange: () => this.#wake() });
  }

  /** From a file that was paired before, or with a fresh identity. */
  static open(options: DeviceOptions & { identity?: Identity }): Device {
    const store = new DeviceStore(options.file);
    if (options.identity) store.setIdentity(options.identity);
    const identity = store.identity();
    if (!identity) throw new Error('This device is not paired.');
    const device = new Device(store, identity, options);
    void device.#dial();
    return device;
  }

  /** Writes the command into the outbox, then sends it if there is a channel. */
  send<K extends CommandKind>(kind: K, session: string, body: CommandBody<K>, id = uuidv7()): string {
    const proven = withProof(kind, body, this.state?.approvals ?? []);
    const command = { id, session, kind, body: proven, at: Date.now() };
    this.store.post(command);
    this.say({ type: 'command', command });
    this.mail.writer.touch();
    return id;
  }

  /** Takes a prompt back, as the phone's outbox does: also out of the mailbox, if it is there. */
  takeBack(session: string, prompt: string): string {
    return this.send('prompt.withdraw', session, { command: prompt });
  }

  /** Resolves when these commands are left at the relay. */
  async untilLeft(...commands: string[]): Promise<void> {
    await this.until('letters left at the relay', () => {
      const outbox = this.store.outbox();
      return commands.every((id) => outbox.find(({ command }) => command.id === id)?.letter?.state === 'kept');
    });
  }

  /** A message as it is, even a wrong one. */
  say(message: FromDevice | { type: string }): void {
    this.#channel?.send(message);
  }

  sendFrame(frame: Uint8Array): void {
    this.#socket?.send(frame);
  }

  cut(): void {
    this.#socket?.cut();
  }

  async ping(): Promise<number> {
    const id = ++this.#pings;
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = performance.now();
    this.#pongs.set(id, resolve);
    this.say({ type: 'ping', id, lastRoundTripMs: null });
    await promise;
    return performance.now() - before;
  }

  /** Resolves once `condition` holds; looked at after every message. Rejects after `timeoutMs`. */
  async until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (condition()) resolve();
    };
    const timer = setTimeout(() => reject(new Error(`Waited in vain: ${what}`)), timeoutMs);
    this.#waiters.add(check);
    await promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(check);
    });
  }

  receiptOf(command: string): Receipt | undefined {
    return this.receipts.findLast((receipt) => receipt.command === command);
  }

  async untilReceipt(command: string, state: ReceiptState, timeoutMs?: number): Promise<void> {
    await this.until(
      `receipt ${state}`,
      () => this.receipts.some((one) => one.command === command && one.state === state),
      timeoutMs,
    );
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#attempt += 1;
    this.mail.writer.end();
    this.#channel?.dispose();
    this.#socket?.cut();
    this.store.close();
  }

  async #dial(): Promise<void> {
    const attempt = ++this.#attempt;
    const isCurrent = () => attempt === this.#attempt && !this.#isDisposed;
    const { hostId, deviceId, relayOrigin } = this.identity;
    const keys = await readKeys(this.identity);
    if (!isCurrent()) return;
    const prologue = encodePrologue('device', hostId, deviceId);
    let hasMailbox = false;
    let hearMail: (message: MailFromRelay) => void = () => {};
    const offerMailbox = () => {
      if (!hasMailbox) return;
      this.mail.writer.begin({
        send: (message) => socket.say(message),
        sendFrame: (piece) => socket.send(piece),
        listen: (listener) => {
          hearMail = listener;
        },
      });
    };
    const socket = openRelaySocket(
      { role: 'device', hostId, id: deviceId, keys: keys.auth, relayOrigin },
      {
        onFrame: (frame) => isCurrent() && this.#channel?.receive(frame),
        onMessage: (message) => {
          if (!isCurrent()) return;
          if (message.type === 'ready') {
            hasMailbox = message.mailbox ?? false;
            if (message.host === 'offline') offerMailbox();
          } else if (
            message.type === 'mail.kept' ||
            message.type === 'mail.refused' ||
            message.type === 'mail.listed' ||
            message.type === 'mail.cancelled'
          ) {
            hearMail(message);
          }
          if (message.type === 'closed') {
            if (message.code === 4440) offerMailbox();
            void this.#endChannel(isCurrent, message.code, message.reason, () => {
              // The host ended this channel while its link stays: ask for a new one.
              if (message.code !== 4440 && message.code !== 4410)
                this.#retryLater(() => socket.say({ type: 'reopen' }));
            });
          }
          if (message.type !== 'open') return;
          this.mail.writer.end();
          this.#dropChannel();
          const channel = SecureChannel.initiate({
            keys: keys.noise,
            hostKey: keys.hostKey,
            psk: keys.psk,
            prologue,
            createPayload: async (transcript) => ({
              version: PROTOCOL_VERSION,
              build: 'test',
              proof: await proveHandshake(keys.auth.privateKey, {
                purpose: 'device',
                hostId: this.identity.hostId,
                id: this.identity.deviceId,
                transcript,
              }),
            }),
            send: (frame) => socket.send(frame),
            onFailure: (error) => {
              if (!isCurrent()) return;
              this.#options.onFailure?.(error);
              socket.cut();
            },
            onMessage: (raw) => isCurrent() && this.#channel === channel && this.#receive(raw),
          });
          this.#channel = channel;
        },
        onClose: (code, reason) => {
          if (isCurrent()) this.mail.writer.end();
          if (isCurrent())
            void this.#endChannel(isCurrent, code, reason, () => this.#retryLater(() => void this.#dial()));
        },
      },
    );
    this.#socket = socket;
  }

  /** As the page does: what the host said last may still be in the middle of being decrypted. */
  async #endChannel(isCurrent: () => boolean, code: number, reason: string, then: () => void): Promise<void> {
    const channel = this.#channel;
    await channel?.handled();
    if (!isCurrent()) return;
    if (channel === this.#channel) this.#dropChannel();
    this.#noteClosing(code, reason);
    then();
  }

  #retryLater(retry: () => void): void {
    if (this.#isDisposed) return;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = setTimeout(retry, this.#options.retryMs ?? 50);
  }

  #noteClosing(code: number, reason: string): void {
    this.closings.push({ code, reason });
    this.#options.onClosed?.(code, reason);
    this.#wake();
  }

  #dropChannel(): void {
    this.#channel?.dispose();
    this.#channel = null;
    this.isConnected = false;
  }

  #receive(raw: unknown): void {
    const message = fromHost.parse(raw);
    switch (message.type) {
      case 'welcome':
        this.epoch = message.epoch;
        this.isConnected = true;
        this.connections += 1;
        this.stateVersion = 0;
        this.say({ type: 'sync', cursors: this.store.cursors() });
        for (const { command, state } of this.store.outbox()) {
          if (!isSettled(state)) this.say({ type: 'command', command });
        }
        break;
      case 'state': {
        if (message.version <= this.stateVersion) break;
        this.state = message.value;
        this.stateVersion = message.version;
        const known = new Set(this.store.cursors().map((cursor) => cursor.session));
        const fresh = message.value.sessions.filter((session) => !known.has(session.id));
        for (const session of fresh) this.store.apply(session.id, this.epoch ?? '', []);
        if (fresh.length > 0) {
          this.say({
            type: 'sync',
            cursors: fresh.map(({ id }) => ({ session: id, epoch: this.epoch ?? '', seq: 0 })),
          });
        }
        break;
      }
      case 'events':
        this.say({
          type: 'ack',
          session: message.session,
          seq: this.store.apply(message.session, message.epoch, message.events),
        });
        break;
      case 'snapshot':
        this.store.replace(message.session, message.epoch, message.last, message.events);
        this.say({ type: 'ack', session: message.session, seq: message.last });
        break;
      case 'page':
        this.#askedOlder.delete(message.request);
        this.store.addOlder(message.session, message.events);
        this.#askOlder(message.session);
        break;
      case 'refused': {
        // The host gives no more to whom it has much on its way already, and says to try again in a moment.
        const session = this.#askedOlder.get(message.request);
        if (session !== undefined) setTimeout(() => this.#askOlder(session), this.#options.retryMs ?? 50);
        break;
      }
      case 'receipt':
        this.store.note(message);
        this.receipts.push(message);
        break;
      case 'transient':
        this.transients.push(message);
        break;
      case 'pong':
        this.#pongs.get(message.id)?.();
        break;
      default:
    }
    this.#options.onMessage?.(message);
    this.#wake();
  }

  /** Fetches all that a snapshot left out. */
  fillUp(session: string): void {
    this.#askOlder(session);
  }

  #askOlder(session: string): void {
    if (this.#isDisposed) return;
    const before = this.store.firstSeq(session);
    if (before <= 1) return;
    const request = `older-${session}-${before}`;
    this.#askedOlder.set(request, session);
    this.say({ type: 'page', request, session, before, limit: PAGE_MAX_EVENTS });
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
