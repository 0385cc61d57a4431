/** Pairing codes on show, and the people who used one and wait for a click. Nothing of a device is stored before that click. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { toPlainLine } from '#lib/plain-line.ts';
import { unawaited } from '#lib/unawaited.ts';
import { type Bytes, fromBase64Url, toBase64Url } from '#protocol/bytes.ts';
import type { Scope } from '#protocol/commands.ts';
import { deriveDevicePsk, deriveDigits, derivePairing, KEY_BYTES, keyId } from '#protocol/keys.ts';
import { DEVICE_NAME_MAX_CHARS, PAIRING_CODE_LIFETIME_MS, PAIRING_CODE_RENEW_AFTER_MS } from '#protocol/limits.ts';
import { type PairingFromHost, type PairingHello, pairingFromDevice } from '#protocol/messages.ts';
import { formatPairingLink } from '#protocol/pairing-link.ts';
import type { NewDevice } from '../history/device-store.ts';
import type { HostKeys } from '../host-keys.ts';

/** Someone who asks to pair gets no answer for this long: denied. */
export const PAIRING_ANSWER_WITHIN_MS = 120_000;
/** A code that was used is followed by the next one after this: first anyone who used it is asked about. */
const RENEW_AFTER_USE_MS = 3_000;
/** Of a build's name, which is a short hash, so much is shown. */
const BUILD_SHOWN_MAX_CHARS = 32;
const REVEAL_BYTES = 32;

/** Nobody is asked about a device, for a reason that it may know, in words for a person. */
export class PairingRefused extends Error {
  override name = 'PairingRefused';
}

export interface PairingOffer {
  /** What the QR code holds. */
  readonly link: string;
  /** Milliseconds since 1970. A new offer replaces this one before. */
  readonly expiresAt: number;
}

export interface PairingRequest {
  readonly id: string;
  readonly name: string;
  /** The phone shows the same ones, or someone stands in between. */
  readonly digits: string;
  /** Build of the page that asks. */
  readonly build: string;
  readonly askedAt: number;
}

export interface PairingOptions {
  readonly keys: HostKeys;
  readonly hostName: string;
  /** Where phones find the relay and its page, to begin with. */
  readonly appOrigin: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes the code known to the relay, or takes it back. */
  openCode(pairId: string): void;
  closeCode(pairId: string): void;
  /** Null if one more device may be paired, else why not. */
  refusal(): string | null;
  /** Stores the device and has the relay admit it. */
  admit(device: NewDevice): Promise<void>;
}

interface Code {
  readonly pairId: string;
  readonly psk: Bytes;
  readonly expiresAt: number;
}

interface Waiting {
  readonly request: PairingRequest;
  readonly noiseKey: Bytes;
  readonly authKey: Bytes;
  readonly psk: Bytes;
  send(message: PairingFromHost): void;
  close(denied: boolean): void;
  scope: Scope | null;
  cancelTimeout: Disposer;
}

export class Pairing {
  readonly #options: PairingOptions;
  readonly #didChangeOffer: Emitter<[PairingOffer | null]>;
  readonly #didChangeRequests: Emitter<[readonly PairingRequest[]]>;
  readonly #codes = new Map<string, Code>();
  readonly #waiting = new Map<string, Waiting>();
  #appOrigin: string;
  #offer: PairingOffer | null = null;
  #isShown = false;
  #cancelRenewal: Disposer = () => {};

  constructor(options: PairingOptions) {
    this.#options = options;
    this.#appOrigin = options.appOrigin;
    this.#didChangeOffer = new Emitter('pairing offer', options.log);
    this.#didChangeRequests = new Emitter('pairing requests', options.log);
  }

  /** Whether codes are on show, even if the next one is still to come. */
  get isShown(): boolean {
    return this.#isShown;
  }

  get offer(): PairingOffer | null {
    return this.#offer;
  }

