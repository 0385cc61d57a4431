import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { PUSH_EVERY_MS, SliceFeed } from '#main/desktop/ipc/slice-feed.ts';
import type { WindowViews } from '#main/desktop/ipc/views/window-views.ts';
import { SAMPLE_EVERY_MS, UsageSampler } from '#main/desktop/usage-sampler.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { settle } from '#test/unit/main/host/sessions/support.ts';

function createWorld() {
  const clock = new ManualClock();
  const values: Record<string, unknown> = { app: 'a', devices: [], settings: { n: 1 } };
  const reads: string[] = [];
  const pushed: unknown[] = [];
  const views = Object.fromEntries(
    Object.keys(values).map((name) => [
      name,
      () => {
        reads.push(name);
        if (values[name] instanceof Error) throw values[name];
        return values[name];
      },
    ]),
  ) as unknown as WindowViews;
  const feed = new SliceFeed({ views, clock, push: (slice) => pushed.push(slice), log: silentLog });
  return { clock, values, reads, pushed, feed };
}

test('the whole is handed out on load, and from then on what differs', () => {
  const { feed, values, pushed, clock } = createWorld();
  feed.setSeen(true);
  expect(feed.load()).toEqual(values);
  values.settings = { n: 2 };
  feed.touch('settings', 'devices');
  expect(pushed).toEqual([]);
  clock.advance(PUSH_EVERY_MS);
  expect(pushed).toEqual([{ name: 'settings', value: { n: 2 } }]);
});

test('many changes within a moment are read once', () => {
  const { feed, reads, clock } = createWorld();
  feed.setSeen(true);
  feed.load();
  reads.length = 0;
  for (let n = 0; n < 50; n += 1) feed.touch('devices');
  clock.advance(PUSH_EVERY_MS);
  expect(reads).toEqual(['devices']);
});

test('out of sight nothing is read; back in sight it is right at once', () => {
  const { feed, values, reads, pushed, clock } = createWorld();
  feed.load();
  reads.length = 0;
  values.devices = ['d'];
  feed.touch('devices', 'app');
  clock.advance(PUSH_EVERY_MS * 10);
  expect(reads).toEqual([]);
  feed.setSeen(true);
  expect(pushed).toEqual([{ name: 'devices', value: ['d'] }]);
});

test('a page that is gone gets nothing; the next one begins with the whole', () => {
  const { feed, values, pushed, clock } = createWorld();
  feed.setSeen(true);
  feed.load();
  feed.unload();
  values.app = 'b';
  feed.touch('app');
  clock.advance(PUSH_EVERY_MS);
  expect(pushed).toEqual([]);
  expect(feed.load().app).toBe('b');
});

test('a part that cannot be read does not keep the others', () => {
  const { feed, values, pushed, clock } = createWorld();
  feed.setSeen(true);
  feed.load();
  values.app = new Error('a bug');
  values.devices = ['d'];
  feed.touch('app', 'devices');
  clock.advance(PUSH_EVERY_MS);
  expect(pushed).toEqual([{ name: 'devices', value: ['d'] }]);
});

test('usage is sampled every three seconds, only while somebody looks, and never twice at once', async () => {
  const clock = new ManualClock();
  let looks = 0;
  let samples = 0;
  let finish = () => {};
  const host = {
    usage: () => {
      looks += 1;
      return new Promise<Record<string, never>>((resolve) => {
        finish = () => resolve({});
      });
    },
  };
  const sampler = new UsageSampler({
    host: () => host,
    clock,
    log: silentLog,
    onSample: () => {
      samples += 1;
    },
  });
  clock.advance(SAMPLE_EVERY_MS * 3);
  expect(looks).toBe(0);
  sampler.setRunning(true);
  clock.advance(SAMPLE_EVERY_MS * 3);
  expect(looks).toBe(1);
  finish();
  await settle();
  clock.advance(SAMPLE_EVERY_MS);
  expect([looks, samples]).toEqual([2, 1]);
  sampler.setRunning(false);
  finish();
  await settle();
  clock.advance(SAMPLE_EVERY_MS * 3);
  expect([looks, samples, clock.pending]).toEqual([2, 1, 0]);
});
