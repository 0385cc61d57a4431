import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressGroup } from '#relay/address-limits.ts';
import { RateLimit } from '#relay/rate-limit.ts';

const RATE = { max: 5, windowMs: 1000 };

test('a key may spend all at once, and gets it back evenly', () => {
  const limit = new RateLimit(RATE);
  const take = (now: number, count: number) => Array.from({ length: count }, () => limit.take('a', now));
  expect(take(0, 6)).toEqual([true, true, true, true, true, false]);
  expect(take(199, 1)).toEqual([false]);
  expect(take(200, 2)).toEqual([true, false]);
  expect(take(10_000, 6)).toEqual([true, true, true, true, true, false]);
});

test('keys do not share, and looking takes nothing', () => {
  const limit = new RateLimit({ max: 1, windowMs: 1000 });
  expect([limit.isUsedUp('a', 0), limit.take('a', 0), limit.isUsedUp('a', 0), limit.isUsedUp('b', 0)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([limit.isUsedUp('a', 1000), limit.isUsedUp('a', 1000), limit.take('a', 1000)]).toEqual([false, false, true]);
});

test('in no window are there more than twice the maximum, however the attempts are spread', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 200 }), (gaps) => {
      const limit = new RateLimit(RATE);
      let now = 0;
      const taken: number[] = [];
      for (const gap of gaps) {
        now += gap;
        if (limit.take('a', now)) taken.push(now);
      }
      for (const start of taken) {
        const inWindow = taken.filter((at) => at >= start && at < start + RATE.windowMs);
        expect(inWindow.length).toBeLessThanOrEqual(2 * RATE.max);
      }
    }),
  );
});

test('memory is bounded: full keys are swept, and too many push out the oldest', () => {
  const limit = new RateLimit(RATE, 3);
  for (const key of ['a', 'b', 'c', 'd', 'e']) limit.take(key, 0);
  expect(limit.size).toBe(3);
  limit.take('e', 500);
  limit.sweep(1000);
  expect(limit.size).toBe(1);
});

test('an IPv6 /64 counts as one visitor, an IPv4 address as one, however either is written', () => {
  const pairs = [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1:2:3', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ] as const;
  expect(pairs.map(([address]) => addressGroup(address))).toEqual(pairs.map(([, group]) => group));
});