  get requests(): readonly PairingRequest[] {
    return [...this.#waiting.values()].filter((waiting) => waiting.scope === null).map((waiting) => waiting.request);
  }

  /** The code to show, renewed by itself while it is on show; null when none is. */
  onDidChangeOffer(listener: (offer: PairingOffer | null) => void): Disposer {
    return this.#didChangeOffer.on(listener);
  }

  onDidChangeRequests(listener: (requests: readonly PairingRequest[]) => void): Disposer {
    return this.#didChangeRequests.on(listener);
  }

  /** Begins to show codes. Resolves with the first one. */
  async show(): Promise<PairingOffer> {
    this.#isShown = true;
    return await this.#renew();
  }

  /** Stops showing codes; all that were shown are void, requests already made are not. */
  hide(): void {
    this.#isShown = false;
    this.#voidCodes();
  }

  /** From now on phones are sent elsewhere: codes that were made are void, and anyone who used one is told to use a new one. */
  moveTo(appOrigin: string): void {
    this.#appOrigin = appOrigin;
    this.#voidCodes();
    this.#denyAll('Baton moves to another relay. Use a new code.');
    if (this.#isShown) unawaited(this.#renew(), 'renew the pairing code', this.#options.log);
  }

  /** Codes a relay that has just been connected to must know. */
  openCodes(): string[] {
    this.#dropExpired();
    return [...this.#codes.keys()];
  }

  /** The psk of a code that is still good, which is used up by this; null otherwise. */
  take(pairId: string): Bytes | null {
    this.#dropExpired();
    const code = this.#codes.get(pairId);
    if (!code) return null;
    this.#codes.delete(pairId);
    if (this.#isShown) {
      this.#cancelRenewal();
      this.#cancelRenewal = this.#options.clock.after(RENEW_AFTER_USE_MS, () =>
        unawaited(this.#renew(), 'renew the pairing code', this.#options.log),
      );
      this.#setOffer(null);
    }
    return code.psk;
  }

  /**
   * Someone has proven to hold the code. Rejects with `PairingRefused` if nobody is asked about them. The device learns the host's part
   * of the digits here: after its last handshake message, so that it could not choose a handshake by them.
   */
  async ask(from: {
    hello: PairingHello;
    noiseKey: Bytes;
    handshakeHash: Bytes;
    psk: Bytes;
    send(message: PairingFromHost): void;
    close(denied: boolean): void;
  }): Promise<string> {
    const authKey = fromBase64Url(from.hello.authKey);
    if (!authKey || from.noiseKey.length !== KEY_BYTES)
      throw new PairingRefused('This device sent a key that is none.');
    const id = await keyId(authKey);
    const reveal = crypto.getRandomValues(new Uint8Array(REVEAL_BYTES));
    const digits = await deriveDigits(from.handshakeHash, reveal);
    const psk = await deriveDevicePsk(from.psk, from.handshakeHash);
    // Asked after all waiting, so that nobody comes in between.
    const refusal = this.#refusal();
    if (refusal) throw new PairingRefused(refusal);
    const { clock, log } = this.#options;
    const name = toPlainLine(from.hello.name, DEVICE_NAME_MAX_CHARS) || 'A device without a name';
    const build = toPlainLine(from.hello.build, BUILD_SHOWN_MAX_CHARS);
    const request = { id, name, digits, build, askedAt: clock.now() };
    this.#waiting.set(id, {
      request,
      noiseKey: from.noiseKey,
      authKey,
      psk,
      send: from.send,
      close: from.close,
      scope: null,
      cancelTimeout: clock.after(PAIRING_ANSWER_WITHIN_MS, () =>
        this.deny(id, 'Nobody answered at the computer in time.'),
      ),
    });
    log.info('A device asks to be paired', { name: request.name });
    from.send({ type: 'reveal', reveal: toBase64Url(reveal) });
    this.#didChangeRequests.fire(this.requests);
    return id;
  }

  /** The click on Allow. The device is stored once it has stored its own keys. False if it is no longer waiting. */
  allow(id: string, scope: Scope): boolean {
    const waiting = this.#waiting.get(id);
    if (!waiting || waiting.scope !== null) return false;
    waiting.scope = scope;
    waiting.send({ type: 'allowed', deviceId: id, hostName: this.#options.hostName, scope });
    this.#didChangeRequests.fire(this.requests);
    return true;
  }

  deny(id: string, reason = 'It was denied on the computer.'): boolean {
    const waiting = this.#waiting.get(id);
    if (!waiting) return false;
    this.withdraw(id);
    waiting.send({ type: 'denied', reason });
    waiting.close(true);
    return true;
  }

  /** What the device answers to being allowed. Malformed messages end its request. */
  async receive(id: string, message: unknown): Promise<void> {
    const waiting = this.#waiting.get(id);
    const parsed = pairingFromDevice.safeParse(message);
    if (!waiting || waiting.scope === null || !parsed.success) {
      this.deny(id, 'The device sent something unexpected.');
      return;
    }
    this.withdraw(id);
    if (parsed.data.type === 'failed') {
      this.#options.log.warn('The device could not store its keys', {
        name: waiting.request.name,
        reason: parsed.data.reason,
      });
      waiting.close(true);
      return;
    }
    const { noiseKey, authKey, psk, scope, request } = waiting;
    await this.#options.admit({ id, name: request.name, scope, noiseKey, authKey, psk, isSigning: true });
    waiting.send({ type: 'done' });
    waiting.close(false);
  }

  /** The device is gone, or was answered. */
  withdraw(id: string): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    waiting.cancelTimeout();
    this.#waiting.delete(id);
    this.#didChangeRequests.fire(this.requests);
  }

