/** Randomness that a seed repeats. */

export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** One of them, all equally likely. Throws if there is none. */
  pick<Value>(values: readonly Value[]): Value;
  /** The same values in another order. */
  shuffle<Value>(values: readonly Value[]): Value[];
  /** Randomness of its own: how much is drawn from it changes nothing here. */
  fork(): Random;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough to choose what to break next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    pick(values) {
      if (values.length === 0) throw new RangeError('There is nothing to pick from.');
      return values[between(0, values.length - 1)] as (typeof values)[number];
    },
    shuffle(values) {
      const shuffled = [...values];
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = between(0, at);
        [shuffled[at], shuffled[other]] = [
          shuffled[other] as (typeof values)[number],
          shuffled[at] as (typeof values)[number],
        ];
      }
      return shuffled;
    },
    fork: () => createRandom(Math.floor(next() * 2 ** 32)),
  };
}
