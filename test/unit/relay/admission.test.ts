import { statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { DEVICES_MAX } from '#protocol/limits.ts';
import { Admission } from '#relay/admission.ts';
import { openRelayDatabase } from '#relay/database.ts';
import {
  connectDevice,
  connectHost,
  createIdentity,
  createPairId,
  dial,
  type RelayIdentity,
} from '#test/support/relay-clients.ts';
import { bridge, ManualClock, makeFolder, startRelay } from './relay-fixture.ts';

const DAY_MS = 24 * 60 * 60_000;

function asDevice(hostId: string, { id, keys }: RelayIdentity) {
  return { role: 'device', hostId, id, keys } as const;
}

test('who is admitted survives a restart of the relay, and so does who is not', async () => {
  const fixture = await startRelay();
  const host = await connectHost(fixture.origin);
  const [friend, stranger] = [await createIdentity(), await createIdentity()];
  await host.admit(friend);
  const { origin } = await fixture.restart();
  await connectDevice(origin, host.hostId, friend);
  const socket = await dial(origin, asDevice(host.hostId, stranger));
  expect((await socket.closed).code).toBe(CloseCode.notAdmitted);
});

test('a device dropped from the list is closed at once and refused from then on; the others stay', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  const other = await createIdentity();
  await host.admit(identity, other);
  const staying = await connectDevice(fixture.origin, host.hostId, other);
  const stayingChannel = await host.nextChannel();
  await host.admit(other);
  expect((await device.closed).code).toBe(CloseCode.revoked);
  expect(await host.socket.expect('channel.closed')).toEqual({ type: 'channel.closed', channel });
  host.send(stayingChannel, Buffer.from('still here'));
  expect(await staying.nextFrame()).toEqual(Buffer.from('still here'));
  const again = await dial(fixture.origin, asDevice(host.hostId, identity));
  expect((await again.closed).code).toBe(CloseCode.notAdmitted);
});

test('frames for a device that was just dropped go nowhere', async () => {
  const fixture = await startRelay();
  const { host, device, channel } = await bridge(fixture);
  host.socket.say({ type: 'admit', devices: [] });
  host.send(channel, Buffer.from('secret'));
  expect((await device.closed).code).toBe(CloseCode.revoked);
  expect([device.waitingFrames, fixture.relay.metrics().framesDropped]).toEqual([[], 1]);
});

test('what a socket says after the message for which it is closed counts for nothing', async () => {
  const { origin } = await startRelay();
  const host = await connectHost(origin);
  const device = await createIdentity();
  await host.admit();
  host.socket.say({ type: 'nonsense' });
  host.socket.say({ type: 'admit', devices: [{ id: device.id, key: device.key }] });
  expect((await host.socket.closed).code).toBe(CloseCode.malformed);
  const socket = await dial(origin, asDevice(host.hostId, device));
  expect((await socket.closed).code).toBe(CloseCode.notAdmitted);
});

test('an empty list turns every device away, also after a restart', async () => {
  const fixture = await startRelay();
  const { host, identity } = await bridge(fixture);
  await host.admit();
  const { origin } = await fixture.restart();
  const socket = await dial(origin, asDevice(host.hostId, identity));
  expect((await socket.closed).code).toBe(CloseCode.notAdmitted);
});

test('a list with a key that is not the key of its id, or with too many devices, is malformed', async () => {
  const { origin } = await startRelay();
  const [one, two] = [await createIdentity(), await createIdentity()];
  const wrong = await connectHost(origin);
  wrong.socket.say({ type: 'admit', devices: [{ id: one.id, key: two.key }] });
  const long = await connectHost(origin);
  const devices = Array.from({ length: DEVICES_MAX + 1 }, () => ({ id: one.id, key: one.key }));
  long.socket.say({ type: 'admit', devices });
  expect([(await wrong.socket.closed).code, (await long.socket.closed).code]).toEqual([
    CloseCode.malformed,
    CloseCode.malformed,
  ]);
});

