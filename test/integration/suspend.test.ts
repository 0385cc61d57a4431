import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import type { FromHost } from '#protocol/messages.ts';
import { Child } from '../support/chaos/processes.ts';
import { Device } from '../support/device/device.ts';
import { pair } from '../support/device/pair.ts';
import { makeFolder, startHost, startRelay, type TestHost } from '../support/test-host.ts';

/** What a device hears when the host goes. */
function recordFarewell() {
  const byes: string[] = [];
  const failures: string[] = [];
  return {
    byes,
    failures,
    options: {
      onMessage: (message: FromHost) => {
        if (message.type === 'bye') byes.push(message.reason);
      },
      onFailure: (error: Error) => {
        failures.push(error.message);
      },
    },
  };
}

describe('a host that goes to sleep', () => {
  let baton: TestHost;
  beforeEach(async () => {
    baton = await startHost();
  });
  afterEach(() => baton.stop());

  const say = (session: string, count: number) =>
    baton.host.history.events.append(
      session,
      Array.from({ length: count }, (_, index) => ({
        kind: 'message' as const,
        body: { id: `m${index}`, text: 'much to say '.repeat(100) },
      })),
    );

  test.each([
    ['in the same turn', 0],
    ['while frames are being encrypted', 1],
    ['a little later', 4],
    ['when some are on their way', 12],
  ])('says so to every device in the middle of a burst of events: %s', async (_when, turns) => {
    const [one, two] = [recordFarewell(), recordFarewell()];
    const devices = [
      await baton.pairDevice('One', 'full', one.options),
      await baton.pairDevice('Two', 'watch', two.options),
    ];
    const session = await baton.startSession();
    for (const device of devices) {
      await device.until('the session', () => device.state?.sessions.some(({ id }) => id === session) === true);
    }
    say(session, 300);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const answer: unknown = baton.host.remote.suspend();
    expect(answer).toBeUndefined();
    expect(baton.host.remote.status.kind).toBe('asleep');
    say(session, 5);
    for (const [index, device] of devices.entries()) {
      await device.until('the bye', () => device.closings.length > 0);
      expect([one, two][index]?.byes).toEqual(['asleep']);
      expect(device.closings.map(({ code }) => code)).toEqual([CloseCode.hostGone]);
    }
    baton.host.remote.resume();
    const last = baton.host.history.events.last(session);
    for (const device of devices) {
      await device.until('all events', () => device.store.events(session).at(-1)?.seq === last);
      expect(device.connections).toBe(2);
    }
    expect([one.failures, two.failures]).toEqual([[], []]);
  });

  test('that was off, or stopped for good, is not started by waking up', async () => {
    await baton.until('connected', () => baton.host.remote.status.kind === 'connected');
    await baton.host.remote.stop('quit');
    baton.host.remote.suspend();
    expect(baton.host.remote.status.kind).toBe('off');
    baton.host.remote.resume();
    expect(baton.host.remote.status.kind).toBe('off');
  });
});

test.skipIf(process.platform !== 'linux')(
  'a machine that sleeps as soon as the handler returns has told its devices by then, and is found again after',
  async () => {
    const folder = makeFolder();
    const relay = await startRelay(folder);
    onTestFinished(() => relay.stop({ graceful: false }));
    const host = new Child([join(import.meta.dirname, '../support/sleeping-host.ts'), folder, relay.origin]);
    onTestFinished(() => host.kill());
    const [, link = ''] = await host.untilPrinted(/^link (\S+)$/m);
    const farewell = recordFarewell();
    const identity = await pair(link, 'Phone');
    const device = Device.open({ file: join(folder, 'device.db'), identity, ...farewell.options });
    onTestFinished(() => device.dispose());
    await device.until('the session', () => device.state?.sessions.length === 1);

    host.signal('SIGUSR2');
    await device.until('the bye', () => farewell.byes.length > 0, 5_000);
    expect(farewell).toMatchObject({ byes: ['asleep'], failures: [] });
    // Its words may be here before it has stopped.
    while (!/\) T /.test(readFileSync(`/proc/${host.pid}/stat`, 'utf8')))
      await new Promise((resolve) => setImmediate(resolve));
    host.signal('SIGCONT');
    await device.until('the host again', () => device.connections === 2);
    await device.until('its events', () => device.store.events(device.state?.sessions[0]?.id ?? '').length === 100);
    expect(farewell.failures).toEqual([]);
  },
);
