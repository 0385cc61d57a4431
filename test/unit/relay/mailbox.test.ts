import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { LETTER_BATCH_MAX, LETTER_MAX_BYTES, LETTERS_PER_DEVICE_MAX } from '#protocol/limits.ts';
import { openRelayDatabase } from '#relay/database.ts';
import { LetterStore } from '#relay/letter-store.ts';
import { DEFAULT_RELAY_LIMITS } from '#relay/limits.ts';
import { createLetter, putLetter, type SomeLetter, takeAll, takeBatch } from '#test/support/letters.ts';
import {
  connectDevice,
  connectHost,
  connectPairing,
  createIdentity,
  type HostClient,
  type RelayIdentity,
  type RelaySocket,
} from '#test/support/relay-clients.ts';
import { makeFolder, type RelayFixture, startRelay, untilMetrics } from './relay-fixture.ts';

const DAY_MS = 24 * 60 * 60_000;

interface Away {
  readonly fixture: RelayFixture;
  readonly host: RelayIdentity;
  readonly identity: RelayIdentity;
  readonly device: RelaySocket;
}

/** A device whose host takes letters, and is away now. */
async function hostAway(options: Parameters<typeof startRelay>[0] = {}): Promise<Away> {
  const fixture = await startRelay(options);
  const host = await connectHost(fixture.origin);
  const identity = await createIdentity();
  await host.admit(identity);
  await takeBatch(host);
  await host.socket.close();
  await untilMetrics(fixture.relay, ({ now }) => now.sockets.host === 0);
  const device = await connectDevice(fixture.origin, host.hostId, identity);
  return { fixture, host: host.identity, identity, device };
}

async function back(origin: string, host: RelayIdentity, ...devices: RelayIdentity[]): Promise<HostClient> {
  const client = await connectHost(origin, host);
  if (devices.length === 0) return client;
  client.socket.say({ type: 'admit', devices: devices.map(({ id, key }) => ({ id, key })) });
  // Devices that wait for it get their channels first.
  while ((await client.socket.next()).type !== 'admitted');
  return client;
}

const kept = ({ id }: SomeLetter) => ({ type: 'mail.kept', letter: id });
const refused = ({ id }: SomeLetter, reason: string) => ({ type: 'mail.refused', letter: id, reason });

test('letters wait for the host, come in the order in which they were left, and are forgotten once confirmed', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const letters = [createLetter(), createLetter(LETTER_MAX_BYTES), createLetter(4096)];
  for (const letter of letters) expect(await putLetter(device, letter)).toEqual(kept(letter));
  expect(fixture.relay.metrics().now).toMatchObject({ letters: 3, letterBytes: 1024 + LETTER_MAX_BYTES + 4096 });

  const client = await back(fixture.origin, host, identity);
  await device.expect('open');
  const taken = await takeAll(client, true);
  expect(taken).toEqual(letters.map((letter) => ({ ...letter, device: identity.id })));
  expect((await takeBatch(client)).letters).toEqual([]);
  device.say({ type: 'mail.list' });
  expect(await device.expect('mail.listed')).toEqual({
    type: 'mail.listed',
    letters: letters.toReversed().map(({ id }) => ({ letter: id, state: 'taken' })),
  });
  expect(fixture.relay.metrics()).toMatchObject({
    lettersKept: 3,
    lettersHanded: 3,
    lettersTaken: 3,
    now: { letters: 0 },
  });
});

test('what the host did not confirm is handed over again, also after a restart of the relay', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const [one, two] = [createLetter(), createLetter()];
  await putLetter(device, one);
  await putLetter(device, two);
  await device.close();
  const first = await back(fixture.origin, host, identity);
  const batch = await takeBatch(first);
  await takeBatch(first, batch.last, [one.id]);
  await first.socket.cut();

  const { origin } = await fixture.restart();
  const second = await back(origin, host, identity);
  expect((await takeAll(second, true)).map(({ id }) => id)).toEqual([two.id]);
});

test('letters are handed over a few at a time', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const letters = Array.from({ length: LETTER_BATCH_MAX + 3 }, () => createLetter(300));
  for (const letter of letters) await putLetter(device, letter);
  await device.close();
  const client = await back(fixture.origin, host, identity);
  const first = await takeBatch(client);
  const second = await takeBatch(client, first.last, []);
  expect([first.letters.length, second.letters.length]).toEqual([LETTER_BATCH_MAX, 3]);
  expect([...first.letters, ...second.letters].map(({ id }) => id)).toEqual(letters.map(({ id }) => id));
});

