import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, equalBytes } from '#protocol/bytes.ts';
import { type ChannelError, SecureChannel } from '#protocol/channel.ts';
import { generateNoiseKeys, type NoiseKeyPair } from '#protocol/keys.ts';
import { FRAME_PLAINTEXT_MAX_BYTES, MESSAGE_MAX_BYTES } from '#protocol/limits.ts';

const hostKeys = await generateNoiseKeys(false);
const deviceKeys = await generateNoiseKeys(false);
const psk = crypto.getRandomValues(new Uint8Array(32));
const prologue = Uint8Array.of(1);

interface Side {
  channel: SecureChannel;
  messages: unknown[];
  failures: ChannelError[];
  sent: Bytes[];
}

/** Two ends and a wire that may be bent: each frame passes through `wire` on its way. */
function connect(
  wire: (from: 'device' | 'host', frame: Bytes, deliver: (frame: Uint8Array) => void) => void = (_, frame, deliver) =>
    deliver(frame),
  keys: NoiseKeyPair = deviceKeys,
): { device: Side; host: Side } {
  const side = (): Omit<Side, 'channel'> => ({ messages: [], failures: [], sent: [] });
  const device = side() as Side;
  const host = side() as Side;
  const callbacks = (own: Side, name: 'device' | 'host', other: Side) => ({
    send: (frame: Bytes) => {
      own.sent.push(frame);
      wire(name, frame, (bytes) => other.channel.receive(bytes));
    },
    onMessage: (message: unknown) => own.messages.push(message),
    onFailure: (error: ChannelError) => own.failures.push(error),
  });
  host.channel = SecureChannel.respond({ keys: hostKeys, psk, prologue, ...callbacks(host, 'host', device) });
  device.channel = SecureChannel.initiate({
    keys,
    hostKey: hostKeys.publicKey,
    psk,
    prologue,
    createPayload: () => ({ name: 'phone' }),
    ...callbacks(device, 'device', host),
  });
  return { device, host };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('both ends open with the same hash, and the host learns the payload and the key', async () => {
  const { device, host } = connect();
  const [onDevice, onHost] = await Promise.all([device.channel.opened, host.channel.opened]);
  expect(equalBytes(onDevice.handshakeHash, onHost.handshakeHash)).toBe(true);
  expect(onHost.payload).toEqual({ name: 'phone' });
  expect(onHost.remoteKey).toEqual(deviceKeys.publicKey);
});

test('messages of any size arrive whole and in order, both ways, also when sent before the channel is open', async () => {
  const { device, host } = connect();
  const large = 'x'.repeat(300_000);
  device.channel.send({ n: 0 });
  await device.channel.opened;
  for (let n = 1; n < 50; n += 1) device.channel.send({ n, text: n % 10 === 0 ? large : 'small' });
  await host.channel.opened;
  host.channel.send(['back', large]);
  await until(() => host.messages.length === 50 && device.messages.length === 1);
  expect(host.messages.map((message) => (message as { n: number }).n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(device.messages).toEqual([['back', large]]);
  expect(Math.max(...device.sent.map((frame) => frame.length))).toBeLessThanOrEqual(FRAME_PLAINTEXT_MAX_BYTES + 17);
});

test('small messages of one moment share a frame', async () => {
  const { device, host } = connect();
  await device.channel.opened;
  const before = device.sent.length;
  for (let n = 0; n < 100; n += 1) device.channel.send({ n });
  await until(() => host.messages.length === 100);
  expect(device.sent.length - before).toBe(1);
});

test('frames that come while the handshake is being checked are read in their order', async () => {
  const held: Uint8Array[] = [];
  const { device, host } = connect((from, frame, deliver) => {
    if (from === 'host' || frame[0] === 1) deliver(frame);
    else held.push(frame);
  });
  await device.channel.opened;
  for (let n = 0; n < 5; n += 1) {
    device.channel.send({ n, filler: 'y'.repeat(FRAME_PLAINTEXT_MAX_BYTES) });
  }
  await device.channel.flushed();
  const deliverAll = async () => {
    for (const frame of held) {
      host.channel.receive(frame);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await deliverAll();
  await until(() => host.messages.length === 5);
  expect(host.failures).toEqual([]);
});

describe('a frame that was tampered with ends the channel once, and nothing after it is read', () => {
  const cases: Record<string, (frame: Bytes, deliver: (frame: Uint8Array) => void) => void> = {
    replayed: (frame, deliver) => {
      deliver(frame);
      deliver(frame);
    },
    truncated: (frame, deliver) => deliver(frame.subarray(0, frame.length - 1)),
    'cut to its type': (frame, deliver) => deliver(frame.subarray(0, 1)),
    empty: (_, deliver) => deliver(new Uint8Array(0)),
    relabelled: (frame, deliver) => deliver(Uint8Array.of(17, ...frame.subarray(1))),
    'relabelled as a handshake': (frame, deliver) => deliver(Uint8Array.of(1, ...frame.subarray(1))),
    'changed in one bit': (frame, deliver) => {
      const copy = frame.slice();
      copy[9] = (copy[9] as number) ^ 4;
      deliver(copy);
    },
    oversized: (_, deliver) => deliver(new Uint8Array(100_000).fill(16)),
  };
  for (const [name, bend] of Object.entries(cases)) {
    test(name, async () => {
      const { device, host } = connect((from, frame, deliver) => {
        if (from === 'device' && frame[0] === 16) bend(frame, deliver);
        else deliver(frame);
      });
      await Promise.all([device.channel.opened, host.channel.opened]);
      device.channel.send('first');
      await until(() => host.failures.length > 0);
      device.channel.send('second');
      await device.channel.flushed();
      host.channel.receive(Uint8Array.of(16, 1, 2, 3));
      expect(host.failures.map((failure) => failure.phase)).toEqual(['frame']);
      expect(host.messages).toEqual(name === 'replayed' ? ['first'] : []);
    });
  }

  test('reordered', async () => {
    const held: Uint8Array[] = [];
    const { device, host } = connect((from, frame, deliver) => {
      if (from === 'device' && frame[0] === 16) held.push(frame);
      else deliver(frame);
    });
    await Promise.all([device.channel.opened, host.channel.opened]);
    device.channel.send('first');
    await device.channel.flushed();
    device.channel.send('second');
    await device.channel.flushed();
    for (const frame of held.reverse()) host.channel.receive(frame);
    await until(() => host.failures.length > 0);
    expect(host.messages).toEqual([]);
  });
});

test('a device with another key is who it proves to be, so the host can refuse it', async () => {
  const { host } = connect(undefined, await generateNoiseKeys(false));
  expect(equalBytes((await host.channel.opened).remoteKey, deviceKeys.publicKey)).toBe(false);
});

test('garbage instead of a handshake fails the channel and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 5 }), async (frames) => {
      const failures: ChannelError[] = [];
      const channel = SecureChannel.respond({
        keys: hostKeys,
        psk,
        prologue,
        send: () => {},
        onMessage: () => expect.unreachable(),
        onFailure: (error) => failures.push(error),
      });
      for (const frame of frames) channel.receive(frame);
      await until(() => failures.length > 0);
      expect(failures.map((failure) => failure.phase)).toEqual(['handshake']);
    }),
    { numRuns: 200 },
  );
});

test('a message over the limit is refused by anyone who sends it, and the channel goes on', async () => {
  const { device, host } = connect();
  await device.channel.opened;
  expect(() => device.channel.send('x'.repeat(MESSAGE_MAX_BYTES))).toThrow(RangeError);
  device.channel.send('after');
  await until(() => host.messages.length === 1);
  expect(host.messages).toEqual(['after']);
});

test('after dispose nothing is sent, read or reported', async () => {
  const { device, host } = connect();
  await Promise.all([device.channel.opened, host.channel.opened]);
  const sent = device.sent.length;
  device.channel.dispose();
  device.channel.send('late');
  host.channel.send('late');
  await host.channel.flushed();
  expect([device.sent.length - sent, device.messages, device.failures]).toEqual([0, [], []]);
});
