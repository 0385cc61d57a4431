import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CloseCode } from '../../../protocol/close-codes.ts';
import { createLetter, putLetter, takeBatch } from '../../support/letters.ts';
import { connectDevice, connectHost, createIdentity } from '../../support/relay-clients.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { startRelay, untilMetrics } from './relay-fixture.ts';

const probe = mountSmallDisk(1);
probe?.dispose();

test.skipIf(probe === null)(
  'a relay whose disk is full says so once, admits and refuses as its host wishes, and stores it when there is room',
  async () => {
    const disk = mountSmallDisk(1);
    if (!disk) throw new Error('No disk.');
    onTestFinished(() => disk.dispose());
    const databaseFile = join(disk.folder, 'relay.db');
    const { origin, clock, log, relay } = await startRelay({ databaseFile });
    const host = await connectHost(origin);
    const [first, second] = [await createIdentity(), await createIdentity()];
    disk.fill();
    await host.admit(first);
    await host.admit(first, second);
    const errors = () => log.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors()).toEqual([
      'Failed to store who is admitted: the disk is full; free some space. It is kept in memory and tried again',
    ]);
    const device = await connectDevice(origin, host.hostId, second);
    await device.expect('open');
    await host.nextChannel();
    await host.admit(first);
    expect((await device.closed).code).toBe(CloseCode.revoked);
    clock.advance(20_000);
    expect(log.some(({ message }) => message === 'Who is admitted is stored again')).toBe(false);
    disk.free();
    clock.advance(6_000);
    expect(log.some(({ message }) => message === 'Who is admitted is stored again')).toBe(true);
    expect(errors()).toHaveLength(1);
    await relay.stop({ graceful: false });
    const again = await startRelay({ databaseFile });
    // Says `ready` to those on the stored list only.
    await connectDevice(again.origin, host.hostId, first);
    await expect(connectDevice(again.origin, host.hostId, second)).rejects.toThrow();
  },
);

const HOUR_MS = 60 * 60_000;

test.skipIf(probe === null)(
  'a relay whose disk is full keeps its hosts and itself alive although it can delete no letter, and does when there is room',
  async () => {
    const disk = mountSmallDisk(1);
    if (!disk) throw new Error('No disk.');
    onTestFinished(() => disk.dispose());
    const databaseFile = join(disk.folder, 'relay.db');
    const { origin, clock, log, relay } = await startRelay({
      databaseFile,
      limits: { letterLifetimeMs: 2 * HOUR_MS },
    });
    const host = await connectHost(origin);
    const [leaving, staying] = [await createIdentity(), await createIdentity()];
    await host.admit(leaving, staying);
    await takeBatch(host);
    await host.socket.close();
    await untilMetrics(relay, ({ now }) => now.sockets.host === 0);
    const letter = createLetter(64 * 1024);
    for (const one of [leaving, staying]) {
      const device = await connectDevice(origin, host.hostId, one);
      await putLetter(device, one === staying ? letter : createLetter(64 * 1024));
      await device.close();
    }
    // Writes what is in the journal back, so that nothing is left of the room it had.
    clock.advance(HOUR_MS);
    disk.fill();

    // The letter of a device that is revoked now cannot be deleted, and neither can those that are too old, nor one that is taken back.
    const device = await connectDevice(origin, host.hostId, staying);
    device.say({ type: 'mail.cancel', letter: letter.id });
    expect(await device.expect('mail.cancelled')).toMatchObject({ was: 'handed' });
    await device.close();
    const again = await connectHost(origin, host.identity);
    await again.admit(staying);
    again.socket.say({ type: 'ping', id: 7 });
    await again.socket.expect('pong');
    clock.advance(3 * HOUR_MS);
    expect(log.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual(
      expect.arrayContaining(['Failed to take a letter out', 'Failed to forget letters']),
    );
    expect(relay.metrics().now.letters).toBe(2);

    disk.free();
    clock.advance(HOUR_MS);
    expect(relay.metrics().now.letters).toBe(0);
  },
);

test.skipIf(probe === null)('a relay that is started on a full disk says so in a sentence', async () => {
  const disk = mountSmallDisk(1);
  if (!disk) throw new Error('No disk.');
  onTestFinished(() => disk.dispose());
  const databaseFile = join(disk.folder, 'relay.db');
  const { relay } = await startRelay({ databaseFile });
  await relay.stop({ graceful: true });
  disk.fill();
  await expect(startRelay({ databaseFile })).rejects.toThrow(
    `The disk of the data folder ${disk.folder} is full; free some space.`,
  );
  disk.free();
  await startRelay({ databaseFile });
});
