import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HANDSHAKE_FAILURES_MAX } from '#main/host/remote/channel-table.ts';
import { toBase64Url } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { type AuthKeyPair, derivePairing, generateAuthKeys, generateNoiseKeys } from '#protocol/keys.ts';
import {
  DEVICE_NAME_MAX_CHARS,
  DEVICES_MAX,
  PAIRING_CODE_LIFETIME_MS,
  PROOF_MAX_CHARS,
  PROTOCOL_VERSION,
} from '#protocol/limits.ts';
import { pairingFromDevice } from '#protocol/messages.ts';
import { parsePairingLink } from '#protocol/pairing-link.ts';
import { createSystemClock } from '#relay/clock.ts';
import { type ForgedHost, startForgedHost } from '../support/chaos/forged-host.ts';
import { RawDevice, type RawIdentity } from '../support/chaos/raw-device.ts';
import { Watched } from '../support/chaos/watched.ts';
import { pair } from '../support/device/pair.ts';
import { startHost, type TestHost } from '../support/test-host.ts';

const FAILURES_FORGOTTEN_AFTER_MS = 60_000;
const OTHER_AUTH_KEY = toBase64Url((await generateAuthKeys(false)).publicKey);

describe('a pairing code, through a relay as it should be', () => {
  let baton: TestHost;
  let relayIsAheadMs: number;
  const asked = new Watched();

  beforeEach(async () => {
    relayIsAheadMs = 0;
    const system = createSystemClock();
    baton = await startHost({ relay: { clock: { ...system, now: () => system.now() + relayIsAheadMs } } });
    await baton.until('the link', () => baton.host.remote.status.kind === 'connected');
    baton.host.remote.pairing.onDidChangeRequests(() => asked.look());
  });
  afterEach(() => baton.stop());

  const requests = () => baton.host.remote.pairing.requests;

  /** What host and relay know of devices; ends the relay, whose file nobody else may read while it runs. */
  async function readStored() {
    await baton.relay.stop({ graceful: false });
    const admission = new Database(join(baton.folder, 'relay.db'), { readonly: true });
    const admitted = admission.prepare<[], string>('SELECT id FROM device').pluck().all();
    admission.close();
    const { devices, audit } = baton.host.history;
    return {
      devices: devices.list().map(({ id }) => id),
      admitted,
      audit: audit.newest(10).map(({ action }) => action),
    };
  }

  test('that was allowed stores one device, on the host and on the relay', async () => {
    const { identity } = await baton.pairDevice('Phone');
    const stored = { devices: [identity.deviceId], admitted: [identity.deviceId] };
    expect(await readStored()).toMatchObject({ ...stored, audit: expect.arrayContaining(['device.paired']) });
  });

  test('that was used is refused to anyone who comes second', async () => {
    const { link } = await baton.host.remote.pairing.show();
    const first = pair(link, 'First');
    first.catch(() => {});
    await asked.until('the first to ask', () => requests().length === 1);
    await expect(pair(link, 'Second')).rejects.toMatchObject({ code: CloseCode.pairingUnknown });
    expect(requests().map(({ name }) => name)).toEqual(['First']);
    baton.host.remote.pairing.allow(requests()[0]?.id ?? '', 'watch');
    const { deviceId } = await first;
    await expect(pair(link, 'Third')).rejects.toMatchObject({ code: CloseCode.pairingUnknown });
    expect((await readStored()).devices).toEqual([deviceId]);
  });

  test('that is 120 seconds old is refused', async () => {
    const opened = Promise.withResolvers<void>();
    baton.host.remote.link.onDidReceive(({ type }) => type === 'pair.opened' && opened.resolve());
    const { link } = await baton.host.remote.pairing.show();
    await opened.promise;
    relayIsAheadMs = PAIRING_CODE_LIFETIME_MS;
    await expect(pair(link, 'Late')).rejects.toMatchObject({ code: CloseCode.pairingUnknown });
    expect(requests()).toEqual([]);
  });

  test('that was photographed gives nothing as long as nobody clicks Allow, not even to a device that is shown its digits', async () => {
    const { link } = await baton.host.remote.pairing.show();
    const digits = Promise.withResolvers<string>();
    const photographer = pair(link, 'Photographer', digits.resolve);
    const outcome = expect(photographer).rejects.toThrow();
    await asked.until('the photographer to ask', () => requests().length === 1);
    expect(requests()[0]).toMatchObject({ name: 'Photographer', digits: await digits.promise });
    expect(await readStored()).toEqual({ devices: [], admitted: [], audit: [] });
    await outcome;
    await asked.until('the photographer to be forgotten', () => requests().length === 0);
  });

  test('that was denied stores nothing, and the device is told', async () => {
    const { link } = await baton.host.remote.pairing.show();
    const denied = pair(link, 'Stranger');
    const outcome = expect(denied).rejects.toThrow('denied on the computer');
    await asked.until('the stranger to ask', () => requests().length === 1);
    expect(baton.host.remote.pairing.deny(requests()[0]?.id ?? '')).toBe(true);
    await outcome;
    expect(await readStored()).toEqual({ devices: [], admitted: [], audit: [] });
  });
});

