import { describe, expect, test } from 'vitest';
import { ClockOffset } from '#ui/client/clock-offset.ts';

describe('the offset of the host’s clock', () => {
  test('is measured against the middle of the round trip', () => {
    const clock = new ClockOffset(0);
    expect(clock.take({ hostNow: 1_060_000, receivedAt: 1_000_100, roundTripMs: 200 })).toBe(true);
    expect(clock.value).toBe(60_000);
  });

  test('is none while the clocks agree as well as a round trip can tell', () => {
    const clock = new ClockOffset(0);
    expect(clock.take({ hostNow: 1_001_500, receivedAt: 1_000_000, roundTripMs: 20 })).toBe(false);
    expect(clock.value).toBe(0);
  });

  test('comes from the shortest round trip of a connection', () => {
    const clock = new ClockOffset(0);
    clock.take({ hostNow: 1_060_000, receivedAt: 1_000_000, roundTripMs: 100 });
    expect(clock.take({ hostNow: 1_090_000, receivedAt: 1_000_000, roundTripMs: 900 })).toBe(false);
    expect(clock.value).toBe(60_050);
  });

  test('does not wobble with every measurement', () => {
    const clock = new ClockOffset(60_000);
    expect(clock.take({ hostNow: 1_061_000, receivedAt: 1_000_000, roundTripMs: 10 })).toBe(false);
    expect(clock.value).toBe(60_000);
  });

  test('is dropped once a clock was set right', () => {
    const clock = new ClockOffset(60_000);
    clock.restart();
    expect(clock.take({ hostNow: 1_000_010, receivedAt: 1_000_000, roundTripMs: 10 })).toBe(true);
    expect(clock.value).toBe(0);
  });

  test('is measured again by the next connection, even over a slower network', () => {
    const clock = new ClockOffset(0);
    clock.take({ hostNow: 1_060_000, receivedAt: 1_000_000, roundTripMs: 10 });
    clock.restart();
    expect(clock.take({ hostNow: 1_120_000, receivedAt: 1_000_000, roundTripMs: 400 })).toBe(true);
  });
});
