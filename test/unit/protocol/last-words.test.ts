import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealAtOnce } from '#main/host/remote/seal-at-once.ts';
import type { Bytes } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { generateNoiseKeys } from '#protocol/keys.ts';
import { CipherState } from '#protocol/noise-state.ts';

const hostKeys = await generateNoiseKeys(false);
const deviceKeys = await generateNoiseKeys(false);
const psk = crypto.getRandomValues(new Uint8Array(32));
const prologue = Uint8Array.of(1);

/** An open channel; `frames` are those that the host has sent since, and `messages` what the device has read. */
async function openChannel() {
  const frames: Bytes[] = [];
  const messages: unknown[] = [];
  const failures: string[] = [];
  const device: SecureChannel = SecureChannel.initiate({
    keys: deviceKeys,
    hostKey: hostKeys.publicKey,
    psk,
    prologue,
    createPayload: () => null,
    send: (frame) => host.receive(frame),
    onMessage: (message) => messages.push(message),
    onFailure: (error) => failures.push(error.message),
  });
  const host = SecureChannel.respond({
    keys: hostKeys,
    psk,
    prologue,
    sealAtOnce,
    send: (frame) => {
      frames.push(frame);
      device.receive(frame);
    },
    onMessage: () => {},
    onFailure: (error) => failures.push(error.message),
  });
  await Promise.all([host.opened, device.opened]);
  frames.length = 0;
  return { host, device, frames, messages, failures };
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

test('encrypting at once gives the very bytes that encrypting later gives, and takes no nonce of its own', async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const [sending, reading] = [await CipherState.create(key, sealAtOnce), await CipherState.create(key)];
  const plaintexts = ['', 'one', 'two'.repeat(20_000)].map((text) => new TextEncoder().encode(text) as Bytes);
  const header = Uint8Array.of(16);
  const sealings = plaintexts.map((plaintext) => sending.reserve(plaintext, header));
  for (const [index, sealing] of sealings.entries()) {
    const atOnce = sealing.atOnce();
    expect(atOnce).toEqual(await sealing.later());
    expect(await reading.decrypt(atOnce, header)).toEqual(plaintexts[index]);
  }
});

test('last words are sent before the call returns, after all that was said before, whatever was being encrypted then', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          chars: fc.integer({ min: 0, max: 90_000 }),
          turns: fc.integer({ min: 0, max: 6 }),
          isAwaited: fc.boolean(),
        }),
        {
          maxLength: 8,
        },
      ),
      async (bursts) => {
        const { host, device, frames, messages, failures } = await openChannel();
        const said = bursts.map(({ chars }, index) => ({ index, text: 'x'.repeat(chars) }));
        for (const [index, burst] of bursts.entries()) {
          host.send(said[index]);
          await turns(burst.turns);
          if (burst.isAwaited) await host.flushed();
        }
        host.sendLast('good night');
        const sent = frames.length;
        host.send('never');
        await device.handled();
        await new Promise((resolve) => setImmediate(resolve));
        expect(messages).toEqual([...said, 'good night']);
        expect(failures).toEqual([]);
        expect(frames).toHaveLength(sent);
        // Equal frames would be the same nonce twice, and a device reads none of them twice.
        expect(new Set(frames.map((frame) => Buffer.from(frame).toString('base64'))).size).toBe(sent);
        device.dispose();
      },
    ),
    { numRuns: 60 },
  );
});

test('before it is open a channel has nobody to say it to, and ends all the same', async () => {
  const sent: Bytes[] = [];
  const channel = SecureChannel.respond({
    keys: hostKeys,
    psk,
    prologue,
    sealAtOnce,
    send: (frame) => sent.push(frame),
    onMessage: () => {},
    onFailure: () => {},
  });
  channel.sendLast('good night');
  await expect(channel.opened).rejects.toThrow('closed');
  expect(sent).toEqual([]);
});
