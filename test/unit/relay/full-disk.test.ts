import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CloseCode } from '../../../protocol/close-codes.ts';
import { connectDevice, connectHost, createIdentity } from '../../support/relay-clients.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { startRelay } from './relay-fixture.ts';

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
