import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { CHECK_EVERY_MS, FIRST_CHECK_AFTER_MS, findUpdateObstacle, Updates } from '#main/desktop/system/updates.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { settle } from '#test/unit/main/host/sessions/support.ts';

const PAGE = 'https://baton.example/releases';

function createWorld(obstacle: string | null = null) {
  const clock = new ManualClock();
  const world = { looks: 0, loads: 0, isNewer: true, error: null as Error | null, kinds: [] as string[] };
  const updater = {
    autoDownload: true,
    autoInstallOnAppQuit: true,
    logger: {} as unknown,
    checkForUpdates: async () => {
      world.looks += 1;
      if (world.error) throw world.error;
      return { isUpdateAvailable: world.isNewer, updateInfo: { version: '9.0.0' } };
    },
  };
  const load = async () => {
    world.loads += 1;
    return updater;
  };
  const updates = new Updates({ obstacle, load, page: PAGE, clock, log: silentLog });
  updates.onDidChange(() => void world.kinds.push(updates.view.kind));
  return { clock, world, updater, updates };
}

test('a newer Baton is told of, and nothing is downloaded or installed by itself', async () => {
  const { updates, updater, world } = createWorld();
  const [first, second] = await Promise.all([updates.check(), updates.check()]);
  expect([first, second]).toEqual([1, 2].map(() => ({ kind: 'available', version: '9.0.0', url: PAGE })));
  expect([updater.autoDownload, updater.autoInstallOnAppQuit, world.looks]).toEqual([false, false, 1]);
  expect(world.kinds).toEqual(['checking', 'available']);
});

test('none newer, and a look that failed, are told apart', async () => {
  const { updates, world, clock } = createWorld();
  world.isNewer = false;
  expect(await updates.check()).toEqual({ kind: 'current', at: clock.now() });
  world.error = new Error('No network\nat somewhere');
  expect(await updates.check()).toEqual({ kind: 'failed', reason: 'It could not be found out: No network' });
});

test('a build that cannot look says why, and does not even load what looks', async () => {
  const { updates, world, clock } = createWorld('From sources.');
  updates.start();
  clock.advance(CHECK_EVERY_MS * 2);
  expect([await updates.check(), world.loads]).toEqual([{ kind: 'unavailable', reason: 'From sources.' }, 0]);
  expect(findUpdateObstacle({ isPackaged: false, hasFeed: true, page: PAGE })).toContain('sources');
  expect(findUpdateObstacle({ isPackaged: true, hasFeed: false, page: PAGE })).toContain('not told');
  expect(findUpdateObstacle({ isPackaged: true, hasFeed: true, page: null })).toContain('not told');
  expect(findUpdateObstacle({ isPackaged: true, hasFeed: true, page: PAGE })).toBe(null);
});

test('it looks a while after the start and then once a day, until it is disposed', async () => {
  const { updates, world, clock } = createWorld();
  updates.start();
  clock.advance(FIRST_CHECK_AFTER_MS);
  await settle();
  clock.advance(CHECK_EVERY_MS);
  await settle();
  expect(world.looks).toBe(2);
  updates.dispose();
  clock.advance(CHECK_EVERY_MS * 3);
  expect([world.looks, clock.pending]).toEqual([2, 0]);
});
