import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { HANDSHAKE_FAILURES_MAX } from '#main/host/remote/channel-table.ts';
import type { Bytes } from '#protocol/bytes.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { generateNoiseKeys } from '#protocol/keys.ts';
import {
  FRAME_PLAINTEXT_MAX_BYTES,
  LIVE_CHANNELS_MAX,
  PROTOCOL_VERSION,
  RELAY_FRAME_MAX_BYTES,
} from '#protocol/limits.ts';
import { encodeBridgeFrame } from '#protocol/relay-messages.ts';
import { type ForgedHost, startForgedHost } from '../support/chaos/forged-host.ts';
import { encodeMessage, RawDevice, type RawIdentity } from '../support/chaos/raw-device.ts';

const FAILURES_FORGOTTEN_AFTER_MS = 60_000;

let forged: ForgedHost;
/** Idle, with the demo agent. */
let session: string;
/** Two devices with all rights, new for each test. */
let one: RawIdentity;
let two: RawIdentity;

beforeAll(async () => {
  forged = await startForgedHost();
  session = await forged.baton.startSession();
});
afterAll(() => forged.stop());
beforeEach(async () => {
  [one, two] = [await forged.addDevice('One'), await forged.addDevice('Two')];
});
afterEach(async () => {
  const { devices } = forged.baton.host.history;
  for (const { id } of devices.active()) devices.revoke(id);
  forged.relay.closeAll();
  await forged.pass(FAILURES_FORGOTTEN_AFTER_MS);
});

/** How often this prompt stands in the log: each time it was taken for a new one. */
function countPrompts(text: string): number {
  const events = forged.baton.host.history.events.after(session, 0, 1000);
  return events.filter(({ kind, body }) => kind === 'prompt' && (body as { text: string }).text === text).length;
}

function promptOf(text: string) {
  return {
    type: 'command',
    command: { id: uuidv7(), session, kind: 'prompt', body: { text }, at: Date.now() },
  } as const;
}

/** Whether the host holds these devices for connected. */
function areConnected(...identities: RawIdentity[]): boolean[] {
  const devices = forged.baton.host.remote.devices();
  return identities.map(({ id }) => devices.find((device) => device.id === id)?.connection != null);
}

/** Opens a channel under `id` and begins a handshake in it as somebody; answers the code it is closed with. */
async function tryAs(identity: RawIdentity, id = identity.id): Promise<{ code: number; device: RawDevice }> {
  const channel = forged.relay.open('device', id);
  const device = await RawDevice.begin(channel, identity);
  return { code: await channel.untilClosed(), device };
}

test('a relay that keeps admitting a revoked device gets nothing for it: no handshake, no state, no event', async () => {
  const { baton, relay, connect } = forged;
  const channel = relay.open('device', one.id);
  const device = await RawDevice.begin(channel, one);
  await device.until('state');
  const other = await connect(two);
  expect(baton.host.remote.revoke(one.id)).toBe(true);
  expect(await channel.untilClosed()).toBe(CloseCode.revoked);
  expect(await device.until('bye')).toMatchObject({ reason: 'revoked' });
  expect(relay.admitted).not.toContain(one.id);
  const told = channel.frames.length;

  // The relay goes on as if nothing had been said: in the same channel, and in new ones.
  await device.say(promptOf('echo: from beyond'));
  for (const again of [relay.open('device', one.id), relay.open('device', one.id)]) {
    await RawDevice.begin(again, one);
    expect(await again.untilClosed()).toBe(CloseCode.revoked);
    expect(again.frames).toEqual([]);
  }
  baton.command('prompt', session, { text: 'echo: a secret' });
  await other.ping(1);
  expect(channel.frames).toHaveLength(told);
  expect(countPrompts('echo: from beyond')).toBe(0);
});

test('a relay that crosses the channels of two devices lets neither in, and both come in when it stops', async () => {
  const { relay } = forged;
  const [forOne, forTwo] = [relay.open('device', one.id), relay.open('device', two.id)];
  await RawDevice.begin(forTwo, one);
  await RawDevice.begin(forOne, two);
  expect(await forOne.untilClosed()).toBe(CloseCode.handshakeFailed);
  expect(await forTwo.untilClosed()).toBe(CloseCode.handshakeFailed);
  expect(areConnected(one, two)).toEqual([false, false]);
  await forged.connect(one);
  await forged.connect(two);
  expect(areConnected(one, two)).toEqual([true, true]);
});

