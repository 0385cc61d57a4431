/** Waiting for a state of several real processes, which tell nobody when it comes. */
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Resolves with how long it took. Rejects with the words, which may be found out only then. What cannot be looked at now may be later. */
export async function untilTrue(
  what: string | (() => string | Promise<string>),
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const isSo = await withLimit(isTrue, LOOK_EVERY_MS * 20);
    const passed = performance.now() - begin;
    if (isSo) return passed;
    if (passed > timeoutMs)
      throw new Error(
        `Waited ${Math.round(timeoutMs / 1000)} s for ${typeof what === 'string' ? what : await what()}.`,
      );
    await wait(LOOK_EVERY_MS);
  }
}

/** A page that is frozen answers nothing for as long. */
export async function withLimit(ask: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), limitMs);
  const answer = Promise.resolve()
    .then(ask)
    .catch(() => false);
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
