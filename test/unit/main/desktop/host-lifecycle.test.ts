import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '#lib/clock.ts';
import { silentLog } from '#lib/log.ts';
import { RETRY_FIRST_AFTER_MS } from '#main/desktop/host-lifecycle.ts';
import { createRelayTester } from '#main/desktop/relay-tester.ts';
import { startRelay } from '#test/support/test-host.ts';
import { createLifecycleWorld, type LifecycleWorld } from './lifecycle-world.ts';

let world: LifecycleWorld;
beforeEach(async () => {
  world = await createLifecycleWorld();
});
afterEach(() => world.stop());

const isConnected = () => world.lifecycle.running?.host.remote.status.kind === 'connected';
const settled = () => {
  const { relay, relayPublicUrl } = world.settings.get();
  return { relay, relayPublicUrl };
};

test('it opens a host with a relay of its own, and tells who uses it', async () => {
  const users: string[] = [];
  world.lifecycle.use(({ relay }) => {
    users.push(relay.relayOrigin);
    return () => users.push('gone');
  });
  expect(world.lifecycle.find()).toMatchObject({ ok: false, error: expect.stringContaining('still starting') });
  await Promise.all([world.lifecycle.open(), world.lifecycle.open()]);
  await world.until(isConnected);
  const origin = `http://127.0.0.1:${world.settings.get().relayPort}`;
  expect([world.lifecycle.refusal, world.lifecycle.find().ok, users]).toEqual([null, true, [origin]]);
  await world.lifecycle.dispose();
  expect([world.lifecycle.find(), users]).toEqual([{ ok: false, error: 'Baton is being closed.' }, [origin, 'gone']]);
});

test('our own relay is tested as it is, also by who asks while the host is being started', async () => {
  const reading = Promise.withResolvers<void>();
  const mayRead = Promise.withResolvers<void>();
  const slow = await createLifecycleWorld({
    secrets: (file) => ({
      ...file,
      // The relay is open by then, and the host is not.
      read: async () => {
        reading.resolve();
        await mayRead.promise;
        return await file.read();
      },
    }),
  });
  try {
    const opened = slow.lifecycle.open();
    await reading.promise;
    const test = createRelayTester({ lifecycle: slow.lifecycle, log: silentLog })(null);
    // What is asked for too early fails before the keys can be read.
    const isEarly = await Promise.race([test.then(() => true), setImmediate(false)]);
    mayRead.resolve();
    await opened;
    expect([isEarly, await test]).toMatchObject([false, { isOk: true }]);
  } finally {
    await slow.stop();
  }
});

test('who asks for the host while it is being started gets it, or the words that refuse it', async () => {
  const asked = world.lifecycle.findStarted();
  const moved = world.lifecycle.moveRelay({ address: null, publicUrl: 'https://computer.example' });
  await world.lifecycle.open();
  expect([await asked, await moved]).toMatchObject([{ ok: true }, { ok: true }]);
  expect(settled().relayPublicUrl).toBe('https://computer.example');

  const other = await createLifecycleWorld({ folder: world.folder });
  other.settings.update({ relay: 'http://127.0.0.1:9' });
  const late = [other.lifecycle.findStarted(), other.lifecycle.moveRelay({ address: null, publicUrl: null })];
  await other.lifecycle.open();
  const refused = { ok: false, error: expect.stringContaining('Another Baton') };
  expect(await Promise.all(late)).toMatchObject([refused, refused]);
});

test('who waits for a host that is never started is told that Baton is being closed', async () => {
  const asked = [world.lifecycle.findStarted(), world.lifecycle.moveRelay({ address: null, publicUrl: null })];
  await world.lifecycle.dispose();
  const closing = { ok: false, error: 'Baton is being closed.' };
  expect(await Promise.all(asked)).toEqual([closing, closing]);
});

test('a data folder that another Baton uses is refused in words, and works once that is closed', async () => {
  const other = await createLifecycleWorld({ folder: world.folder });
  // With a relay elsewhere: two of their own would be refused for the port already.
  for (const { settings } of [other, world]) settings.update({ relay: 'http://127.0.0.1:9' });
  await other.lifecycle.open();
  await world.lifecycle.open();
  expect(world.lifecycle.find()).toEqual({
    ok: false,
    error: expect.stringContaining('Another Baton is already running'),
  });
  other.settings.update({ keepAwake: 'always' });
  await other.lifecycle.dispose();
  await world.lifecycle.open();
  // What the other one was told meanwhile holds here too.
  expect([world.lifecycle.refusal, world.lifecycle.find().ok, world.settings.get().keepAwake]).toEqual([
    null,
    true,
    'always',
  ]);
});

