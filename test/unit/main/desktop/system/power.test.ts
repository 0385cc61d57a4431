import { EventEmitter } from 'node:events';
import type { PowerMonitor } from 'electron';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { KeepAwake, shouldKeepAwake } from '#main/desktop/system/keep-awake.ts';
import { Power, STILL_AWAKE_AFTER_MS, WAKE_SETTLES_MS } from '#main/desktop/system/power.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { settle } from '#test/unit/main/host/sessions/support.ts';

function createWorld() {
  const clock = new ManualClock();
  const monitor = new EventEmitter();
  const heard: string[] = [];
  const world = { addresses: '10.0.0.2' };
  const power = new Power({
    powerMonitor: monitor as unknown as PowerMonitor,
    clock,
    addresses: () => world.addresses,
    suspend: () => heard.push('suspend'),
    resume: () => heard.push('resume'),
    onPowerSource: () => heard.push('power source'),
    onShutdown: () => heard.push('shutdown'),
    log: silentLog,
  });
  return { clock, monitor, heard, world, power };
}

test('suspend is handled before the system goes on, and resume at once', () => {
  const { monitor, heard } = createWorld();
  monitor.emit('suspend');
  expect(heard).toEqual(['suspend']);
  monitor.emit('resume');
  expect(heard).toEqual(['suspend', 'resume']);
});

test('one waking that several tell of is one redial, a later one is another', async () => {
  const { monitor, heard, clock } = createWorld();
  monitor.emit('suspend');
  monitor.emit('resume');
  monitor.emit('unlock-screen');
  await settle();
  clock.advance(WAKE_SETTLES_MS);
  monitor.emit('unlock-screen');
  expect(heard).toEqual(['suspend', 'resume', 'resume']);
});

test('a window that is online again wakes, but not while the computer falls asleep', () => {
  const { monitor, heard, power } = createWorld();
  power.handleOnline();
  monitor.emit('suspend');
  power.handleOnline();
  expect(heard).toEqual(['resume', 'suspend']);
});

test('a sleep that is called off without a word leaves nobody asleep', () => {
  const { monitor, heard, clock } = createWorld();
  monitor.emit('suspend');
  clock.advance(STILL_AWAKE_AFTER_MS - 1);
  expect(heard).toEqual(['suspend']);
  clock.advance(1);
  expect(heard).toEqual(['suspend', 'resume']);
  clock.advance(10 * STILL_AWAKE_AFTER_MS);
  monitor.emit('suspend');
  monitor.emit('resume');
  clock.advance(10 * STILL_AWAKE_AFTER_MS);
  expect(heard).toEqual(['suspend', 'resume', 'suspend', 'resume']);
});

test('asleep, resume is never taken for an echo', () => {
  const { monitor, heard } = createWorld();
  monitor.emit('resume');
  monitor.emit('suspend');
  monitor.emit('resume');
  expect(heard).toEqual(['resume', 'suspend', 'resume']);
});

test('a change of the network wakes, but not while the computer falls asleep', async () => {
  const { monitor, heard, clock, world } = createWorld();
  world.addresses = '192.168.1.7';
  clock.advance(5_000);
  await settle();
  expect(heard).toEqual(['resume']);
  monitor.emit('suspend');
  world.addresses = '10.9.9.9';
  clock.advance(20_000);
  expect(heard).toEqual(['resume', 'suspend']);
});

test('after a waking that the watch noticed itself there is still only one watch', async () => {
  const { clock, world } = createWorld();
  for (const addresses of ['a', 'b', 'c']) {
    world.addresses = addresses;
    clock.advance(5_000);
    await settle();
  }
  expect(clock.pending).toBe(1);
});

test('the power cord and the end of the system are passed on, and nothing once it is disposed', () => {
  const { monitor, heard, power, clock } = createWorld();
  let isDelayed = false;
  const preventDefault = () => {
    isDelayed = true;
  };
  for (const event of ['on-ac', 'on-battery', 'shutdown']) monitor.emit(event, { preventDefault });
  // Else the system would not wait for agents to end.
  expect(isDelayed).toBe(true);
  expect(heard).toEqual(['power source', 'power source', 'shutdown']);
  power.dispose();
  for (const event of ['suspend', 'resume', 'on-ac', 'shutdown']) monitor.emit(event);
  expect([heard.length, clock.pending]).toEqual([3, 0]);
});

test('the computer is kept awake only while an agent works, and as the person chose', () => {
  const cases = [
    ['off', false, ['working'], false],
    ['always', true, ['working'], true],
    ['always', false, ['idle', 'waiting', 'starting', 'ended'], false],
    ['on-power', false, ['idle', 'working'], true],
    ['on-power', true, ['working'], false],
    ['always', false, [], false],
  ] as const;
  for (const [choice, isOnBattery, states, expected] of cases)
    expect([choice, isOnBattery, states, shouldKeepAwake({ choice, isOnBattery, states })]).toEqual([
      choice,
      isOnBattery,
      states,
      expected,
    ]);
});

test('it blocks once and lets go of what it blocked; the screen is never kept on', () => {
  const calls: unknown[] = [];
  const blocker = {
    start: (type: string) => calls.push(['start', type]),
    stop: (id: number) => {
      calls.push(['stop', id]);
      return true;
    },
  };
  const keepAwake = new KeepAwake(blocker, silentLog);
  expect([keepAwake.set(true), keepAwake.set(true), keepAwake.isActive]).toEqual([true, false, true]);
  keepAwake.dispose();
  keepAwake.dispose();
  expect(calls).toEqual([
    ['start', 'prevent-app-suspension'],
    ['stop', 1],
  ]);
});
