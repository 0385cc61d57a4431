/**
 * `Noise_Kpsk0_25519_AESGCM_SHA256` a second time, written from the specification on node:crypto alone and sharing no line with
 * `protocol/`, to make known answers that are not the answers of what they test. Sender's side, known ephemeral key.
 */
import { createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';

const NAME = 'Noise_Kpsk0_25519_AESGCM_SHA256';

export interface OneWayKnownAnswer {
  readonly protocol: string;
  readonly init_static: string;
  readonly resp_static: string;
  readonly init_eph: string;
  readonly psk: string;
  readonly prologue: string;
  readonly payloads: string[];
  /** The first message, then the transport messages. */
  readonly messages: string[];
  readonly handshake_hash: string;
}

const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const hmac = (key: Buffer, ...parts: Buffer[]) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();

/** Section 4.3, as its formulas say it. */
function hkdf(chainingKey: Buffer, material: Buffer): [Buffer, Buffer, Buffer] {
  const temporary = hmac(chainingKey, material);
  const first = hmac(temporary, Buffer.from([1]));
  const second = hmac(temporary, first, Buffer.from([2]));
  return [first, second, hmac(temporary, second, Buffer.from([3]))];
}

function privateKey(seed: Buffer) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

export function publicBytes(seed: Buffer): Buffer {
  return createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32);
}

function dh(own: Buffer, other: Buffer): Buffer {
  return diffieHellman({ privateKey: privateKey(own), publicKey: createPublicKey(privateKey(other)) });
}

function seal(key: Buffer, counter: number, additional: Buffer, plaintext: Buffer): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeBigUInt64BE(BigInt(counter), 4);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(additional);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** All inputs and outputs are hex. */
export function referenceOneWay(
  input: Omit<OneWayKnownAnswer, 'protocol' | 'messages' | 'handshake_hash'>,
): OneWayKnownAnswer {
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  const [device, host, ephemeral] = [bytes(input.init_static), bytes(input.resp_static), bytes(input.init_eph)];
  let hash: Buffer = Buffer.concat([Buffer.from(NAME), Buffer.alloc(32 - NAME.length)]);
  let chainingKey: Buffer = hash;
  hash = sha256(hash, bytes(input.prologue));
  hash = sha256(hash, publicBytes(device)); // -> s
  hash = sha256(hash, publicBytes(host)); // <- s
  const [afterPsk, hashedPsk] = hkdf(chainingKey, bytes(input.psk)); // psk; its key is replaced before anything is encrypted
  chainingKey = afterPsk;
  hash = sha256(hash, hashedPsk);
  hash = sha256(hash, publicBytes(ephemeral)); // e
  let key: Buffer = Buffer.alloc(0);
  for (const material of [publicBytes(ephemeral), dh(ephemeral, host), dh(device, host)]) {
    [chainingKey, key] = hkdf(chainingKey, material); // e again since there is a psk (section 9.2), es, ss
  }
  const [first = '', ...following] = input.payloads;
  const sealed = seal(key, 0, hash, bytes(first));
  hash = sha256(hash, sealed);
  const [transportKey] = hkdf(chainingKey, Buffer.alloc(0));
  const messages = [
    Buffer.concat([publicBytes(ephemeral), sealed]),
    ...following.map((payload, at) => seal(transportKey, at, Buffer.alloc(0), bytes(payload))),
  ];
  return {
    protocol: NAME,
    ...input,
    messages: messages.map((message) => message.toString('hex')),
    handshake_hash: hash.toString('hex'),
  };
}
