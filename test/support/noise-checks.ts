/**
 * Known answers and negatives of the handshake, as plain functions so that the same checks run in Node and inside Chromium.
 * Each returns a list of what went wrong; an empty list is a pass.
 */
import { type Bytes, concat, equalBytes } from '#protocol/bytes.ts';
import { generateNoiseKeys, importNoisePrivateKey, type NoiseKeyPair } from '#protocol/keys.ts';
import { type HandshakeResult, Initiator, Responder } from '#protocol/noise.ts';
import { NoiseError } from '#protocol/noise-state.ts';

export interface KnownAnswer {
  init_static: string;
  resp_static: string;
  init_eph: string;
  resp_eph: string;
  psk: string;
  prologue: string;
  messages: string[];
  handshake_hash: string;
  transport: string[];
}

export function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const PKCS8_X25519 = fromHex('302e020100300506032b656e04220420');
const BASE_POINT = fromHex(`09${'00'.repeat(31)}`);

/** A key pair from its 32 raw private bytes. */
export async function keysFromSeed(seed: Bytes): Promise<NoiseKeyPair> {
  const privateKey = await importNoisePrivateKey(concat(PKCS8_X25519, seed));
  const base = await crypto.subtle.importKey('raw', BASE_POINT, 'X25519', true, []);
  const publicKey = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: base }, privateKey, 256));
  return { privateKey, publicKey };
}

export async function checkKnownAnswer(vector: KnownAnswer, payloads: [Bytes, Bytes, Bytes]): Promise<string[]> {
  const wrong: string[] = [];
  const expect = (what: string, got: Uint8Array, want: string | undefined) => {
    if (toHex(got) !== want) wrong.push(`${what}: got ${toHex(got)}, want ${want}`);
  };
  const psk = fromHex(vector.psk);
  const prologue = fromHex(vector.prologue);
  const hostKeys = await keysFromSeed(fromHex(vector.resp_static));
  const initiator = await Initiator.create({
    keys: await keysFromSeed(fromHex(vector.init_static)),
    ephemeral: await keysFromSeed(fromHex(vector.init_eph)),
    hostKey: hostKeys.publicKey,
    psk,
    prologue,
  });
  const responder = await Responder.create({
    keys: hostKeys,
    ephemeral: await keysFromSeed(fromHex(vector.resp_eph)),
    psk,
    prologue,
  });
  const first = await initiator.writeFirst();
  expect('message 1', first, vector.messages[0]);
  const second = await responder.readFirstWriteSecond(first);
  expect('message 2', second, vector.messages[1]);
  const third = await initiator.readSecondWriteThird(second, () => payloads[0]);
  expect('message 3', third.message, vector.messages[2]);
  const opened = await responder.readThird(third.message);
  expect('payload 3', opened.payload, toHex(payloads[0]));
  expect('handshake hash', opened.result.handshakeHash, vector.handshake_hash);
  expect('handshake hash of the initiator', third.result.handshakeHash, vector.handshake_hash);
  expect('transport 1', await third.result.send.encrypt(payloads[1]), vector.transport[0]);
  expect('transport 2', await opened.result.send.encrypt(payloads[2]), vector.transport[1]);
  return wrong;
}

interface Attempt {
  psk?: Bytes;
  hostKey?: Bytes;
  prologue?: Bytes;
  change?: (message: Bytes, number: 1 | 2 | 3) => Bytes;
}

/** One handshake over a wire that `attempt` may tamper with. */
export async function shakeHands(attempt: Attempt = {}): Promise<{ device: HandshakeResult; host: HandshakeResult }> {
  const psk = crypto.getRandomValues(new Uint8Array(32));
  const prologue = Uint8Array.of(1, 2, 3);
  const hostKeys = await generateNoiseKeys(false);
  const change = attempt.change ?? ((message) => message);
  const initiator = await Initiator.create({
    keys: await generateNoiseKeys(false),
    hostKey: attempt.hostKey ?? hostKeys.publicKey,
    psk: attempt.psk ?? psk,
    prologue: attempt.prologue ?? prologue,
  });
  const responder = await Responder.create({ keys: hostKeys, psk, prologue });
  const second = await responder.readFirstWriteSecond(change(await initiator.writeFirst(), 1));
  const third = await initiator.readSecondWriteThird(change(second, 2), () => Uint8Array.of(7));
  const opened = await responder.readThird(change(third.message, 3));
  return { device: third.result, host: opened.result };
}

export const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

async function isRefused(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch (error) {
    return error instanceof NoiseError;
  }
}

/** Everything that must not work. Names what did. */
export async function checkNegatives(): Promise<string[]> {
  const wrong: string[] = [];
  const refuse = async (what: string, attempt: () => Promise<unknown>) => {
    if (!(await isRefused(attempt))) wrong.push(what);
  };
  const { device, host } = await shakeHands();
  if (!equalBytes(device.handshakeHash, host.handshakeHash)) wrong.push('both sides have the same handshake hash');

  await refuse('a wrong psk', () => shakeHands({ psk: new Uint8Array(32) }));
  const stranger = await generateNoiseKeys(false);
  await refuse('a wrong host key', () => shakeHands({ hostKey: stranger.publicKey }));
  await refuse('another prologue', () => shakeHands({ prologue: Uint8Array.of(1, 2, 4) }));
  const sizes = { 1: 48, 2: 48, 3: 65 } as const;
  for (const number of [1, 2, 3] as const) {
    for (let byte = 0; byte < sizes[number]; byte += 1) {
      const bit = 1 << (byte % 8);
      // RFC 7748 section 5: the top bit of a public key is ignored, but Noise hashes it, so it is refused all the same.
      const flip = (message: Bytes, at: number) => {
        if (at !== number) return message;
        const copy = message.slice();
        copy[byte] = (copy[byte] as number) ^ bit;
        return copy;
      };
      await refuse(`bit ${bit} of byte ${byte} of message ${number} flipped`, () => shakeHands({ change: flip }));
    }
    const cut = (message: Bytes, at: number) => (at === number ? message.slice(0, -1) : message);
    await refuse(`message ${number} cut short`, () => shakeHands({ change: cut }));
    const longer = (message: Bytes, at: number) => (at === number ? concat(message, Uint8Array.of(0)) : message);
    await refuse(`message ${number} made longer`, () => shakeHands({ change: longer }));
    await refuse(`message ${number} empty`, () =>
      shakeHands({ change: (m, at) => (at === number ? new Uint8Array(0) : m) }),
    );
  }
  for (const key of LOW_ORDER) {
    await refuse(`host key ${key}`, () => shakeHands({ hostKey: fromHex(key) }));
    const swap = (message: Bytes, at: number) => (at < 3 ? concat(fromHex(key), message.slice(32)) : message);
    await refuse(`ephemeral key ${key}`, () => shakeHands({ change: swap }));
  }

  const one = await device.send.encrypt(Uint8Array.of(1));
  const two = await device.send.encrypt(Uint8Array.of(2));
  await host.receive.decrypt(one);
  await refuse('a replayed transport message', () => host.receive.decrypt(one));
  const again = await shakeHands();
  await again.device.send.encrypt(Uint8Array.of(1));
  const later = await again.device.send.encrypt(Uint8Array.of(2));
  await refuse('a reordered transport message', () => again.host.receive.decrypt(later));
  await refuse('a message of another channel', () => again.host.receive.decrypt(two));
  await refuse('a message sent back to who sent it', () => device.receive.decrypt(two));
  return wrong;
}