test('a batch of large letters ends before it fills the line', async () => {
  const { fixture, host, identity, device } = await hostAway();
  for (let count = 0; count < 6; count += 1) await putLetter(device, createLetter(LETTER_MAX_BYTES));
  await device.close();
  const client = await back(fixture.origin, host, identity);
  expect((await takeBatch(client)).letters.length).toBe(4);
});

test('at most so many letters of one device wait; a place is free again once one was taken out', async () => {
  expect(DEFAULT_RELAY_LIMITS.lettersPerDeviceMax).toBe(LETTERS_PER_DEVICE_MAX);
  const { fixture, device } = await hostAway({ limits: { lettersPerDeviceMax: 2 } });
  const [one, two, three] = [createLetter(), createLetter(), createLetter()];
  await putLetter(device, one);
  await putLetter(device, two);
  expect(await putLetter(device, three)).toEqual(refused(three, 'full'));
  // The same letter again is the same letter.
  expect(await putLetter(device, two)).toEqual(kept(two));
  device.say({ type: 'mail.cancel', letter: one.id });
  expect(await device.expect('mail.cancelled')).toEqual({ type: 'mail.cancelled', letter: one.id, was: 'kept' });
  expect(await putLetter(device, three)).toEqual(kept(three));
  expect(fixture.relay.metrics()).toMatchObject({
    lettersCancelled: 1,
    letterRefusals: { full: 1 },
    now: { letters: 2 },
  });
});

test('a letter may have so many bytes and no more, and the socket goes on', async () => {
  const { device } = await hostAway();
  const large = createLetter(LETTER_MAX_BYTES + 1);
  expect(await putLetter(device, large)).toEqual(refused(large, 'too-large'));
  const small = createLetter();
  expect(await putLetter(device, small)).toEqual(kept(small));
});

test('letters for one host, and for all, have so much room and no more', async () => {
  const perHost = await hostAway({ limits: { letterBytesPerHostMax: 2000 } });
  await putLetter(perHost.device, createLetter(1024));
  const late = createLetter(1024);
  expect(await putLetter(perHost.device, late)).toEqual(refused(late, 'no-room'));

  const inAll = await hostAway({ limits: { letterBytesMax: 2000 } });
  await putLetter(inAll.device, createLetter(1024));
  expect(await putLetter(inAll.device, late)).toEqual(refused(late, 'no-room'));
});

test('letters that are still coming have so much room and no more', async () => {
  const { device } = await hostAway({ limits: { letterUploadsMaxBytes: 1000 } });
  const letter = createLetter(1024);
  expect(await putLetter(device, letter)).toEqual(refused(letter, 'no-room'));
});

test('a device leaves so many letters in a while and no more', async () => {
  const { fixture, device } = await hostAway({ limits: { letterPutsPerDevice: { max: 1, windowMs: 30_000 } } });
  await putLetter(device, createLetter());
  const late = createLetter();
  expect(await putLetter(device, late)).toEqual(refused(late, 'too-often'));
  fixture.clock.advance(30_000);
  expect(await putLetter(device, late)).toEqual(kept(late));
});

test('while the host is connected nothing is kept for it, and its frames go on as before', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const client = await back(fixture.origin, host, identity);
  await device.expect('open');
  const letter = createLetter();
  expect(await putLetter(device, letter)).toEqual(refused(letter, 'host-online'));
  device.sendFrame(Buffer.from('live'));
  expect(Buffer.from((await client.nextFrame()).frame)).toEqual(Buffer.from('live'));
});

test('a host that comes while a letter is under way gets no half letter and no stray frame', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const letter = createLetter(2000);
  device.say({ type: 'mail.put', letter: letter.id, bytes: 2000 });
  device.sendFrame(letter.body.subarray(0, 1000));
  const client = await back(fixture.origin, host, identity);
  await device.expect('open');
  device.sendFrame(letter.body.subarray(1000));
  expect(await device.next()).toEqual(refused(letter, 'host-online'));
  device.sendFrame(Buffer.from('live'));
  expect(Buffer.from((await client.nextFrame()).frame)).toEqual(Buffer.from('live'));
  expect(fixture.relay.metrics().now.letters).toBe(0);
});

test('a host that never took a letter is left none, and its devices are told before', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const identity = await createIdentity();
  await host.admit(identity);
  await host.socket.close();
  await untilMetrics(fixture.relay, ({ now }) => now.sockets.host === 0);
  const before = await connectDevice(fixture.origin, host.hostId, identity);
  const letter = createLetter();
  expect(await putLetter(before, letter)).toEqual(refused(letter, 'host-takes-none'));
});

