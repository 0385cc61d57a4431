/** Pairing this device with a host, from a scanned or pasted link. Nothing is stored before the host has said yes. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { SerialQueue } from '#lib/serial-queue.ts';
import { unawaited } from '#lib/unawaited.ts';
import { type Bytes, equalBytes } from '#protocol/bytes.ts';
import type { Scope } from '#protocol/commands.ts';
import { DEVICE_NAME_MAX_CHARS } from '#protocol/limits.ts';
import type { PairingFromHost } from '#protocol/messages.ts';
import { PAIRING_PATH, type PairingLink, parsePairingLink } from '#protocol/pairing-link.ts';
import type { Pairing, PairingStep } from '../contract.ts';
import type { Disposer, Environment } from '../environment.ts';
import { PAIRING_DONE_TIMEOUT_MS } from '../limits.ts';
import { type Database, describeStorageFailure, type HostRecord } from '../store/database.ts';
import { createKeysRecord, type NewKeysRecord, proveKeys, unwrapKeys } from '../store/device-keys.ts';
import type { HostStore } from '../store/host-store.ts';
import { checkBrowser, type Refusal, suggestDeviceName } from './browser-check.ts';
import { PairingChannel } from './pairing-channel.ts';

export interface DevicePairingOptions {
  readonly environment: Environment;
  readonly database: Database;
  readonly hosts: HostStore;
  readonly build: string;
  readonly url: string;
  /** The origin that served this page. */
  readonly pageOrigin: string;
  readonly userAgent: string;
  /** Asks the browser to keep what is stored. */
  persistStorage(): Promise<void>;
  /** The host's keys are stored; `before` is what was stored of it before. Makes and shows its connection. */
  onPaired(host: HostRecord): Promise<void>;
  /** Whether the host lets this device in with its new keys: asked when its last word did not come. */
  confirm(host: HostRecord): Promise<boolean>;
}

/** What a link is, or why it is refused. Pure. */
export function readPairingLink(
  url: string,
  pageOrigin: string,
): { ok: true; link: PairingLink } | { ok: false; refusal: Refusal } {
  const text = url.trim();
  const link = parsePairingLink(text);
  if (!link) {
    const isOtherVersion =
      URL.canParse(text) && new URL(text).pathname === PAIRING_PATH && /^#(?!1\.)\d+\./.test(new URL(text).hash);
    const refusal = isOtherVersion
      ? {
          title: 'This code is of another version',
          text: 'Baton on the computer and this page do not fit together. Update Baton there, reload this page, then scan again.',
        }
      : {
          title: 'This is no pairing code',
          text: 'The link is damaged or incomplete. Scan the code on the computer, or copy the whole link.',
        };
    return { ok: false, refusal };
  }
  if (link.relayOrigin !== pageOrigin) {
    return {
      ok: false,
      refusal: {
        title: 'This code is for another relay',
        text: `This page speaks only to ${pageOrigin}, which served it. Open the link itself; it leads to ${link.appOrigin}.`,
      },
    };
  }
  return { ok: true, link };
}

export class DevicePairing implements Pairing {
  readonly #options: DevicePairingOptions;
  readonly #step = signal<PairingStep>({ kind: 'checking' });
  /** Storing, confirming and undoing happen one after another. */
  readonly #queue = new SerialQueue();
  #link: PairingLink | null = null;
  #channel: PairingChannel | null = null;
  #keys: NewKeysRecord | null = null;
  #devicePsk: Bytes | null = null;
  /** What is stored but not confirmed by the host, and what was there before. */
  #stored: { host: HostRecord; before: HostRecord | undefined } | null = null;
  #stopTimer: Disposer = () => {};
  #isOver = false;

  constructor(options: DevicePairingOptions) {
    this.#options = options;
    unawaited(this.#check(), 'check this browser');
  }

  get step(): ReadonlySignal<PairingStep> {
    return this.#step;
  }

  begin(deviceName: string): void {
    if (this.#step.value.kind !== 'ready' || !this.#link) return;
    this.#step.value = { kind: 'connecting' };
    const fallback = suggestDeviceName(this.#options.userAgent);
    unawaited(
      this.#connect(this.#link, deviceName.trim().slice(0, DEVICE_NAME_MAX_CHARS) || fallback),
      'begin pairing',
    );
  }

  /** Ends it. What was stored and not yet confirmed is removed. */
  cancel(): void {
    if (this.#isOver) return;
    this.#refuse({ title: 'Pairing was cancelled', text: 'Nothing was stored on this device.' });
  }

  async #check(): Promise<void> {
    const { url, pageOrigin, database, userAgent } = this.#options;
    const read = readPairingLink(url, pageOrigin);
    const refusal = read.ok ? await checkBrowser(database) : read.refusal;
    if (this.#isOver) return;
    if (refusal || !read.ok) {
      if (refusal) this.#refuse(refusal);
      return;
    }
    this.#link = read.link;
    const { host: relay } = new URL(read.link.relayOrigin);
    this.#step.value = { kind: 'ready', suggestedName: suggestDeviceName(userAgent), relay };
  }

  async #connect(link: PairingLink, deviceName: string): Promise<void> {
    const { environment, build } = this.#options;
    const record = await createKeysRecord();
    const keys = await unwrapKeys(record);
    if (this.#isOver) return;
    this.#keys = record;
    this.#channel = new PairingChannel({
      environment,
      link,
      keys,
      deviceName,
      build,
      onDigits: (digits, devicePsk) => {
        this.#devicePsk = devicePsk;
        if (this.#step.value.kind !== 'connecting' && this.#step.value.kind !== 'compare') return;
        this.#step.value = { kind: 'compare', digits };
      },
      onMessage: (message) => this.#handleMessage(message),
      onEnd: (refusal) => this.#handleEnd(refusal),
    });
  }

  #handleMessage(message: PairingFromHost): void {
    const step = this.#step.value.kind;
    if (message.type === 'allowed' && step === 'compare') {
      this.#step.value = { kind: 'storing' };
      unawaited(
        this.#queue.run(() => this.#store(message)),
        'store the keys of this device',
      );
    } else if (message.type === 'done' && this.#stored) {
      unawaited(
        this.#queue.run(() => this.#finish()),
        'finish pairing',
      );
    } else {
      this.#refuse({
        title: 'Pairing was interrupted',
        text: 'The computer said something unexpected. Scan a new code.',
      });
    }
  }

