/** Known answers and negatives of letters, as plain functions so that the same checks run in Node and inside Chromium; see `noise-checks.ts`. */
import { type Bytes, concat } from '#protocol/bytes.ts';
import type { WireCommand } from '#protocol/commands.ts';
import { encodePrologue, generateNoiseKeys, type NoiseKeyPair } from '#protocol/keys.ts';
import { MalformedLetter, openLetter, sealLetter } from '#protocol/letter.ts';
import { LETTER_MAX_BYTES, LETTER_SIZES } from '#protocol/limits.ts';
import { readOneWay, writeOneWay } from '#protocol/noise-one-way.ts';
import { NoiseError } from '#protocol/noise-state.ts';
import { fromHex, keysFromSeed, LOW_ORDER, toHex } from './noise-checks.ts';
import type { OneWayKnownAnswer } from './one-way-reference.ts';

const HOST_ID = 'h'.repeat(43);
const DEVICE_ID = 'd'.repeat(43);

export async function checkOneWayKnownAnswer(vector: OneWayKnownAnswer): Promise<string[]> {
  const wrong: string[] = [];
  const expect = (what: string, got: Uint8Array, want: string | undefined) => {
    if (toHex(got) !== want) wrong.push(`${what}: got ${toHex(got)}, want ${want}`);
  };
  const [device, host] = [
    await keysFromSeed(fromHex(vector.init_static)),
    await keysFromSeed(fromHex(vector.resp_static)),
  ];
  const shared = { psk: fromHex(vector.psk), prologue: fromHex(vector.prologue) };
  const ephemeral = await keysFromSeed(fromHex(vector.init_eph));
  const payloads = vector.payloads.map(fromHex);
  const sent = await writeOneWay(
    { ...shared, keys: device, remoteKey: host.publicKey, ephemeral },
    payloads[0] as Bytes,
  );
  expect('message', sent.message, vector.messages[0]);
  expect('hash of the sender', sent.handshakeHash, vector.handshake_hash);
  const got = await readOneWay({ ...shared, keys: host, remoteKey: device.publicKey }, sent.message);
  expect('payload', got.payload, vector.payloads[0]);
  expect('hash of the recipient', got.handshakeHash, vector.handshake_hash);
  for (const [at, payload] of payloads.slice(1).entries()) {
    const message = await sent.cipher.encrypt(payload);
    expect(`transport ${at}`, message, vector.messages[at + 1]);
    expect(`transport payload ${at}`, await got.cipher.decrypt(message), vector.payloads[at + 1]);
  }
  return wrong;
}

interface Ends {
  readonly device: NoiseKeyPair;
  readonly host: NoiseKeyPair;
  readonly psk: Bytes;
}

async function createEnds(): Promise<Ends> {
  return {
    device: await generateNoiseKeys(false),
    host: await generateNoiseKeys(false),
    psk: crypto.getRandomValues(new Uint8Array(32)),
  };
}

function command(text: string): WireCommand {
  const id = '01900000-0000-7000-8000-000000000001';
  return { id, session: '01900000-0000-7000-8000-000000000002', kind: 'prompt', body: { text }, at: 1 };
}

const prologue = encodePrologue('mailbox', HOST_ID, DEVICE_ID);

async function seal({ device, host, psk }: Ends, text: string, other: Partial<{ psk: Bytes; prologue: Bytes }> = {}) {
  const options = { keys: device, remoteKey: host.publicKey, psk, prologue, ...other };
  return await sealLetter({ sealedAt: 5, after: null, command: command(text) }, options);
}

function open({ device, host, psk }: Ends, sealed: Bytes) {
  return openLetter(sealed, { keys: host, remoteKey: device.publicKey, psk, prologue });
}

/** Letters of every size come back as they were, and say nothing by their length but the size. */
export async function checkLetterSizes(): Promise<string[]> {
  const wrong: string[] = [];
  const ends = await createEnds();
  const seen = new Set<number>();
  for (const chars of [1, 700, 2_000, 15_000, 32_000, 40_000, 65_000, 100_000, 261_000]) {
    const text = 'ä'.repeat(3) + 'x'.repeat(chars);
    const sealed = await seal(ends, text);
    if (!sealed || !LETTER_SIZES.some((size) => size === sealed.length)) wrong.push(`${chars}: ${sealed?.length}`);
    else {
      seen.add(sealed.length);
      const opened = await open(ends, sealed);
      if (JSON.stringify(opened.content.command.body) !== JSON.stringify({ text }))
        wrong.push(`${chars} came back otherwise`);
    }
  }
  if (seen.size !== LETTER_SIZES.length) wrong.push(`sizes seen: ${[...seen]}`);
  if ((await seal(ends, 'x'.repeat(LETTER_MAX_BYTES - 250))) !== null) wrong.push('too large a letter was sealed');
  const [one, two] = [await seal(ends, 'no'), await seal(ends, 'no')];
  if (one && two && toHex(one) === toHex(two)) wrong.push('the same letter is sealed alike twice');
  return wrong;
}

