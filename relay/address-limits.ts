import { isIPv6 } from 'node:net';
import { CloseCode } from '#protocol/close-codes.ts';
import type { RelayLimits } from './limits.ts';
import type { RelayRefusal } from './metrics.ts';
import { RateLimit } from './rate-limit.ts';

export interface AddressRefusal {
  readonly code: number;
  readonly reason: string;
  readonly limit: RelayRefusal;
}

interface Visitor {
  sockets: number;
  unauthenticated: number;
}

/** Counts what comes from each address, and says when it is too much. Pure but for its counts. */
export class AddressLimits {
  readonly #limits: RelayLimits;
  readonly #attempts: RateLimit;
  readonly #failures: RateLimit;
  readonly #newHosts: RateLimit;
  readonly #visitors = new Map<string, Visitor>();

  constructor(limits: RelayLimits) {
    this.#limits = limits;
    this.#attempts = new RateLimit(limits.attemptsPerAddress);
    this.#failures = new RateLimit(limits.failuresPerAddress);
    this.#newHosts = new RateLimit(limits.newHostsPerAddress);
  }

  /** Counts a new socket in, or says why not. Every socket counted in is counted out by `leave`. */
  enter(address: string, now: number): AddressRefusal | null {
    if (this.#failures.isUsedUp(address, now)) {
      return {
        code: CloseCode.tooManyAttempts,
        reason: 'Too many failed attempts from your address.',
        limit: 'failures',
      };
    }
    if (!this.#attempts.take(address, now)) {
      return { code: CloseCode.tooManyAttempts, reason: 'Too many connections from your address.', limit: 'address' };
    }
    const visitor = this.#visitors.get(address) ?? { sockets: 0, unauthenticated: 0 };
    if (
      visitor.sockets >= this.#limits.socketsPerAddressMax ||
      visitor.unauthenticated >= this.#limits.unauthenticatedPerAddressMax
    ) {
      return { code: CloseCode.full, reason: 'Too many open connections from your address.', limit: 'address' };
    }
    visitor.sockets += 1;
    visitor.unauthenticated += 1;
    this.#visitors.set(address, visitor);
    return null;
  }

  authenticated(address: string): void {
    const visitor = this.#visitors.get(address);
    if (visitor) visitor.unauthenticated -= 1;
  }

  leave(address: string, wasAuthenticated: boolean): void {
    const visitor = this.#visitors.get(address);
    if (!visitor) return;
    visitor.sockets -= 1;
    if (!wasAuthenticated) visitor.unauthenticated -= 1;
    if (visitor.sockets === 0) this.#visitors.delete(address);
  }

  countFailure(address: string, now: number): void {
    this.#failures.take(address, now);
  }

  /** Whether one more host that was never seen may be stored for this address. */
  takeNewHost(address: string, now: number): boolean {
    return this.#newHosts.take(address, now);
  }

  sweep(now: number): void {
    this.#attempts.sweep(now);
    this.#failures.sweep(now);
    this.#newHosts.sweep(now);
  }
}

/** One visitor's address: IPv4 whole, IPv6 by its /64, since a household or a server has all of one. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] as string).split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
