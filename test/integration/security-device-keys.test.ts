/** Whoever copied a device's Noise key and pre-shared key, as a script in the page can, has not got the key that signs. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CloseCode } from '#protocol/close-codes.ts';
import { generateAuthKeys } from '#protocol/keys.ts';
import { PROTOCOL_VERSION } from '#protocol/limits.ts';
import { proveHandshake } from '#protocol/proof.ts';
import { type ForgedHost, startForgedHost } from '../support/chaos/forged-host.ts';
import { RawDevice, type RawIdentity } from '../support/chaos/raw-device.ts';

let forged: ForgedHost;
let phone: RawIdentity;

beforeEach(async () => {
  forged = await startForgedHost();
  phone = await forged.addDevice('Phone');
});
afterEach(() => forged.stop());

const isSigning = () => forged.baton.host.history.devices.get(phone.id)?.isSigning;

async function closedWith(identity: RawIdentity): Promise<number> {
  const device = await RawDevice.begin(forged.relay.open('device', identity.id), identity);
  return await device.channel.untilClosed();
}

describe('a channel', () => {
  test('that the device signed opens', async () => {
    await forged.connect(phone);
  });

  test('without the signature does not open, and nothing is told in it', async () => {
    const { prove: _, ...copied } = phone;
    const device = await RawDevice.begin(forged.relay.open('device', copied.id), copied);
    expect(await device.channel.untilClosed()).toBe(CloseCode.versionMismatch);
    expect(device.messages).toEqual([]);
  });

  test('under another signing key does not open', async () => {
    const { privateKey } = await generateAuthKeys(false);
    expect(await closedWith({ ...phone, prove: privateKey })).toBe(CloseCode.handshakeFailed);
  });

  test.each(['of another handshake', 'for pairing', 'for another host', 'of another device'])(
    'with a signature of the right key %s does not open',
    async (kind) => {
      const { prove, hostId, id } = phone;
      if (!prove) throw new Error('The phone has no key to sign with.');
      const proof = await proveHandshake(prove, {
        purpose: kind === 'for pairing' ? 'pairing' : 'device',
        hostId: kind === 'for another host' ? 'another' : hostId,
        id: kind === 'of another device' ? 'another' : id,
        transcript: new Uint8Array(32),
      });
      const hello = { version: PROTOCOL_VERSION, build: 'test', proof };
      expect(await closedWith({ ...phone, hello })).toBe(CloseCode.handshakeFailed);
    },
  );
});

describe('a device that was paired before devices signed', () => {
  test('goes on as it was until it has signed once; then nothing is believed of it that is not signed', async () => {
    forged.baton.host.history.database.connection.exec('UPDATE device SET is_signing = 0');
    const { prove: _, ...ofBefore } = phone;
    await forged.connect(ofBefore);
    expect(isSigning()).toBe(false);
    await forged.connect(phone);
    expect(isSigning()).toBe(true);
    expect(await closedWith(ofBefore)).toBe(CloseCode.versionMismatch);
    await forged.connect(phone);
  });

  test('is not made a signing one by a wrong signature', async () => {
    forged.baton.host.history.database.connection.exec('UPDATE device SET is_signing = 0');
    const { privateKey } = await generateAuthKeys(false);
    expect(await closedWith({ ...phone, prove: privateKey })).toBe(CloseCode.handshakeFailed);
    expect(isSigning()).toBe(false);
  });
});
