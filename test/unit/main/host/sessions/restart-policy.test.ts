import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextRestart, RESTART_WINDOW_MS, RESTARTS_MAX } from '#main/host/sessions/restart-policy.ts';

const NOW = 1_700_000_000_000;

test('each restart waits longer than the one before, and the sixth is not made', () => {
  const plans = Array.from({ length: RESTARTS_MAX + 1 }, (_, count) =>
    nextRestart(Array(count).fill(NOW - 1_000), NOW),
  );
  expect(plans.map((plan) => (plan.kind === 'restart' ? plan.afterMs : plan.kind))).toEqual([
    1_000,
    2_000,
    5_000,
    15_000,
    30_000,
    'give-up',
  ]);
  expect(plans.map((plan) => (plan.kind === 'restart' ? plan.number : null))).toEqual([1, 2, 3, 4, 5, null]);
});

test('restarts of long ago no longer count', () => {
  expect(nextRestart(Array(9).fill(NOW - RESTART_WINDOW_MS), NOW)).toMatchObject({ kind: 'restart', number: 1 });
  expect(nextRestart(Array(9).fill(NOW - RESTART_WINDOW_MS + 1), NOW)).toMatchObject({ kind: 'give-up' });
});

test('no more than five restarts fall into any window, however often the agent dies', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(RESTART_WINDOW_MS / 4), { maxLength: 60 }), (gaps) => {
      const restarts: number[] = [];
      let now = NOW;
      for (const gap of gaps) {
        now += gap;
        const plan = nextRestart(restarts, now);
        if (plan.kind === 'restart') restarts.push(now);
      }
      for (const at of restarts) {
        expect(restarts.filter((other) => other >= at && other < at + RESTART_WINDOW_MS).length).toBeLessThanOrEqual(
          RESTARTS_MAX,
        );
      }
    }),
  );
});
