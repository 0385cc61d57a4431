import { afterEach, beforeEach, expect, test } from 'vitest';
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
