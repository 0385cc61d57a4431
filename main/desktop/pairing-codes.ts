/** Codes for pairing as the window shows them: only while a relay is there that knows them, and not for ever while nobody looks. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import { Emitter } from '#lib/emitter.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import type { PairingView } from '#preload/contract.ts';
import type { RelayStatus } from '../host/remote/link/relay-status.ts';
import type { HostLifecycle, RunningHost } from './host-lifecycle.ts';

/** A link that was copied is used in another window, with ours out of sight; longer than this, codes are not renewed there. */
export const HIDDEN_CODES_MAX_MS = 120_000;

export class PairingCodes {
  readonly #lifecycle: HostLifecycle;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #didChange: Emitter<[]>;
  #isWanted = false;
  #cancelHide: Disposer = () => {};
  #lastPaired: PairingView['lastPaired'] = null;

  constructor(options: { lifecycle: HostLifecycle; clock: Clock; log: Log }) {
    this.#lifecycle = options.lifecycle;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#didChange = new Emitter('the pairing codes', options.log);
    this.#lifecycle.use((running) => this.#watch(running));
  }

  /** What `view()` says is different. */
  onDidChange(listener: () => void): Disposer {
    return this.#didChange.on(listener);
  }

  /** Shows codes from now on, the first as soon as the relay is connected: before, anyone who used it would be told that it is unknown. */
  show(): void {
    if (!this.#isWanted) this.#lastPaired = null;
    this.#isWanted = true;
    this.#showIfPossible();
    this.#didChange.fire();
  }

  hide(): void {
    this.#cancelHide();
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#lifecycle.running?.host.remote.pairing.hide();
    this.#didChange.fire();
  }

  /** The window went out of sight, or came back. */
  setSeen(isSeen: boolean): void {
    this.#cancelHide();
    if (!isSeen && this.#isWanted) this.#cancelHide = this.#clock.after(HIDDEN_CODES_MAX_MS, () => this.hide());
  }

  view(): PairingView {
    const running = this.#lifecycle.running;
    if (!running) {
      const trouble = this.#isWanted ? 'Baton is still starting. The code appears as soon as it runs.' : null;
      return { isShown: this.#isWanted, offer: null, trouble, requests: [], lastPaired: null };
    }
    const { pairing, status } = running.host.remote;
    const isConnected = status.kind === 'connected';
    const { offer } = pairing;
    return {
      isShown: this.#isWanted,
      offer: this.#isWanted && isConnected && offer ? { link: offer.link, expiresAt: offer.expiresAt } : null,
      trouble: this.#isWanted ? describeTrouble(status) : null,
      requests: pairing.requests.map(({ id, name, digits, build, askedAt }) => ({ id, name, digits, build, askedAt })),
      lastPaired: this.#lastPaired,
    };
  }

  #watch({ host }: RunningHost): Disposer {
    const { pairing } = host.remote;
    const disposers = [
      pairing.onDidChangeOffer(() => this.#didChange.fire()),
      pairing.onDidChangeRequests(() => this.#didChange.fire()),
      host.remote.onDidChange(() => {
        this.#showIfPossible();
        this.#didChange.fire();
      }),
      host.remote.onDidPair(() => {
        const newest = host.remote
          .devices()
          .reduce<{ name: string; pairedAt: number } | null>(
            (best, device) => (best === null || device.pairedAt >= best.pairedAt ? device : best),
            null,
          );
        if (newest) this.#lastPaired = { name: newest.name, at: newest.pairedAt };
        this.#didChange.fire();
      }),
    ];
    this.#showIfPossible();
    return () => {
      for (const dispose of disposers) dispose();
    };
  }

  #showIfPossible(): void {
    const remote = this.#lifecycle.running?.host.remote;
    if (!remote || !this.#isWanted || remote.pairing.isShown || remote.status.kind !== 'connected') return;
    unawaited(remote.pairing.show(), 'show a pairing code', this.#log);
  }
}

/** Pure: why no code can be shown; null if one can, or will be in a moment. */
export function describeTrouble(status: RelayStatus): string | null {
  switch (status.kind) {
    case 'connected':
      return null;
    case 'connecting':
      return 'Connecting to the relay. The code appears as soon as it is there.';
    case 'unreachable':
      return `The relay cannot be reached: ${status.reason} The code appears as soon as it can.`;
    case 'asleep':
      return 'Baton is asleep with the computer. The code appears when it is connected again.';
    case 'stopped':
      return status.reason;
    case 'off':
      return 'Baton is not connected to a relay.';
  }
}