test('the recorded frames of a whole channel, played again in a new one, do nothing', async () => {
  const { relay, connect } = forged;
  const device = await connect(one);
  await device.say(promptOf('echo: only once'));
  await device.until('receipt');
  const replayed = relay.open('device', one.id);
  for (const frame of device.sent) replayed.send(frame);
  expect(await replayed.untilClosed()).toBe(CloseCode.handshakeFailed);
  // What the host answered at all is its half of a new handshake, with which a recording can do nothing.
  expect(replayed.frames.length).toBeLessThanOrEqual(1);
  expect(countPrompts('echo: only once')).toBe(1);
});

const tamperings: Record<string, (device: RawDevice, frames: [Bytes, Bytes]) => Bytes[]> = {
  'a repeated frame': (_, [first]) => [first, first],
  'two frames in the wrong order': (_, [first, second]) => [second, first],
  'a frame that was left out': (_, [, second]) => [second],
  'a frame with a changed bit': (_, [first]) => [first.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) as Bytes],
  'a truncated frame': (_, [first]) => [first.slice(0, -1)],
  'a frame that is all head': (_, [first]) => [first.slice(0, 1)],
  'a frame of another kind': (_, [first]) => [Uint8Array.from([2, ...first.slice(1)])],
  'the first frame of the handshake once more': (device) => [device.sent[0] as Bytes],
  'the last frame of the handshake once more': (device) => [device.sent[1] as Bytes],
};

test.each(Object.entries(tamperings))(
  '%s ends the channel; nothing happens twice and the other device goes on',
  async (_, tamper) => {
    const { relay, connect } = forged;
    const other = await connect(two);
    const channel = relay.open('device', one.id);
    const device = await RawDevice.begin(channel, one);
    await device.until('welcome');
    const text = `echo: once at most ${uuidv7()}`;
    const message = encodeMessage(promptOf(text));
    const frames: [Bytes, Bytes] = [await device.encrypt(message), await device.encrypt(message)];
    for (const frame of tamper(device, frames)) channel.send(frame);
    expect(await channel.untilClosed()).toBe(CloseCode.channelBroken);
    expect(countPrompts(text)).toBeLessThanOrEqual(1);
    await other.ping(1);
  },
);

test('a page of another version is told so, and gets nothing', async () => {
  const channel = forged.relay.open('device', one.id);
  await RawDevice.begin(channel, { ...one, hello: { version: PROTOCOL_VERSION + 1, build: 'test' } });
  expect(await channel.untilClosed()).toBe(CloseCode.versionMismatch);
});

test('a frame moved to the channel of another device ends that one and commands nothing', async () => {
  const { relay, connect } = forged;
  const device = await connect(one);
  const channel = relay.open('device', two.id);
  const other = await RawDevice.begin(channel, two);
  await other.until('welcome');
  channel.onFrame = () => {};
  device.listen(channel);
  await device.say(promptOf('echo: in another name'));
  expect(await channel.untilClosed()).toBe(CloseCode.channelBroken);
  expect(countPrompts('echo: in another name')).toBe(0);
});

test('a name that does not belong to who speaks lets nobody in', async () => {
  const { relay, address } = forged;
  expect((await tryAs(one, two.id)).code).toBe(CloseCode.handshakeFailed);
  expect((await tryAs({ ...one, id: two.id }, two.id)).code).toBe(CloseCode.handshakeFailed);
  expect((await tryAs({ ...one, purpose: 'pairing' })).code).toBe(CloseCode.handshakeFailed);
  expect((await tryAs({ ...one, hostId: two.id })).code).toBe(CloseCode.handshakeFailed);
  expect((await tryAs(one, address.hostId)).code).toBe(CloseCode.notAdmitted);
  expect(await relay.open('pairing', one.id).untilClosed()).toBe(CloseCode.pairingUnknown);
});

test('a device’s psk without its key, and its key without its psk, open nothing', async () => {
  const thief = await generateNoiseKeys(false);
  const withPsk = await tryAs({ ...one, keys: thief });
  const withKey = await tryAs({ ...one, psk: new Uint8Array(32) });
  const towardsAnother = await tryAs({ ...one, hostKey: thief.publicKey });
  for (const { code, device } of [withPsk, withKey, towardsAnother]) {
    expect(code).toBe(CloseCode.handshakeFailed);
    expect(device.messages).toEqual([]);
  }
  expect(areConnected(one)).toEqual([false]);
});

test('of 100 wrong handshakes in a device’s name only the first few are even looked at; a minute later the device comes in', async () => {
  const { connect } = forged;
  const other = await connect(two);
  const codes: number[] = [];
  for (let attempt = 0; attempt < 100; attempt += 1) {
    codes.push((await tryAs({ ...one, psk: crypto.getRandomValues(new Uint8Array(32)) })).code);
  }
  expect(codes.slice(0, HANDSHAKE_FAILURES_MAX)).toEqual(Array(HANDSHAKE_FAILURES_MAX).fill(CloseCode.handshakeFailed));
  expect(codes.slice(HANDSHAKE_FAILURES_MAX)).toEqual(
    Array(100 - HANDSHAKE_FAILURES_MAX).fill(CloseCode.tooManyAttempts),
  );
  await other.ping(1);
  expect((await tryAs(one)).code).toBe(CloseCode.tooManyAttempts);
  await forged.pass(FAILURES_FORGOTTEN_AFTER_MS);
  await connect(one);
  expect(areConnected(one, two)).toEqual([true, true]);
});