test('the database is for its owner only, and holds ids but no key and no frame', async () => {
  const fixture = await startRelay();
  const { host, device, identity, channel } = await bridge(fixture);
  host.send(channel, Buffer.from('marker-5e1f'));
  await device.nextFrame();
  const files = (await readdir(fixture.folder)).filter((name) => name.startsWith('relay.db'));
  expect(files).toContain('relay.db');
  const content = Buffer.concat(await Promise.all(files.map((name) => readFile(join(fixture.folder, name)))));
  expect(files.map((name) => statSync(join(fixture.folder, name)).mode & 0o077)).toEqual(files.map(() => 0));
  expect([content.includes(identity.id), content.includes(identity.key), content.includes('marker-5e1f')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('a database that others could read is for its owner only from then on', async () => {
  const file = join(await makeFolder(), 'relay.db');
  writeFileSync(file, '', { mode: 0o644 });
  openRelayDatabase(file).close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a host not seen for 90 days is forgotten, and may come again', async () => {
  const folder = await makeFolder();
  const database = openRelayDatabase(join(folder, 'relay.db'));
  const admission = new Admission(database);
  admission.replace('host', new Set(['device']), 0);
  admission.replace('other', new Set(['device']), 10 * DAY_MS);
  expect(admission.forgetUnseenSince(5 * DAY_MS)).toBe(1);
  expect([admission.standing('host', 'device'), admission.standing('other', 'device')]).toEqual([
    'unknown-host',
    'admitted',
  ]);
  admission.replace('host', new Set(['device']), 20 * DAY_MS);
  expect(admission.standing('host', 'device')).toBe('admitted');
  database.close();
});

test('a relay forgets such hosts when it starts', async () => {
  const databaseFile = join(await makeFolder(), 'relay.db');
  const hostId = createPairId();
  const device = await createIdentity();
  const database = openRelayDatabase(databaseFile);
  const admission = new Admission(database);
  admission.replace(hostId, new Set([device.id]), 0);
  database.close();
  const { origin } = await startRelay({ databaseFile });
  const socket = await dial(origin, asDevice(hostId, device));
  expect((await socket.closed).code).toBe(CloseCode.hostGone);
});

test('a host that stays connected for longer than that is not forgotten under its feet', async () => {
  const month = 30 * DAY_MS;
  const folder = await makeFolder();
  const databaseFile = join(folder, 'relay.db');
  let wallShift = 0;
  const clock = new ManualClock();
  const shifted = {
    now: () => clock.now(),
    every: clock.every.bind(clock),
    wallNow: () => clock.wallNow() + wallShift,
  };
  const { origin, relay } = await startRelay({
    databaseFile,
    clock: shifted,
    limits: { silentMaxMs: DAY_MS, authLifetimeMs: DAY_MS },
  });
  const host = await connectHost(origin);
  const device = await createIdentity();
  await host.admit(device);
  for (let months = 0; months < 4; months += 1) {
    wallShift += month;
    clock.advance(60 * 60_000);
  }
  expect(relay.metrics().now.sockets.host).toBe(1);
  await connectDevice(origin, host.hostId, device);
});

test('the same list again counts as being seen', async () => {
  const folder = await makeFolder();
  const database = openRelayDatabase(join(folder, 'relay.db'));
  const admission = new Admission(database);
  admission.replace('host', new Set(['device']), 0);
  admission.replace('host', new Set(['device']), 50 * DAY_MS);
  expect(admission.forgetUnseenSince(40 * DAY_MS)).toBe(0);
  database.close();
});

test('a relay takes so many hosts and no more, and of new ones so many from one address', async () => {
  const full = await startRelay({ limits: { storedHostsMax: 1 } });
  const known = await connectHost(full.origin);
  await known.admit();
  const late = await connectHost(full.origin);
  late.socket.say({ type: 'admit', devices: [] });
  expect((await late.socket.closed).code).toBe(CloseCode.full);
  await known.admit();

  const busy = await startRelay({ limits: { newHostsPerAddress: { max: 1, windowMs: 60_000 } } });
  await (await connectHost(busy.origin)).admit();
  const second = await connectHost(busy.origin);
  second.socket.say({ type: 'admit', devices: [] });
  expect((await second.socket.closed).code).toBe(CloseCode.tooManyAttempts);
});

test('a second relay on the same file says so', async () => {
  const { databaseFile } = await startRelay();
  await expect(startRelay({ databaseFile })).rejects.toMatchObject({
    name: 'RelayStartError',
    code: 'SQLITE_BUSY',
    message: `Another relay uses ${databaseFile}; stop it or choose another data folder.`,
  });
});

test('a file that is no database, or of a newer relay, is left alone', async () => {
  const folder = await makeFolder();
  const garbage = join(folder, 'garbage.db');
  writeFileSync(garbage, 'this is my novel\n'.repeat(100));
  expect(() => openRelayDatabase(garbage)).toThrow(/is no database of the relay or is damaged/);
  expect(await readFile(garbage, 'utf8')).toBe('this is my novel\n'.repeat(100));
  const newer = join(folder, 'newer.db');
  const database = new Database(newer);
  database.pragma('user_version = 99');
  database.close();
  expect(() => openRelayDatabase(newer)).toThrow(/was written by a newer relay/);
});

test('a data folder that cannot be made is named', () => {
  expect(() => openRelayDatabase('/proc/baton/relay.db')).toThrow(/^Cannot write to the data folder \/proc\/baton /);
});

test('a made-up host id admits nobody', async () => {
  const { origin } = await startRelay();
  const host = await connectHost(origin);
  const device = await createIdentity();
  await host.admit(device);
  const socket = await dial(origin, asDevice(createPairId(), device));
  expect((await socket.closed).code).toBe(CloseCode.hostGone);
});
