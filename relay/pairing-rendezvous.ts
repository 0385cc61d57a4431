import type { RelayLimits } from './limits.ts';
import { RateLimit } from './rate-limit.ts';

interface Code {
  readonly hostId: string;
  readonly expiresAt: number;
  isUsed: boolean;
  /** Tells the socket that waits with this code that the code is gone. */
  waiting: ((reason: string) => void) | null;
}

export type PairingOpened = { ok: true; lifetimeMs: number } | { ok: false; reason: string };

/**
 * Where a phone with a pairing code meets its host. Knows pairing ids only: the secret behind one never comes here.
 * In memory: a code outlives no restart, and the host makes a new one in 90 seconds anyway.
 */
export class PairingRendezvous {
  readonly #limits: RelayLimits;
  readonly #openRate: RateLimit;
  /** By host and pairing id, so that no host can take the code of another. A used one stays until it would have expired. */
  readonly #codes = new Map<string, Code>();

  constructor(limits: RelayLimits) {
    this.#limits = limits;
    this.#openRate = new RateLimit(limits.pairingOpensPerHost);
  }

  /** A host announces a code. Announcing it again changes nothing. */
  open(hostId: string, pairId: string, now: number): PairingOpened {
    const known = this.#codes.get(keyOf(hostId, pairId));
    if (known?.isUsed) return { ok: false, reason: 'This pairing code was used.' };
    if (known && now < known.expiresAt) return { ok: true, lifetimeMs: known.expiresAt - now };
    if (!this.#openRate.take(hostId, now)) return { ok: false, reason: 'Too many pairing codes in a short time.' };
    if (this.#countUnused(hostId, now) >= this.#limits.pairingCodesPerHostMax) {
      return { ok: false, reason: 'Too many open pairing codes.' };
    }
    if (this.#codes.size >= this.#limits.pairingCodesMax) return { ok: false, reason: 'The relay is full.' };
    const lifetimeMs = this.#limits.pairingLifetimeMs;
    this.#codes.set(keyOf(hostId, pairId), { hostId, expiresAt: now + lifetimeMs, isUsed: false, waiting: null });
    return { ok: true, lifetimeMs };
  }

  /** The host takes a code back. Anyone who waits with it is told. */
  close(hostId: string, pairId: string): void {
    const code = this.#codes.get(keyOf(hostId, pairId));
    if (!code || code.isUsed) return;
    code.isUsed = true;
    this.#dismiss(code, 'The computer took this pairing code back.');
  }

  /** Takes the one place of a code. False: unknown, used, too old, or somebody else waits with it. */
  claim(hostId: string, pairId: string, now: number, onGone: (reason: string) => void): boolean {
    const code = this.#codes.get(keyOf(hostId, pairId));
    if (!code || code.isUsed || code.waiting || now >= code.expiresAt) return false;
    code.waiting = onGone;
    return true;
  }

  /** Anyone who claimed the code left before it met the host. */
  release(hostId: string, pairId: string): void {
    const code = this.#codes.get(keyOf(hostId, pairId));
    if (code && !code.isUsed) code.waiting = null;
  }

  /** The claimed code meets its host: from now on it is used. */
  consume(hostId: string, pairId: string): void {
    const code = this.#codes.get(keyOf(hostId, pairId));
    if (!code) return;
    code.isUsed = true;
    code.waiting = null;
  }

  /** Drops what is too old. Call it every second or so. */
  sweep(now: number): void {
    for (const [key, code] of this.#codes) {
      if (now < code.expiresAt) continue;
      this.#codes.delete(key);
      this.#dismiss(code, 'This pairing code is too old.');
    }
    this.#openRate.sweep(now);
  }

  get size(): number {
    return this.#codes.size;
  }

  #dismiss(code: Code, reason: string): void {
    const waiting = code.waiting;
    code.waiting = null;
    waiting?.(reason);
  }

  #countUnused(hostId: string, now: number): number {
    let count = 0;
    for (const code of this.#codes.values()) {
      if (code.hostId === hostId && !code.isUsed && now < code.expiresAt) count += 1;
    }
    return count;
  }
}

function keyOf(hostId: string, pairId: string): string {
  return `${hostId}.${pairId}`;
}
