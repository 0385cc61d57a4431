/** The connection to the host that a pairing code opens, once: relay, handshake, then a few messages. */

import { toPlainLine } from '#lib/plain-line.ts';
import { unawaited } from '#lib/unawaited.ts';
import { type Bytes, toBase64Url } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { deriveDevicePsk, deriveDigits, derivePairing, encodePrologue, parseKey } from '#protocol/keys.ts';
import { HANDSHAKE_TIMEOUT_MS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import {
  type PairingFromDevice,
  type PairingFromHost,
  type PairingHello,
  pairingFromHost,
} from '#protocol/messages.ts';
import type { PairingLink } from '#protocol/pairing-link.ts';
import { proveHandshake } from '#protocol/proof.ts';
import type { Disposer, Environment } from '../environment.ts';
import { PAIRING_REVEAL_TIMEOUT_MS } from '../limits.ts';
import { type RelayEnd, RelaySocket } from '../link/relay-socket.ts';
import type { DeviceKeys } from '../store/device-keys.ts';
import type { Refusal } from './browser-check.ts';

export interface PairingChannelOptions {
  readonly environment: Environment;
  readonly link: PairingLink;
  readonly keys: DeviceKeys;
  readonly deviceName: string;
  readonly build: string;
  /** The handshake is done, and the host has told its part of the digits: both sides show the same digits. `devicePsk` is for all later connections. */
  onDigits(digits: string, devicePsk: Bytes): void;
  onMessage(message: PairingFromHost): void;
  /** Called once; not after `dispose`. */
  onEnd(refusal: Refusal): void;
}

const CODE_SPENT: Refusal = {
  title: 'This code is no longer good',
  text: 'A pairing code works once and for two minutes. Scan the one that the computer shows now.',
};
const OTHER_VERSION: Refusal = {
  title: 'This page and the computer do not fit together',
  text: 'They are of different versions. Reload this page and use a new code; if that does not help, update Baton on the computer.',
};
const DENIED: Refusal = {
  title: 'The computer said no',
  text: 'Pairing was denied there. Nothing was stored on this device.',
};
/** What is shown of the computer's own words. */
const REASON_MAX_CHARS = 200;
const NO_HOST: Refusal = {
  title: 'The computer is not reachable',
  text: 'The relay answers, but Baton on the computer is not connected to it. See that it runs there, then scan a new code.',
};
const NO_RELAY: Refusal = {
  title: 'The relay is not reachable',
  text: 'Check that this device has a network, then scan a new code.',
};
const TOO_MANY: Refusal = {
  title: 'Too many attempts',
  text: 'The relay asks to wait. Try again in a minute with a new code.',
};
const NO_ANSWER: Refusal = {
  title: 'The computer did not answer',
  text: 'Show a new code on the computer and scan it.',
};
const NOT_THAT_HOST: Refusal = {
  title: 'The connection is not safe',
  text: 'The computer could not prove that this code is its own, so nothing was sent. Show a new code there and scan it.',
};
const BROKEN: Refusal = {
  title: 'Pairing was interrupted',
  text: 'The connection was lost. Show a new code on the computer and scan it.',
};

export class PairingChannel {
  readonly #options: PairingChannelOptions;
  #socket: RelaySocket | null = null;
  #channel: SecureChannel | null = null;
  #opened: { readonly handshakeHash: Bytes; readonly pairPsk: Bytes } | null = null;
  #isRevealed = false;
  /** For a host that stays silent; dialling has a limit of its own. */
  #stopTimer: Disposer = () => {};
  #isOpen = false;
  #isOver = false;

  constructor(options: PairingChannelOptions) {
    this.#options = options;
    unawaited(this.#dial(), 'dial the relay');
  }

  send(message: PairingFromDevice): void {
    this.#channel?.send(message);
  }

  /** Resolves when what was sent has left this page. */
  async flushed(): Promise<void> {
    await this.#channel?.flushed();
  }

  dispose(): void {
    this.#isOver = true;
    this.#stopTimer();
    this.#channel?.dispose();
    this.#socket?.dispose();
  }

  async #dial(): Promise<void> {
    const { environment, link, keys } = this.#options;
    const { pairId, psk } = await derivePairing(link.secret);
    if (this.#isOver) return;
    this.#socket = new RelaySocket({
      environment,
      relayOrigin: link.relayOrigin,
      role: 'pairing',
      hostId: link.hostId,
      id: pairId,
      keys: keys.auth,
      onReady: (host) => {
        if (host === 'offline') this.#end(NO_HOST);
        else this.#awaitHost(NO_ANSWER);
      },
      onOpen: () => {
        // A code opens one channel; a second one is not the person's at the computer.
        if (this.#channel) this.#end(BROKEN);
        else this.#beginChannel(pairId, psk);
      },
      onFrame: (frame) => this.#channel?.receive(frame),
      onClosed: (code) =>
        unawaited(
          this.#endAfterLastWords(() => refusalForCode(code, this.#isOpen)),
          'end the pairing',
        ),
      onEnd: (end) =>
        unawaited(
          this.#endAfterLastWords(() => refusalForEnd(end, this.#isOpen)),
          'end the pairing',
        ),
    });
  }

  #beginChannel(pairId: string, psk: Bytes): void {
    const { link, keys, deviceName, build } = this.#options;
    this.#awaitHost(NO_ANSWER);
    const { hostId } = link;
    this.#channel = SecureChannel.initiate({
      keys: keys.noise,
      hostKey: link.hostKey,
      psk,
      prologue: encodePrologue('pairing', hostId, pairId),
      createPayload: async (transcript): Promise<PairingHello> => ({
        version: PROTOCOL_VERSION,
        build,
        name: deviceName,
        authKey: toBase64Url(keys.auth.publicKey),
        proof: await proveHandshake(keys.auth.privateKey, { purpose: 'pairing', hostId, id: pairId, transcript }),
      }),
      send: (frame) => this.#socket?.sendFrame(frame),
      onMessage: (message) => this.#handleMessage(message),
      onFailure: (error) => this.#end(error.phase === 'handshake' ? NOT_THAT_HOST : BROKEN),
    });
    this.#channel.opened.then(
      ({ handshakeHash }) => {
        this.#opened = { handshakeHash, pairPsk: psk };
        this.#stopTimer();
        this.#stopTimer = this.#options.environment.after(PAIRING_REVEAL_TIMEOUT_MS, () =>
          unawaited(this.#showDigits(null), 'show the digits'),
        );
      },
      () => {}, // Told to onFailure.
    );
  }

  async #handleReveal(text: string): Promise<void> {
    const reveal = parseKey(text);
    if (reveal && !this.#isRevealed) await this.#showDigits(reveal);
    else this.#end(BROKEN);
  }

  /** Null: those of a computer of before. */
  async #showDigits(reveal: Bytes | null): Promise<void> {
    if (!this.#opened || this.#isOver) return;
    const { handshakeHash, pairPsk } = this.#opened;
    this.#isRevealed = reveal !== null;
    const [digits, devicePsk] = await Promise.all([
      deriveDigits(handshakeHash, reveal),
      deriveDevicePsk(pairPsk, handshakeHash),
    ]);
    if (this.#isOver || this.#isRevealed !== (reveal !== null)) return;
    this.#stopTimer(); // From here on a person decides, and the host knows how long to wait for that.
    this.#isOpen = true;
    this.#options.onDigits(digits, devicePsk);
  }

  #handleMessage(message: unknown): Promise<void> | null {
    if (this.#isOver) return null;
    const parsed = pairingFromHost.safeParse(message);
    if (!parsed.success) this.#end(BROKEN);
    else if (parsed.data.type === 'reveal') return this.#handleReveal(parsed.data.reveal);
    else if (parsed.data.type === 'denied') this.#end(denied(parsed.data.reason));
    // No digits were on this screen yet: what was allowed there is not what this person saw.
    else if (!this.#isOpen) this.#end(BROKEN);
    else this.#options.onMessage(parsed.data);
    return null;
  }

  #awaitHost(otherwise: Refusal): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.environment.after(HANDSHAKE_TIMEOUT_MS, () => this.#end(otherwise));
  }

  /** "done" and "denied" may still be in the middle of being decrypted. */
  async #endAfterLastWords(refusal: () => Refusal): Promise<void> {
    await this.#channel?.handled();
    this.#end(refusal());
  }

  #end(refusal: Refusal): void {
    if (this.#isOver) return;
    this.dispose();
    this.#options.onEnd(refusal);
  }
}

function denied(reason: string): Refusal {
  const words = toPlainLine(reason, REASON_MAX_CHARS);
  return words ? { ...DENIED, text: `${words} Nothing was stored on this device.` } : DENIED;
}

function refusalForEnd(end: RelayEnd, isOpen: boolean): Refusal {
  if (end.kind === 'closed') return refusalForCode(end.code, isOpen);
  return end.kind === 'unreachable' && !isOpen ? NO_RELAY : BROKEN;
}

function refusalForCode(code: number, isOpen: boolean): Refusal {
  switch (code) {
    case CloseCode.pairingUnknown:
      return CODE_SPENT;
    case CloseCode.pairingDenied:
      return DENIED;
    case CloseCode.handshakeFailed:
      return NOT_THAT_HOST;
    case CloseCode.versionMismatch:
      return OTHER_VERSION;
    case CloseCode.tooManyAttempts:
    case CloseCode.full:
      return TOO_MANY;
    case CloseCode.hostGone:
      return isOpen ? BROKEN : NO_HOST;
    default:
      return BROKEN;
  }
}
