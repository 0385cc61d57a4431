import { CloseCode } from '#protocol/close-codes.ts';
import { verifyAuth } from '#protocol/relay-auth.ts';
import type { RelayAuth } from '#protocol/relay-messages.ts';
import type { Admission } from './admission.ts';
import type { Identity } from './client-socket.ts';
import type { RelayLimits } from './limits.ts';
import type { RelayRefusal } from './metrics.ts';
import { RateLimit } from './rate-limit.ts';

export interface Refusal {
  readonly ok: false;
  readonly code: number;
  readonly reason: string;
  /** The client claimed what it is not. */
  readonly isFailure: boolean;
  /** It may well be who it says, but comes too often. */
  readonly limit: RelayRefusal | null;
}

export type Verdict = { readonly ok: true; readonly identity: Identity } | Refusal;

/** Judges who a socket is. Whether a pairing code is good is for the rendezvous, right after. */
export class Authenticator {
  readonly #origins: readonly string[];
  readonly #admission: Admission;
  readonly #failuresPerHost: RateLimit;
  readonly #pairingAttempts: RateLimit;
  readonly #connections: RateLimit;

  constructor(options: { origins: readonly string[]; admission: Admission; limits: RelayLimits }) {
    this.#origins = options.origins;
    this.#admission = options.admission;
    this.#failuresPerHost = new RateLimit(options.limits.failuresPerHost);
    this.#pairingAttempts = new RateLimit(options.limits.pairingAttemptsPerHost);
    this.#connections = new RateLimit(options.limits.connectionsPerIdentity);
  }

  /** The first answer on a socket. */
  async judge(auth: RelayAuth, nonce: string, now: number): Promise<Verdict> {
    const { role, hostId, id } = auth;
    if (role === 'pairing') {
      if (this.#failuresPerHost.isUsedUp(hostId, now) || !this.#pairingAttempts.take(hostId, now)) {
        return refuse(CloseCode.tooManyAttempts, 'Too many pairing attempts for this computer.', 'pairing');
      }
    } else if (role === 'device' && this.#failuresPerHost.isUsedUp(hostId, now)) {
      // Devices that are on the list go on, so that nobody locks them out by failing in their host's name.
      if (this.#admission.standing(hostId, id) !== 'admitted') {
        return refuse(CloseCode.tooManyAttempts, 'Too many failed attempts for this computer.', 'host');
      }
    }
    if (!(await verifyAuth(auth, nonce, this.#origins))) {
      this.countFailure(hostId, now);
      return fail(CloseCode.notAuthentic, 'The signature does not fit.');
    }
    if (role !== 'pairing' && !this.#connections.take(`${hostId}.${id}`, now)) {
      return refuse(CloseCode.tooManyAttempts, 'You connect too often.', 'identity');
    }
    const refusal = role === 'device' ? this.#refuseDevice(hostId, id) : null;
    if (refusal) {
      if (refusal.isFailure) this.countFailure(hostId, now);
      return refusal;
    }
    return { ok: true, identity: { role, hostId, id, key: auth.key } };
  }

  /** A later answer on the same socket: it must be the same client, and still admitted. */
  async judgeRenewal(auth: RelayAuth, nonce: string, before: Identity): Promise<Verdict> {
    const isSame =
      auth.role === before.role && auth.hostId === before.hostId && auth.id === before.id && auth.key === before.key;
    if (!isSame || !(await verifyAuth(auth, nonce, this.#origins))) {
      return fail(CloseCode.notAuthentic, 'The renewed signature does not fit.');
    }
    const refusal = before.role === 'device' ? this.#refuseDevice(before.hostId, before.id) : null;
    if (refusal) return refusal;
    return { ok: true, identity: before };
  }

  /** Somebody failed in the name of this host. */
  countFailure(hostId: string, now: number): void {
    this.#failuresPerHost.take(hostId, now);
  }

  #refuseDevice(hostId: string, id: string): Refusal | null {
    switch (this.#admission.standing(hostId, id)) {
      case 'admitted':
        return null;
      case 'not-admitted':
        return fail(CloseCode.notAdmitted, 'The computer has not admitted this device.');
      case 'unknown-host':
        return refuse(CloseCode.hostGone, 'This computer has not been here yet.', null);
    }
  }

  sweep(now: number): void {
    this.#failuresPerHost.sweep(now);
    this.#pairingAttempts.sweep(now);
    this.#connections.sweep(now);
  }
}

function fail(code: number, reason: string): Refusal {
  return { ok: false, code, reason, isFailure: true, limit: null };
}

function refuse(code: number, reason: string, limit: RelayRefusal | null): Refusal {
  return { ok: false, code, reason, isFailure: false, limit };
}