describe('a pairing code, through a relay that does as it likes', () => {
  let forged: ForgedHost;
  const asked = new Watched();

  beforeEach(async () => {
    forged = await startForgedHost();
    forged.baton.host.remote.pairing.onDidChangeRequests(() => asked.look());
  });
  afterEach(() => forged.stop());

  const pairing = () => forged.baton.host.remote.pairing;
  const storedDevices = () => forged.baton.host.history.devices.list();

  /** A fresh code, as the relay and somebody with a camera know it. */
  async function showCode(): Promise<{ pairId: string; psk: RawIdentity['psk'] }> {
    const link = parsePairingLink((await pairing().show()).link);
    if (!link) throw new Error('The host made no pairing link.');
    const code = await derivePairing(link.secret);
    await forged.relay.watched.until('the code', () => forged.relay.pairIds.includes(code.pairId));
    return code;
  }

  async function createAsker(
    name: string,
    code: { pairId: string; psk: RawIdentity['psk'] },
    hello: object = {},
    auth?: AuthKeyPair,
  ): Promise<RawIdentity> {
    const { publicKey, privateKey: prove } = auth ?? (await generateAuthKeys(false));
    const ownHello = { version: PROTOCOL_VERSION, build: 'test', name, authKey: toBase64Url(publicKey), ...hello };
    const keys = await generateNoiseKeys(false);
    return { ...forged.address, purpose: 'pairing', id: code.pairId, keys, psk: code.psk, hello: ownHello, prove };
  }

  async function ask(name: string, hello: object = {}, auth?: AuthKeyPair): Promise<RawDevice> {
    const code = await showCode();
    const asker = await createAsker(name, code, hello, auth);
    return await RawDevice.begin(forged.relay.open('pairing', code.pairId), asker);
  }

  async function untilAsked(name: string) {
    const find = () => pairing().requests.find((request) => request.name === name);
    await asked.until(`${name} to ask`, () => find() !== undefined);
    return find() as NonNullable<ReturnType<typeof find>>;
  }

  test('that was used is refused by the host itself, anyone who opens it again', async () => {
    const code = await showCode();
    await RawDevice.begin(forged.relay.open('pairing', code.pairId), await createAsker('First', code));
    await untilAsked('First');
    const again = forged.relay.open('pairing', code.pairId);
    await RawDevice.begin(again, await createAsker('Second', code));
    expect(await again.untilClosed()).toBe(CloseCode.pairingUnknown);
    expect(again.frames).toEqual([]);
    expect(pairing().requests.map(({ name }) => name)).toEqual(['First']);
  });

  test('that is 120 seconds old is refused by the host itself', async () => {
    const code = await showCode();
    await forged.pass(PAIRING_CODE_LIFETIME_MS);
    const channel = forged.relay.open('pairing', code.pairId);
    await RawDevice.begin(channel, await createAsker('Late', code));
    expect(await channel.untilClosed()).toBe(CloseCode.pairingUnknown);
    expect(channel.frames).toEqual([]);
  });

  test('of 100 wrong handshakes with one code the first uses it up', async () => {
    const { pairId } = await showCode();
    const codes: number[] = [];
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const channel = forged.relay.open('pairing', pairId);
      const psk = crypto.getRandomValues(new Uint8Array(32));
      await RawDevice.begin(channel, await createAsker('Guesser', { pairId, psk }));
      codes.push(await channel.untilClosed());
    }
    expect(codes).toEqual([CloseCode.handshakeFailed, ...Array<number>(99).fill(CloseCode.pairingUnknown)]);
    expect(storedDevices()).toEqual([]);
  });

  test('of 100 wrong handshakes with ever new codes only the first few are looked at; a minute later pairing works again', async () => {
    const codes: number[] = [];
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const { pairId } = await showCode();
      const channel = forged.relay.open('pairing', pairId);
      const psk = crypto.getRandomValues(new Uint8Array(32));
      await RawDevice.begin(channel, await createAsker('Guesser', { pairId, psk }));
      codes.push(await channel.untilClosed());
    }
    expect(codes).toEqual([
      ...Array<number>(HANDSHAKE_FAILURES_MAX).fill(CloseCode.handshakeFailed),
      ...Array<number>(100 - HANDSHAKE_FAILURES_MAX).fill(CloseCode.tooManyAttempts),
    ]);
    expect(pairing().requests).toEqual([]);
    await forged.pass(FAILURES_FORGOTTEN_AFTER_MS);
    await ask('Phone');
    await untilAsked('Phone');
  });

  test('does not help a device that claims to be stored before anybody clicked', async () => {
    const device = await ask('Pusher');
    await untilAsked('Pusher');
    await device.sayAnything({ type: 'stored' });
    expect(await device.untilDecided()).toBe('denied');
    expect(await device.channel.untilClosed()).toBe(CloseCode.pairingDenied);
    expect([storedDevices(), forged.relay.admitted, pairing().requests]).toEqual([[], [], []]);
  });

  test('whatever a device says in place of its answer, before or after Allow, nothing is stored', async () => {
    const wrong = fc.jsonValue().filter((message) => !pairingFromDevice.safeParse(message).success);
    let number = 0;
    await fc.assert(
      fc.asyncProperty(wrong, fc.boolean(), async (message, isAllowed) => {
        number += 1;
        const device = await ask(`Device ${number}`);
        const { id } = await untilAsked(`Device ${number}`);
        if (isAllowed) expect(pairing().allow(id, 'full')).toBe(true);
        await device.sayAnything(message);
        expect(await device.untilDecided()).toBe('denied');
        // What it says after that, even if it is right, comes too late.
        await device.sayAnything({ type: 'stored' });
        expect([storedDevices(), pairing().requests]).toEqual([[], []]);
        forged.relay.closeAll();
      }),
      { numRuns: 40 },
    );
  });

  const wrongHellos: Record<string, object> = {
    'no name': { name: '' },
    'too long a name': { name: 'x'.repeat(DEVICE_NAME_MAX_CHARS + 1) },
    'another version': { version: PROTOCOL_VERSION + 1 },
    'too long a key': { authKey: 'A'.repeat(201) },
    'no text for a key': { authKey: 7 },
    'a key that is no base64url': { authKey: '===' },
    'no proof, as a page of before': { proof: undefined },
    'a proof that is none': { proof: 'AAAA' },
    'a proof under another key': { authKey: OTHER_AUTH_KEY },
    'too long a proof': { proof: 'A'.repeat(PROOF_MAX_CHARS + 1) },
  };
  test.each(Object.entries(wrongHellos))('a device with %s is not asked about', async (_, hello) => {
    const device = await ask('Stranger', hello);
    const isOfBefore = 'version' in hello || ('proof' in hello && hello.proof === undefined);
    const codes = isOfBefore ? [CloseCode.versionMismatch] : [CloseCode.channelBroken, CloseCode.handshakeFailed];
    expect(codes).toContain(await device.channel.untilClosed());
    expect([storedDevices(), pairing().requests]).toEqual([[], []]);
  });

  test('one asks at a time: another is told so, and may ask when the first is answered', async () => {
    await ask('Phone');
    const shown = await untilAsked('Phone');
    const device = await ask('Another');
    expect(await device.untilDecided()).toBe('denied');
    expect(device.messages).toEqual([{ type: 'denied', reason: expect.stringMatching(/Another device waits/) }]);
    expect(pairing().requests).toEqual([shown]);
    pairing().deny(shown.id);
    await ask('Another');
    await untilAsked('Another');
  });

  test('one that was allowed and has not stored its keys yet is waited for as well', async () => {
    await ask('Phone');
    pairing().allow((await untilAsked('Phone')).id, 'full');
    expect(await (await ask('Another')).untilDecided()).toBe('denied');
  });

  test('who asks under the key of another that is waiting does not take its place: a click means the digits that were shown', async () => {
    const auth = await generateAuthKeys(false);
    await ask('Phone', {}, auth);
    const shown = await untilAsked('Phone');
    const device = await ask('Impostor', {}, auth);
    expect(await device.untilDecided()).toBe('denied');
    expect(pairing().requests).toEqual([shown]);
  });

  test('when all places are taken nobody is asked, the device is told, and the relay is never told too many', async () => {
    for (let number = 1; number <= DEVICES_MAX; number += 1) await forged.addDevice(`Device ${number}`);
    const device = await ask('Too late');
    expect(await device.untilDecided()).toBe('denied');
    expect(pairing().requests).toEqual([]);
    expect(storedDevices()).toHaveLength(DEVICES_MAX);
  });
});