test('a port that is in use is refused in words', async () => {
  const server = createServer().listen(world.settings.get().relayPort, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await world.lifecycle.open();
  expect(world.lifecycle.refusal).toContain('is in use');
  await new Promise((resolve) => server.close(resolve));
  await world.lifecycle.open();
  expect(world.lifecycle.refusal).toBe(null);
});

test('what was refused is tried again by itself, ever more rarely, and what refused it is shown until then', async () => {
  const planned: { ms: number; callback: () => void }[] = [];
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      if (ms < RETRY_FIRST_AFTER_MS) return systemClock.after(ms, callback);
      const plan = { ms, callback };
      planned.push(plan);
      return () => void planned.splice(planned.indexOf(plan), planned.includes(plan) ? 1 : 0);
    },
  };
  const alone = await createLifecycleWorld({ clock });
  const server = createServer().listen(alone.settings.get().relayPort, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await alone.lifecycle.open();
  const said: (string | null)[] = [];
  alone.lifecycle.onDidChange(() => said.push(alone.lifecycle.refusal));
  expect(planned.map(({ ms }) => ms)).toEqual([RETRY_FIRST_AFTER_MS]);
  planned.shift()?.callback();
  // Is the same attempt as the one under way.
  await alone.lifecycle.open();
  expect(planned.map(({ ms }) => ms)).toEqual([2 * RETRY_FIRST_AFTER_MS]);
  expect(said.every((text) => text?.includes('is in use'))).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  planned.shift()?.callback();
  await alone.until(() => alone.lifecycle.running !== null && alone.lifecycle.refusal === null);
  await alone.stop();
});

test('it moves to another relay and back, stores that, and stops and starts its own', async () => {
  const relay = await startRelay(world.folder, { databaseFile: join(world.folder, 'other-relay.db') });
  const foreign = `http://127.0.0.1:${relay.port}`;
  await world.lifecycle.open();
  await world.until(isConnected);
  const own = world.lifecycle.running?.relay.relayOrigin as string;
  expect(await world.lifecycle.moveRelay({ address: foreign, publicUrl: null })).toEqual({ ok: true, value: null });
  await world.until(isConnected);
  expect([world.lifecycle.running?.relay, settled()]).toMatchObject([
    { relayOrigin: foreign, isOwn: false },
    { relay: foreign, relayPublicUrl: null },
  ]);
  await expect(fetch(own)).rejects.toThrow();
  const publicUrl = 'https://computer.example';
  expect(await world.lifecycle.moveRelay({ address: null, publicUrl })).toMatchObject({ ok: true });
  await world.until(isConnected);
  expect([world.lifecycle.running?.relay, settled()]).toMatchObject([
    { relayOrigin: own, phoneOrigin: publicUrl, isOwn: true },
    { relay: null, relayPublicUrl: publicUrl },
  ]);
  expect(await world.lifecycle.moveRelay({ address: null, publicUrl: null })).toMatchObject({ ok: true });
  await world.until(isConnected);
  expect(world.lifecycle.running?.relay.phoneOrigin).toBe(own);
  await relay.stop({ graceful: false });
});

test('a move that fails changes nothing: the relay that was there is there', async () => {
  const relay = await startRelay(world.folder, { databaseFile: join(world.folder, 'other-relay.db') });
  await world.lifecycle.open();
  await world.lifecycle.moveRelay({ address: `http://127.0.0.1:${relay.port}`, publicUrl: null });
  await world.until(isConnected);
  const before = settled();
  const server = createServer().listen(world.settings.get().relayPort, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await world.lifecycle.moveRelay({ address: null, publicUrl: null })).toMatchObject({
    ok: false,
    error: expect.stringContaining('is in use'),
  });
  expect([settled(), isConnected()]).toEqual([before, true]);
  await new Promise((resolve) => server.close(resolve));
  await relay.stop({ graceful: false });
});

test('our own relay, when its new address is no good, goes on as it was', async () => {
  await world.lifecycle.open();
  await world.until(isConnected);
  const own = world.lifecycle.running?.relay.relayOrigin as string;
  expect(await world.lifecycle.moveRelay({ address: null, publicUrl: 'ftp://computer' })).toMatchObject({ ok: false });
  await world.until(isConnected);
  expect([(await fetch(own)).status, settled()]).toEqual([200, { relay: null, relayPublicUrl: null }]);
});

test('our own relay is tested where it runs, or opened for the test where it does not', async () => {
  const relay = await startRelay(world.folder, { databaseFile: join(world.folder, 'other-relay.db') });
  await world.lifecycle.open();
  const test = createRelayTester({ lifecycle: world.lifecycle, log: silentLog });
  const own = world.lifecycle.running?.relay.relayOrigin as string;
  expect(await test(null)).toMatchObject({ isOk: true, origin: own });
  await world.lifecycle.moveRelay({ address: `http://127.0.0.1:${relay.port}`, publicUrl: null });
  expect(await test(null)).toMatchObject({ isOk: true, origin: own });
  await expect(fetch(own)).rejects.toThrow();
  await relay.stop({ graceful: false });
});
