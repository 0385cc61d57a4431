import { afterEach, beforeEach, expect, test } from 'vitest';
import { PairingFailed } from '../support/device/pair.ts';
import { startHost, type TestHost } from '../support/test-host.ts';

let baton: TestHost;
beforeEach(async () => {
  baton = await startHost();
});
afterEach(() => baton.stop());

/** As SQLite says it. */
function fail(): never {
  throw new Error('database or disk is full');
}

test('a device connects and is answered although it cannot be noted that it was seen', async () => {
  const device = await baton.pairDevice('One');
  baton.host.history.devices.touch = fail;
  const { closings } = device;
  device.cut();
  await device.until('back', () => device.isConnected && closings.length > 0);
  expect(await device.ping()).toBeGreaterThanOrEqual(0);
});

test('a device that is revoked is cut off although the audit cannot be written', async () => {
  const device = await baton.pairDevice('One');
  baton.host.history.audit.append = fail;
  expect(() => baton.host.remote.revoke(device.identity.deviceId)).toThrow('full');
  await device.until('closed', () => !device.isConnected);
  expect(baton.host.remote.devices()).toEqual([]);
});

test('a device whose pairing cannot be written down is not paired at all, and the host goes on', async () => {
  const { append } = baton.host.history.audit;
  baton.host.history.audit.append = fail;
  await expect(baton.pairDevice('Half')).rejects.toBeInstanceOf(PairingFailed);
  expect(baton.host.remote.devices()).toEqual([]);
  expect(baton.host.history.devices.list()).toEqual([]);
  baton.host.history.audit.append = append;
  const device = await baton.pairDevice('Whole');
  baton.host.history.audit.append = fail;
  expect(() => baton.host.remote.setScope(device.identity.deviceId, 'watch')).toThrow('full');
  expect(baton.host.remote.devices()).toMatchObject([{ name: 'Whole', scope: 'full' }]);
});