test('anyone who has a pairing code only cannot leave a letter, list any or take one out', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const letter = createLetter();
  await putLetter(device, letter);
  const client = await back(fixture.origin, host, identity);
  await device.expect('open');
  const pairing = await connectPairing(fixture.origin, client.hostId, await client.openPairing());
  await pairing.expect('open');
  expect(await putLetter(pairing, letter)).toEqual(refused(letter, 'not-admitted'));
  pairing.say({ type: 'mail.list' });
  expect(await pairing.expect('mail.listed')).toEqual({ type: 'mail.listed', letters: [] });
  pairing.say({ type: 'mail.cancel', letter: letter.id });
  expect(await pairing.expect('mail.cancelled')).toEqual({ type: 'mail.cancelled', letter: letter.id, was: null });
});

test('a device sees and takes out its own letters only', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const [mine, other] = [await createIdentity(), await createIdentity()];
  await host.admit(mine, other);
  await takeBatch(host);
  await host.socket.close();
  await untilMetrics(fixture.relay, ({ now }) => now.sockets.host === 0);
  const [own, stranger] = [
    await connectDevice(fixture.origin, host.hostId, mine),
    await connectDevice(fixture.origin, host.hostId, other),
  ];
  const letter = createLetter();
  await putLetter(own, letter);
  stranger.say({ type: 'mail.list' });
  expect(await stranger.expect('mail.listed')).toEqual({ type: 'mail.listed', letters: [] });
  stranger.say({ type: 'mail.cancel', letter: letter.id });
  expect(await stranger.expect('mail.cancelled')).toMatchObject({ was: null });
  expect(await putLetter(stranger, letter)).toEqual(refused(letter, 'not-admitted'));
  own.say({ type: 'mail.list' });
  expect(await own.expect('mail.listed')).toMatchObject({ letters: [{ letter: letter.id, state: 'kept' }] });
});

test('a letter that was handed over cannot be taken out any more, confirmed or not', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const [one, two] = [createLetter(), createLetter()];
  await putLetter(device, one);
  await putLetter(device, two);
  const client = await back(fixture.origin, host, identity);
  await device.expect('open');
  const batch = await takeBatch(client);
  await takeBatch(client, batch.last, [one.id]);
  for (const [letter, was] of [
    [one, 'taken'],
    [two, 'handed'],
  ] as const) {
    device.say({ type: 'mail.cancel', letter: letter.id });
    expect(await device.expect('mail.cancelled')).toEqual({ type: 'mail.cancelled', letter: letter.id, was });
  }
});

test('letters live seven days, and are not handed over later even before they are swept', async () => {
  const { fixture, host, identity, device } = await hostAway();
  await putLetter(device, createLetter());
  await device.close();
  await untilMetrics(fixture.relay, ({ now }) => now.sockets.device === 0);
  fixture.clock.advance(6 * DAY_MS);
  expect(fixture.relay.metrics().now.letters).toBe(1);
  fixture.clock.advance(DAY_MS + 60 * 60_000 + 1000);
  expect(fixture.relay.metrics()).toMatchObject({ lettersExpired: 1, now: { letters: 0, letterBytes: 0 } });
  expect((await takeBatch(await back(fixture.origin, host, identity))).letters).toEqual([]);

  const database = openRelayDatabase(join(await makeFolder(), 'relay.db'));
  database.exec("INSERT INTO host (id, seen_at) VALUES ('host', 0)");
  const letters = new LetterStore(database, DEFAULT_RELAY_LIMITS);
  expect(letters.put({ host: 'host', device: 'device', id: 'id', body: Buffer.from('x') }, 0)).toBe(null);
  expect(letters.hand('host', 0, 7 * DAY_MS).length).toBe(1);
  expect(letters.hand('host', 0, 7 * DAY_MS + 1)).toEqual([]);
  database.close();
});

test('the letters of a device that is no longer admitted are gone, from the file too; others stay', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const [revoked, staying] = [await createIdentity(), await createIdentity()];
  await host.admit(revoked, staying);
  await takeBatch(host);
  await host.socket.close();
  await untilMetrics(fixture.relay, ({ now }) => now.sockets.host === 0);
  const letters = [createLetter(), createLetter()] as const;
  const devices = [
    await connectDevice(fixture.origin, host.hostId, revoked),
    await connectDevice(fixture.origin, host.hostId, staying),
  ] as const;
  await putLetter(devices[0], letters[0]);
  await putLetter(devices[1], letters[1]);
  await back(fixture.origin, host.identity, staying);
  expect((await devices[0].closed).code).toBe(CloseCode.revoked);
  await devices[1].expect('open');
  expect(fixture.relay.metrics()).toMatchObject({ lettersForgotten: 1, now: { letters: 1 } });
  const files = await readdir(fixture.folder);
  const content = Buffer.concat(await Promise.all(files.map((name) => readFile(join(fixture.folder, name)))));
  expect([
    content.includes(letters[0].body.subarray(0, 64)),
    content.includes(letters[1].body.subarray(0, 64)),
  ]).toEqual([false, true]);
});

