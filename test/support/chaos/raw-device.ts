/**
 * A device down to the bytes: every frame of its handshake and every byte of its stream can be seen, kept, changed and sent again.
 * `SecureChannel` would not do what this one can be told to.
 */
import { type Bytes, utf8 } from '#protocol/bytes.ts';
import { encodeFrame, FrameType, MessageReader } from '#protocol/frames.ts';
import { encodePrologue, generateAuthKeys, generateNoiseKeys, keyId, type NoiseKeyPair } from '#protocol/keys.ts';
import { FRAME_PLAINTEXT_MAX_BYTES, PROTOCOL_VERSION } from '#protocol/limits.ts';
import { type FromDevice, type FromHost, fromHost } from '#protocol/messages.ts';
import { type HandshakeResult, Initiator } from '#protocol/noise.ts';
import { proveHandshake } from '#protocol/proof.ts';
import type { ForgedChannel } from './dishonest-relay.ts';
import { Watched } from './watched.ts';

const TRANSPORT_HEADER = Uint8Array.of(FrameType.transport);

/** All that a handshake is made of. */
export interface RawIdentity {
  readonly purpose: 'device' | 'pairing';
  readonly hostId: string;
  /** Device id or pairing id. */
  readonly id: string;
  readonly hostKey: Bytes;
  readonly keys: NoiseKeyPair;
  readonly psk: Bytes;
  /** Payload of the third message. */
  readonly hello: object;
  /** Signs the handshake, in that payload; without it, nothing does. */
  readonly prove?: CryptoKey;
}

/** Keys and psk as a paired device has them, and its public halves for the host's list of devices. */
export async function createRawIdentity(host: {
  hostId: string;
  hostKey: Bytes;
}): Promise<RawIdentity & { authKey: Bytes }> {
  const [keys, auth] = [await generateNoiseKeys(false), await generateAuthKeys(false)];
  return {
    ...host,
    purpose: 'device',
    id: await keyId(auth.publicKey),
    keys,
    psk: crypto.getRandomValues(new Uint8Array(32)),
    hello: { version: PROTOCOL_VERSION, build: 'test' },
    authKey: auth.publicKey,
    prove: auth.privateKey,
  };
}

/** A length, and the message as JSON: what the stream inside the frames consists of. */
export function encodeMessage(message: unknown): Bytes {
  return encodeBody(utf8(JSON.stringify(message)));
}

/** With another length than the body has, if `length` is given. */
export function encodeBody(body: Uint8Array, length = body.length): Bytes {
  const bytes = new Uint8Array(4 + body.length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set(body, 4);
  return bytes;
}

export class RawDevice {
  readonly #identity: RawIdentity;
  readonly #initiator: Promise<Initiator>;
  readonly #watched = new Watched();
  readonly #reader = new MessageReader();
  #channel: ForgedChannel;
  #result: HandshakeResult | null = null;
  #reading: Promise<void> = Promise.resolve();
  /** Every frame that was sent, in order. */
  readonly sent: Bytes[] = [];
  /** Every message of the host, decrypted. Those of a pairing are as they came. */
  readonly messages: FromHost[] = [];
  /** What the host sent that this device could not read. */
  readonly unreadable: string[] = [];

  private constructor(channel: ForgedChannel, identity: RawIdentity) {
    this.#channel = channel;
    this.#identity = identity;
    const { keys, psk, hostKey, purpose, hostId, id } = identity;
    this.#initiator = Initiator.create({ keys, psk, hostKey, prologue: encodePrologue(purpose, hostId, id) });
    this.listen(channel);
  }

  /** Begins the handshake in this channel. */
  static async begin(channel: ForgedChannel, identity: RawIdentity): Promise<RawDevice> {
    const device = new RawDevice(channel, identity);
    device.sendFrame(encodeFrame(FrameType.handshake1, await (await device.#initiator).writeFirst()));
    return device;
  }

  get channel(): ForgedChannel {
    return this.#channel;
  }

  /** From now on it hears, and speaks into, this channel. */
  listen(channel: ForgedChannel): void {
    this.#channel = channel;
    channel.onFrame = (frame) => this.receive(frame);
  }

  /** Takes a frame of the host, from wherever it comes. */
  receive(frame: Uint8Array): void {
    const before = this.#reading;
    this.#reading = (async () => {
      await before;
      try {
        await this.#read(frame.slice() as Bytes);
      } catch (error) {
        this.unreadable.push(String(error));
      }
      this.#watched.look();
    })();
  }

  sendFrame(frame: Bytes): void {
    this.sent.push(frame);
    this.#channel.send(frame);
  }

  say(message: FromDevice): Promise<void> {
    return this.sendStream(encodeMessage(message));
  }

  /** Any message, however wrong. */
  sayAnything(message: unknown): Promise<void> {
    return this.sendStream(encodeMessage(message));
  }

  /** Any bytes, in as many frames as they need. */
  async sendStream(bytes: Bytes): Promise<void> {
    for (let at = 0; at < bytes.length; at += FRAME_PLAINTEXT_MAX_BYTES) {
      this.sendFrame(await this.encrypt(bytes.slice(at, at + FRAME_PLAINTEXT_MAX_BYTES)));
    }
  }

  /** The next transport frame, without sending it. */
  async encrypt(bytes: Bytes): Promise<Bytes> {
    if (!this.#result) throw new Error('The handshake is not over.');
    return encodeFrame(FrameType.transport, await this.#result.send.encrypt(bytes, TRANSPORT_HEADER));
  }

  /** Resolves once the host has said this kind of thing; with the first of them. */
  async until<Type extends FromHost['type']>(type: Type): Promise<Extract<FromHost, { type: Type }>> {
    const find = () => this.messages.find((message) => message.type === type);
    await this.#watched.until(`"${type}" from the host`, () => find() !== undefined);
    return find() as Extract<FromHost, { type: Type }>;
  }

  /** While pairing: resolves with the host's last word, `denied` or `done`. */
  async untilDecided(): Promise<string> {
    const types = () => this.messages.map(({ type }): string => type);
    const find = () => types().find((type) => type === 'denied' || type === 'done');
    await this.#watched.until('the end of the pairing', () => find() !== undefined);
    return find() ?? '';
  }

  /** A round trip through the channel: what was sent before has been handled. */
  async ping(id: number): Promise<void> {
    await this.say({ type: 'ping', id, lastRoundTripMs: null });
    await this.#watched.until('the pong', () => this.messages.some((one) => one.type === 'pong' && one.id === id));
  }

  async #createHello(transcript: Bytes): Promise<object> {
    const { hello, prove, purpose, hostId, id } = this.#identity;
    if (!prove) return hello;
    return { proof: await proveHandshake(prove, { purpose, hostId, id, transcript }), ...hello };
  }

  async #read(frame: Bytes): Promise<void> {
    if (!this.#result) {
      const { message, result } = await (await this.#initiator).readSecondWriteThird(
        frame.slice(1),
        async (transcript) => utf8(JSON.stringify(await this.#createHello(transcript))),
      );
      this.#result = result;
      this.sendFrame(encodeFrame(FrameType.handshake3, message));
      return;
    }
    const plaintext = await this.#result.receive.decrypt(frame.slice(1), TRANSPORT_HEADER);
    for (const message of this.#reader.read(plaintext)) {
      if (this.#identity.purpose === 'device') this.messages.push(fromHost.parse(message));
      else this.messages.push(message as FromHost);
    }
  }
}