test('a relay that opens more channels than there may be is refused the rest', async () => {
  const { relay, connect, addDevice } = forged;
  const others = await Promise.all(
    Array.from({ length: LIVE_CHANNELS_MAX - 1 }, (_, index) => addDevice(`Device ${index}`)),
  );
  const first = await connect(one);
  let last = first;
  for (const identity of others) last = await connect(identity);
  expect((await tryAs(two)).code).toBe(CloseCode.full);
  await first.ping(1);
  relay.say({ type: 'channel.closed', channel: last.channel.number });
  await connect(two);
});

test('whatever bytes come instead of a handshake, the host closes that channel and goes on', async () => {
  const { relay, pass, connect } = forged;
  const other = await connect(two);
  let pings = 0;
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(frames, fc.boolean(), async (garbage, isHandshake) => {
      await pass(FAILURES_FORGOTTEN_AFTER_MS);
      const channel = relay.open('device', one.id);
      for (const [index, frame] of garbage.entries()) {
        if (isHandshake) frame[0] = index === 0 ? 1 : 3;
        channel.send(frame);
      }
      expect(await channel.untilClosed()).toBe(CloseCode.handshakeFailed);
      pings += 1;
      await other.ping(pings);
    }),
    { numRuns: 60 },
  );
  await connect(one);
});

test('whatever bytes a relay sends for channels that exist or do not, the host lives, and a device that is let be goes on', async () => {
  const { relay, connect } = forged;
  const bytes = fc.record({
    channel: fc.integer({ min: 0, max: 0xffff_ffff }),
    content: fc.uint8Array({ maxLength: 64 }),
  });
  let pings = 0;
  const device = await connect(one);
  await fc.assert(
    fc.asyncProperty(bytes, fc.uint8Array({ maxLength: 4 }), async ({ channel, content }, short) => {
      relay.sendBytes(short);
      // Not that of the device: what that does has a test of its own.
      relay.sendBytes(encodeBridgeFrame(channel === device.channel.number ? 0 : channel, content));
      pings += 1;
      await device.ping(pings);
    }),
    { numRuns: 60 },
  );
});

test('a relay that says what is not in the protocol is dropped and dialled again; afterwards all is as before', async () => {
  const { relay, connect } = forged;
  const close = { type: 'channel.close', channel: 1, code: 4000, reason: '' };
  const wrong = fc.oneof(
    fc.json().filter((text) => !/"type":"(challenge|ready|admitted|pair|channel|restarting)/.test(text)),
    fc.string(),
    fc.constantFrom(
      JSON.stringify(close),
      JSON.stringify({ type: 'channel.open', channel: -1, role: 'device', id: one.id }),
      JSON.stringify({ type: 'channel.open', channel: 1, role: 'host', id: one.id }),
      JSON.stringify({ type: 'channel.open', channel: 1, role: 'device', id: 'short' }),
      JSON.stringify({ type: 'channel.open', channel: 2 ** 32, role: 'device', id: one.id }),
      JSON.stringify({ type: 'challenge', nonce: 'not base64url!' }),
      JSON.stringify({ type: 'restarting', retryAfterMs: 'soon' }),
      '{"type":"channel.open"',
      '[]',
      'null',
      '',
    ),
  );
  await fc.assert(
    fc.asyncProperty(wrong, async (text) => {
      const { connections } = relay;
      relay.sendText(text);
      await relay.untilHost(connections);
    }),
    { numRuns: 60 },
  );
  const { connections } = relay;
  relay.sendBytes(new Uint8Array(RELAY_FRAME_MAX_BYTES + 1));
  await relay.untilHost(connections);
  await connect(one);
});

test('a frame larger than a frame may be ends its channel only', async () => {
  const { relay, connect } = forged;
  const other = await connect(two);
  const channel = relay.open('device', one.id);
  const device = await RawDevice.begin(channel, one);
  await device.until('welcome');
  // As a message it is fine.
  const text = `echo: ${'x'.repeat(FRAME_PLAINTEXT_MAX_BYTES)}`;
  device.sendFrame(await device.encrypt(encodeMessage(promptOf(text))));
  expect(await channel.untilClosed()).toBe(CloseCode.channelBroken);
  expect(countPrompts(text)).toBe(0);
  await other.ping(1);
});
