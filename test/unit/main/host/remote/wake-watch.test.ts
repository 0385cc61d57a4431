import { expect, test } from 'vitest';
import type { Clock } from '#lib/clock.ts';
import { watchWake } from '#main/host/remote/wake-watch.ts';

/** Time and addresses that a test sets; `pass` lets the next timer fire after so many milliseconds. */
function createWorld() {
  const world = { now: 1_000_000, addresses: '10.0.0.2', woken: [] as string[] };
  let timer: { ms: number; callback: () => void } | null = null;
  const clock: Clock = {
    now: () => world.now,
    after: (ms, callback) => {
      timer = { ms, callback };
      return () => {
        timer = null;
      };
    },
  };
  const dispose = watchWake({ clock, addresses: () => world.addresses, onWake: (why) => world.woken.push(why) });
  const pass = (lateMs = 0) => {
    world.now += (timer?.ms ?? 0) + lateMs;
    timer?.callback();
  };
  return { world, pass, dispose, isWatching: () => timer !== null };
}

test('time that passes as it should wakes nobody', () => {
  const { world, pass } = createWorld();
  for (let n = 0; n < 20; n += 1) pass(n % 3 === 0 ? 2_000 : 0);
  expect(world.woken).toEqual([]);
});

test('a sleep, and a clock that was set back, are noticed once each', () => {
  const { world, pass } = createWorld();
  pass(8 * 3_600_000);
  pass();
  pass(-60_000);
  pass();
  expect(world.woken).toHaveLength(2);
});

test('another network is noticed, a network that is gone is not: there is nothing to dial with', () => {
  const { world, pass } = createWorld();
  world.addresses = '';
  pass();
  expect(world.woken).toEqual([]);
  world.addresses = '192.168.1.7';
  pass();
  pass();
  expect(world.woken).toEqual(['The network has changed']);
});

test('after it is disposed nothing is looked at any more', () => {
  const { dispose, isWatching } = createWorld();
  dispose();
  expect(isWatching()).toBe(false);
});
