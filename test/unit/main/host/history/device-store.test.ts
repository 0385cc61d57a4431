import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTestHistory, temporaryFolder } from './support.ts';

const bytes = (size: number) => new Uint8Array(randomBytes(size));

test('a paired device is kept with its keys, across restarts', () => {
  const folder = temporaryFolder();
  const history = openTestHistory(folder);
  const device = {
    id: 'd1',
    name: 'Phone',
    scope: 'full' as const,
    noiseKey: bytes(32),
    authKey: bytes(91),
    psk: bytes(32),
    isSigning: false,
  };
  const added = history.devices.add(device);
  expect(added).toEqual({ ...device, pairedAt: expect.any(Number), lastSeenAt: null, revokedAt: null });
  expect(history.devices.rename('d1', 'My phone')).toBe(true);
  expect(history.devices.setScope('d1', 'watch')).toBe(true);
  expect(history.devices.touch('d1')).toBe(true);
  expect(history.devices.setSigning('d1')).toBe(true);
  history.close();
  const { devices } = openTestHistory(folder);
  expect(devices.list()).toEqual([
    { ...added, name: 'My phone', scope: 'watch', isSigning: true, lastSeenAt: expect.any(Number) },
  ]);
  expect(devices.get('d2')).toBeNull();
  expect(() => devices.add(device)).toThrow(/UNIQUE/);
});

test('a revoked device is not active, cannot be changed, and its psk is gone from the disk', () => {
  const folder = temporaryFolder();
  const history = openTestHistory(folder);
  const psk = bytes(32);
  const device = { name: 'Phone', scope: 'full' as const, noiseKey: bytes(32), authKey: bytes(91), isSigning: true };
  for (const id of ['d0', 'd1', 'd2']) history.devices.add({ ...device, id, psk: id === 'd1' ? psk : bytes(32) });
  expect(history.devices.revoke('d1')).toBe(true);
  expect(history.devices.get('d1')).toMatchObject({ psk: null, revokedAt: expect.any(Number) });
  expect(history.devices.active().map(({ id }) => id)).toEqual(['d0', 'd2']);
  expect([
    history.devices.revoke('d1'),
    history.devices.rename('d1', 'x'),
    history.devices.setScope('d1', 'full'),
    history.devices.touch('d1'),
    history.devices.setSigning('d1'),
  ]).toEqual([false, false, false, false, false]);
  expect(history.database.connection.pragma('secure_delete', { simple: true })).toBe(1);
  for (const file of readdirSync(folder))
    expect(readFileSync(join(folder, file)).includes(Buffer.from(psk))).toBe(false);
});
