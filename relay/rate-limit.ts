import type { Rate } from './limits.ts';

interface Bucket {
  tokens: number;
  at: number;
}

/** Keys a limit remembers; with more, the one that was first seen is forgotten. */
const KEYS_MAX = 20_000;

/**
 * A token bucket per key. Pure: the caller says what time it is, in milliseconds of any clock that does not run backwards.
 * A key never seen, or not for a whole window, has `rate.max` tokens.
 */
export class RateLimit {
  readonly #rate: Rate;
  readonly #keysMax: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, keysMax = KEYS_MAX) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  /** Takes one token. False if there is none. */
  take(key: string, now: number): boolean {
    const bucket = this.#bucket(key, now);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Whether `take` would fail. */
  isUsedUp(key: string, now: number): boolean {
    return this.#buckets.has(key) && this.#bucket(key, now).tokens < 1;
  }

  /** Forgets the keys that are full again. Call it now and then. */
  sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (now - bucket.at >= this.#rate.windowMs) this.#buckets.delete(key);
    }
  }

  get size(): number {
    return this.#buckets.size;
  }

  #bucket(key: string, now: number): Bucket {
    const { max, windowMs } = this.#rate;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      if (this.#buckets.size >= this.#keysMax) {
        for (const oldest of this.#buckets.keys()) {
          this.#buckets.delete(oldest);
          break;
        }
      }
      bucket = { tokens: max, at: now };
      this.#buckets.set(key, bucket);
      return bucket;
    }
    bucket.tokens = Math.min(max, bucket.tokens + ((now - bucket.at) * max) / windowMs);
    bucket.at = now;
    return bucket;
  }
}