/** Everything that must not open. Names what did. */
export async function checkLetterNegatives(): Promise<string[]> {
  const wrong: string[] = [];
  const ends = await createEnds();
  const stranger = await generateNoiseKeys(false);
  const refuse = async (what: string, attempt: () => Promise<unknown>) => {
    const failure = await attempt().then(
      () => null,
      (error: unknown) => error,
    );
    if (!(failure instanceof NoiseError)) wrong.push(`${what}: ${String(failure)}`);
  };
  const sealed = (await seal(ends, 'secret')) as Bytes;
  await open(ends, sealed);
  await refuse('a wrong psk', () => open({ ...ends, psk: new Uint8Array(32) }, sealed));
  await refuse('another host', () => open({ ...ends, host: stranger }, sealed));
  await refuse('another device', () => open({ ...ends, device: stranger }, sealed));
  // Section 7.7: anyone who has the host's key could forge the device's, were it not for the psk.
  await refuse('a letter by somebody else', async () => {
    const forged = (await seal({ ...ends, device: stranger }, 'forged')) as Bytes;
    return await open(ends, forged);
  });
  for (const [what, other] of [
    ['the channel of the device', encodePrologue('device', HOST_ID, DEVICE_ID)],
    ['another device', encodePrologue('mailbox', HOST_ID, HOST_ID)],
    ['another computer', encodePrologue('mailbox', DEVICE_ID, DEVICE_ID)],
  ] as const) {
    await refuse(`a letter for ${what}`, async () => open(ends, (await seal(ends, 'x', { prologue: other })) as Bytes));
  }
  for (let byte = 0; byte < sealed.length; byte += 1) {
    const flipped = sealed.slice();
    flipped[byte] = (flipped[byte] as number) ^ (1 << (byte % 8));
    await refuse(`bit ${byte % 8} of byte ${byte} flipped`, () => open(ends, flipped));
  }
  const large = (await seal(ends, 'x'.repeat(100_000))) as Bytes;
  for (const size of LETTER_SIZES.slice(0, -1)) await refuse(`cut to ${size}`, () => open(ends, large.slice(0, size)));
  for (const at of [32_815, 32_816, 65_600, 262_143]) {
    const flipped = large.slice();
    flipped[at] = (flipped[at] as number) ^ 1;
    await refuse(`byte ${at} of a large letter`, () => open(ends, flipped));
  }
  await refuse('nothing', () => open(ends, new Uint8Array(0)));
  await refuse('one byte less', () => open(ends, sealed.slice(0, -1)));
  await refuse('one byte more', () => open(ends, concat(sealed, Uint8Array.of(0))));
  for (const key of LOW_ORDER) {
    await refuse(`ephemeral key ${key}`, () => open(ends, concat(fromHex(key), sealed.slice(32))));
    await refuse(`host key ${key}`, () => seal({ ...ends, host: { ...ends.host, publicKey: fromHex(key) } }, 'x'));
    await refuse(`device key ${key}`, () =>
      open({ ...ends, device: { ...ends.device, publicKey: fromHex(key) } }, sealed),
    );
  }
  // Sealed as it should be, but of another size than its length says: as it would be if a part were cut off.
  for (const length of [10, 4_000_000_000]) {
    const plaintext = new Uint8Array(4096 - 48);
    new DataView(plaintext.buffer).setUint32(0, length);
    const options = { keys: ends.device, remoteKey: ends.host.publicKey, psk: ends.psk, prologue };
    const { message } = await writeOneWay(options, plaintext);
    await refuse(`a length of ${length} in a letter of ${message.length}`, () => open(ends, message));
  }
  const odd = (await sealLetter({ sealedAt: 5, after: 'not an id', command: command('x') } as never, {
    keys: ends.device,
    remoteKey: ends.host.publicKey,
    psk: ends.psk,
    prologue,
  })) as Bytes;
  const failure = await open(ends, odd).catch((error: unknown) => error);
  if (!(failure instanceof MalformedLetter)) wrong.push(`a letter that is none: ${String(failure)}`);
  return wrong;
}
