import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { openRelayDatabase } from '#relay/database.ts';
import { createLetter, putLetter, takeBatch } from '#test/support/letters.ts';
import { connectDevice, connectHost, createIdentity } from '#test/support/relay-clients.ts';
import { mountSmallDisk } from '#test/support/small-disk.ts';
import { type RelayFixture, startRelay } from './relay-fixture.ts';

const HOUR_MS = 60 * 60_000;
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

function makeDisk() {
  const disk = mountSmallDisk(1);
  if (!disk) throw new Error('No disk.');
  onTestFinished(() => disk.dispose());
  return disk;
}

/** A relay on that disk with four letters of one device for a host that is away. */
async function leaveLetters(fixture: RelayFixture) {
  const { origin } = fixture;
  const identity = await createIdentity();
  const host = await connectHost(origin);
  await host.admit(identity);
  await takeBatch(host);
  await host.socket.close();
  const device = await connectDevice(origin, host.hostId, identity);
  const letters = Array.from({ length: 4 }, () => createLetter());
  for (const letter of letters) expect(await putLetter(device, letter)).toMatchObject({ type: 'mail.kept' });
  await device.close();
  return { host, identity, letters };
}

const errorsOf = ({ log }: RelayFixture) => log.filter(({ level }) => level === 'error').map(({ message }) => message);

test.skipIf(probe === null)(
  'a host that asks for its letters on a full disk gets them, and has them acknowledged, when there is room: it asks once',
  async () => {
    const disk = makeDisk();
    const fixture = await startRelay({ databaseFile: join(disk.folder, 'relay.db') });
    const { host, letters } = await leaveLetters(fixture);
    const client = await connectHost(fixture.origin, host.identity);
    disk.fill();
    const asked = takeBatch(client);
    client.socket.say({ type: 'ping', id: 1 });
    // Answered after the question, and before there is an answer to that.
    await expect(asked).rejects.toThrow('"pong"');
    fixture.clock.advance(20_000);
    expect(client.socket.waiting).toEqual([]);
    disk.free();
    fixture.clock.advance(6_000);
    const batch: string[] = [];
    for (let message = await client.socket.next(); message.type === 'mail.letter'; message = await client.socket.next())
      batch.push(message.letter);
    expect(batch).toEqual(letters.map(({ id }) => id));

    disk.fill();
    client.socket.say({ type: 'mail.take', after: Number.MAX_SAFE_INTEGER, taken: batch });
    client.socket.say({ type: 'ping', id: 2 });
    await client.socket.expect('pong');
    expect(fixture.relay.metrics().now.letters).toBe(4);
    disk.free();
    fixture.clock.advance(6_000);
    expect(await client.socket.expect('mail.batch')).toMatchObject({ isEmpty: true });
    expect(fixture.relay.metrics().now.letters).toBe(0);
    expect(errorsOf(fixture)).toEqual([
      'Failed to hand letters over; trying again until it works',
      'Failed to hand letters over; trying again until it works',
    ]);
  },
);

test.skipIf(probe === null)(
  'that a host takes letters is not forgotten because the host itself could not be stored at first',
  async () => {
    const disk = makeDisk();
    const fixture = await startRelay({ databaseFile: join(disk.folder, 'relay.db') });
    const { origin } = fixture;
    const identity = await createIdentity();
    const host = await connectHost(origin);
    disk.fill();
    await host.admit(identity);
    await takeBatch(host);
    disk.free();
    await host.socket.close();
    // Before the list is tried again by itself.
    const device = await connectDevice(origin, host.hostId, identity);
    expect(await putLetter(device, createLetter())).toMatchObject({ type: 'mail.kept' });
    fixture.clock.advance(1_000);
    const again = await fixture.restart();
    const later = await connectDevice(again.origin, host.hostId, identity);
    expect(await putLetter(later, createLetter())).toMatchObject({ type: 'mail.kept' });
  },
);

test.skipIf(probe === null)(
  'that a host takes letters is not forgotten because it left while there was no room to note that',
  async () => {
    const disk = makeDisk();
    const fixture = await startRelay({ databaseFile: join(disk.folder, 'relay.db') });
    const identity = await createIdentity();
    const host = await connectHost(fixture.origin);
    await host.admit(identity);
    disk.fill();
    host.socket.say({ type: 'mail.take', after: 0, taken: [] });
    host.socket.say({ type: 'ping', id: 1 });
    await host.socket.expect('pong');
    await host.socket.close();
    disk.free();
    const device = await connectDevice(fixture.origin, host.hostId, identity);
    expect(await putLetter(device, createLetter())).toMatchObject({ type: 'mail.kept' });
    fixture.clock.advance(1_000);
    const again = await fixture.restart();
    const later = await connectDevice(again.origin, host.hostId, identity);
    expect(await putLetter(later, createLetter())).toMatchObject({ type: 'mail.kept' });
  },
);

test.skipIf(probe === null)(
  'the letters of a device that is not admitted any more are forgotten as soon as there is room',
  async () => {
    const disk = makeDisk();
    const fixture = await startRelay({ databaseFile: join(disk.folder, 'relay.db') });
    const { host } = await leaveLetters(fixture);
    const client = await connectHost(fixture.origin, host.identity);
    disk.fill();
    await client.admit();
    expect(fixture.relay.metrics().now.letters).toBe(4);
    expect(client.socket.webSocket.readyState).toBe(1);
    disk.free();
    fixture.clock.advance(6_000);
    expect(fixture.relay.metrics().now.letters).toBe(0);
  },
);

test.skipIf(probe === null)(
  'a device that takes a letter back on a full disk is not told that it is gone; when there is room it can be taken back',
  async () => {
    const disk = makeDisk();
    const fixture = await startRelay({ databaseFile: join(disk.folder, 'relay.db') });
    const { host, identity, letters } = await leaveLetters(fixture);
    const device = await connectDevice(fixture.origin, host.hostId, identity);
    const letter = letters[0]?.id ?? '';
    disk.fill();
    device.say({ type: 'mail.cancel', letter });
    expect(await device.expect('mail.cancelled')).toMatchObject({ letter, was: 'handed' });
    expect(fixture.relay.metrics().now.letters).toBe(4);
    disk.free();
    device.say({ type: 'mail.cancel', letter });
    expect(await device.expect('mail.cancelled')).toMatchObject({ letter, was: 'kept' });
    expect(fixture.relay.metrics().now.letters).toBe(3);
    expect(errorsOf(fixture)).toEqual(['Failed to take a letter out']);
  },
);

test.skipIf(probe === null)(
  'what is too old is not deleted on a full disk, and the relay goes on; it is when there is room',
  async () => {
    const disk = makeDisk();
    const options = { databaseFile: join(disk.folder, 'relay.db'), limits: { letterLifetimeMs: 60_000 } };
    const fixture = await startRelay(options);
    await leaveLetters(fixture);
    disk.fill();
    fixture.clock.advance(2 * HOUR_MS);
    expect(fixture.relay.metrics().now.letters).toBe(4);
    disk.free();
    fixture.clock.advance(HOUR_MS);
    expect(fixture.relay.metrics().now.letters).toBe(0);
  },
);

test.skipIf(probe === null)('a relay that cannot begin on a full disk says so in one sentence', async () => {
  const disk = makeDisk();
  const file = join(disk.folder, 'relay.db');
  openRelayDatabase(file).close();
  disk.fill();
  expect(() => openRelayDatabase(file)).toThrow(
    `The disk with the data folder ${disk.folder} is full; free some space.`,
  );
});