  /** Writes the keys, reads them back and tries them, and only then says "stored". */
  async #store(allowed: { deviceId: string; hostName: string; scope: Scope }): Promise<void> {
    const { hosts, environment } = this.#options;
    const link = this.#link;
    const keys = this.#keys;
    const psk = this.#devicePsk;
    if (this.#isOver || !link || !keys || !psk) return;
    if (allowed.deviceId !== keys.deviceId) {
      this.#fail('The computer named another device.');
      return;
    }
    unawaited(this.#options.persistStorage(), 'ask the browser to keep what is stored'); // Some browsers ask the person first.
    const host: HostRecord = {
      hostId: link.hostId,
      name: allowed.hostName,
      hostKey: link.hostKey,
      relayOrigin: link.relayOrigin,
      deviceId: keys.deviceId,
      scope: allowed.scope,
      pairedAt: environment.now(),
    };
    try {
      const before = await hosts.host(host.hostId);
      this.#stored = { host, before };
      await hosts.put(host, { ...keys, psk });
      if (!(await this.#isReadable(host, psk))) {
        this.#fail('This browser does not keep keys. Leave private browsing, or use another browser.');
        return;
      }
    } catch (error) {
      this.#fail(describeStorageFailure(error));
      return;
    }
    if (this.#isOver) return;
    this.#channel?.send({ type: 'stored' });
    this.#stopTimer = environment.after(PAIRING_DONE_TIMEOUT_MS, () => {
      this.#channel?.dispose();
      unawaited(
        this.#queue.run(() => this.#confirm()),
        'confirm the pairing',
      );
    });
  }

  async #isReadable(host: HostRecord, psk: Bytes): Promise<boolean> {
    const { hosts } = this.#options;
    const [storedHost, storedKeys] = await Promise.all([hosts.host(host.hostId), hosts.keys(host.deviceId)]);
    if (storedHost?.deviceId !== host.deviceId || !storedKeys || !equalBytes(storedKeys.psk, psk)) return false;
    return await proveKeys(await unwrapKeys(storedKeys));
  }

  #handleEnd(refusal: Refusal): void {
    this.#stopTimer();
    if (this.#stored)
      unawaited(
        this.#queue.run(() => this.#confirm(refusal)),
        'confirm the pairing',
      );
    else this.#refuse(refusal);
  }

  /** The host's last word is missing. Whether it took this device is found out by connecting as that device. */
  async #confirm(refusal?: Refusal): Promise<void> {
    if (this.#isOver || !this.#stored) return;
    if (await this.#options.confirm(this.#stored.host)) await this.#finish();
    else
      this.#refuse(
        refusal ?? { title: 'The computer did not answer', text: 'Show a new code on the computer and scan it.' },
      );
  }

  async #finish(): Promise<void> {
    const stored = this.#stored;
    if (this.#isOver || !stored) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#channel?.dispose();
    const { host, before } = stored;
    if (before && before.deviceId !== host.deviceId) await this.#options.hosts.deleteKeys(before.deviceId);
    await this.#options.onPaired(host);
    this.#step.value = { kind: 'paired', hostId: host.hostId, hostName: host.name };
  }

  /** This side cannot go on; the host is told, so that it does not wait. */
  #fail(text: string): void {
    const channel = this.#channel;
    this.#channel = null;
    channel?.send({ type: 'failed', reason: text });
    unawaited(
      channel?.flushed().then(() => channel.dispose()) ?? Promise.resolve(),
      'tell the computer that pairing failed',
    );
    this.#refuse({ title: 'This device could not be paired', text });
  }

  #refuse({ title, text }: Refusal): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#channel?.dispose();
    this.#step.value = { kind: 'refused', title, text };
    unawaited(
      this.#queue.run(() => this.#undo()),
      'remove the keys of this device',
    );
  }

  async #undo(): Promise<void> {
    const stored = this.#stored;
    this.#stored = null;
    this.#keys = null;
    this.#devicePsk = null;
    if (stored) await this.#options.hosts.restore(stored.host.hostId, stored.host.deviceId, stored.before);
  }
}