  dispose(): void {
    this.hide();
    this.#denyAll('Baton was closed on the computer.');
  }

  #voidCodes(): void {
    this.#cancelRenewal();
    for (const code of this.#codes.values()) this.#options.closeCode(code.pairId);
    this.#codes.clear();
    this.#setOffer(null);
  }

  #denyAll(reason: string): void {
    for (const id of [...this.#waiting.keys()]) this.deny(id, reason);
  }

  /**
   * Why nobody is asked about a device now; null if somebody is. One at a time, and never one in the place of another: anyone who is
   * about to click means the digits that are shown.
   */
  #refusal(): string | null {
    if (this.#waiting.size > 0)
      return 'Another device waits for an answer at the computer. If it is not yours, deny it there.';
    return this.#options.refusal();
  }

  async #renew(): Promise<PairingOffer> {
    const { keys, clock, openCode } = this.#options;
    this.#cancelRenewal();
    this.#dropExpired();
    const secret = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    const { pairId, psk } = await derivePairing(secret);
    const expiresAt = clock.now() + PAIRING_CODE_LIFETIME_MS;
    const link = formatPairingLink({
      appOrigin: this.#appOrigin,
      hostKey: keys.noise.publicKey,
      hostId: keys.hostId,
      secret,
      relayOrigin: this.#appOrigin,
    });
    secret.fill(0);
    const offer = { link, expiresAt };
    if (!this.#isShown) return offer;
    this.#codes.set(pairId, { pairId, psk, expiresAt });
    openCode(pairId);
    this.#cancelRenewal = clock.after(PAIRING_CODE_RENEW_AFTER_MS, () =>
      unawaited(this.#renew(), 'renew the pairing code', this.#options.log),
    );
    this.#setOffer(offer);
    return offer;
  }

  #dropExpired(): void {
    const now = this.#options.clock.now();
    for (const [pairId, code] of this.#codes) if (code.expiresAt <= now) this.#codes.delete(pairId);
  }

  #setOffer(offer: PairingOffer | null): void {
    this.#offer = offer;
    this.#didChangeOffer.fire(offer);
  }
}