test('of a letter that was confirmed the file keeps nothing but its name', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const letter = createLetter(LETTER_MAX_BYTES);
  await putLetter(device, letter);
  await device.close();
  await takeAll(await back(fixture.origin, host, identity), true);
  await fixture.relay.stop({ graceful: false });
  const files = await readdir(fixture.folder);
  const content = Buffer.concat(await Promise.all(files.map((name) => readFile(join(fixture.folder, name)))));
  expect([
    content.includes(letter.body.subarray(0, 64)),
    content.includes(letter.body.subarray(100_000, 100_064)),
  ]).toEqual([false, false]);
  expect(content.includes(letter.id)).toBe(true);
});

test('a letter that does not come as announced ends its socket and is no letter', async () => {
  const { fixture, host, identity, device } = await hostAway();
  const letter = createLetter();
  device.say({ type: 'mail.put', letter: letter.id, bytes: 10 });
  device.sendFrame(letter.body);
  expect((await device.closed).code).toBe(CloseCode.malformed);

  const slow = await connectDevice(fixture.origin, host.id, identity);
  slow.say({ type: 'mail.put', letter: letter.id, bytes: 1024 });
  slow.say({ type: 'mail.list' });
  await slow.expect('mail.listed');
  fixture.clock.advance(DEFAULT_RELAY_LIMITS.letterUploadTimeoutMs - 30_000);
  slow.webSocket.pong();
  slow.say({ type: 'mail.list' });
  await slow.expect('mail.listed');
  fixture.clock.advance(31_000);
  expect((await slow.closed).code).toBe(CloseCode.malformed);

  const twice = await connectDevice(fixture.origin, host.id, identity);
  twice.say({ type: 'mail.put', letter: letter.id, bytes: 1024 });
  twice.say({ type: 'mail.put', letter: createLetter().id, bytes: 1024 });
  expect((await twice.closed).code).toBe(CloseCode.malformed);
  const whole = createLetter();
  const good = await connectDevice(fixture.origin, host.id, identity);
  expect(await putLetter(good, whole)).toEqual(kept(whole));
});

test('a file of the relay before letters is brought up to date, and its lists stay', async () => {
  const file = join(await makeFolder(), 'relay.db');
  const old = new Database(file);
  old.exec(`CREATE TABLE host (id TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX host_by_seen_at ON host (seen_at);
    CREATE TABLE device (host TEXT NOT NULL REFERENCES host (id) ON DELETE CASCADE, id TEXT NOT NULL, PRIMARY KEY (host, id)) STRICT, WITHOUT ROWID;
    INSERT INTO host VALUES ('host', 1); INSERT INTO device VALUES ('host', 'device'); PRAGMA user_version = 1;`);
  old.close();
  const database = openRelayDatabase(file);
  expect(database.pragma('user_version', { simple: true })).toBe(2);
  expect(database.prepare('SELECT id FROM device').pluck().all()).toEqual(['device']);
  expect(new LetterStore(database, DEFAULT_RELAY_LIMITS).takesLetters('host')).toBe(false);
  database.close();
});

test('a database that cannot be written refuses letters, hands none over, and everybody stays connected', async () => {
  const { fixture, host, identity, device } = await hostAway();
  await putLetter(device, createLetter());
  await device.close();
  await fixture.relay.stop({ graceful: false });
  const database = openRelayDatabase(fixture.databaseFile);
  for (const event of ['INSERT', 'UPDATE']) {
    database.exec(`CREATE TRIGGER no_${event} BEFORE ${event} ON letter BEGIN SELECT RAISE (ABORT, 'full'); END;`);
  }
  database.close();
  const full = await startRelay({ databaseFile: fixture.databaseFile });
  const again = await connectDevice(full.origin, host.id, identity);
  const letter = createLetter();
  expect(await putLetter(again, letter)).toEqual(refused(letter, 'no-room'));
  const client = await back(full.origin, host, identity);
  // It is not told that there are none: it would not ask again.
  client.socket.say({ type: 'mail.take', after: 0, taken: [] });
  client.socket.say({ type: 'ping', id: 1 });
  expect(await client.socket.next()).toEqual({ type: 'pong', id: 1 });
  full.clock.advance(20_000);
  client.socket.say({ type: 'ping', id: 2 });
  expect(await client.socket.next()).toEqual({ type: 'pong', id: 2 });
  expect(full.log.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    'Failed to keep a letter',
    'Failed to hand letters over; trying again until it works',
  ]);
});
