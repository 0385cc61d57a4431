/**
 * The encrypted connection between host and one device: a handshake, then messages both ways, over anything that carries frames in order.
 * Any frame that does not belong, or does not decrypt, ends the channel; sync then resumes by cursor on the next one.
 */
import { type Bytes, fromUtf8, utf8 } from './bytes.ts';
import { encodeFrame, FrameType, MessageReader, MessageWriter } from './frames.ts';
import type { NoiseKeyPair } from './keys.ts';
import { FRAME_PLAINTEXT_MAX_BYTES } from './limits.ts';
import { type HandshakeResult, Initiator, Responder } from './noise.ts';
import { type SealAtOnce, type Sealing, TAG_BYTES } from './noise-state.ts';

/** `handshake`: wrong key, psk or prologue, or tampering. `frame`: a frame that does not decrypt, parse, or get handled. */
export class ChannelError extends Error {
  override name = 'ChannelError';
  readonly phase: 'handshake' | 'frame';
  constructor(phase: 'handshake' | 'frame', message: string, options?: ErrorOptions) {
    super(message, options);
    this.phase = phase;
  }
}

export interface ChannelOptions {
  readonly keys: NoiseKeyPair;
  readonly psk: Bytes;
  readonly prologue: Bytes;
  /** Needed for `sendLast` only. */
  readonly sealAtOnce?: SealAtOnce;
  /** Hands a frame to whatever carries it. Called in order. */
  send(frame: Bytes): void;
  /**
   * A message of the other side, parsed from JSON and otherwise unchecked. Called in order; a promise that is returned is waited for
   * before the next call.
   */
  onMessage(message: unknown): unknown;
  /** Called once, when the channel broke by itself; not after `dispose`. */
  onFailure(error: ChannelError): void;
}

export interface InitiatorOptions extends ChannelOptions {
  readonly hostKey: Bytes;
  /** What is sent encrypted in the third handshake message, as JSON. It may speak about the handshake: see `HandshakeResult`. */
  createPayload(transcript: Bytes): unknown;
}

export interface ResponderOptions extends ChannelOptions {
  /** Looks at what the device says of itself, before anything else of it is read. A rejection fails the handshake. */
  verify?(opened: OpenedChannel): Promise<void>;
}

export interface OpenedChannel {
  readonly handshakeHash: Bytes;
  readonly transcript: Bytes;
  /** The other side's static key, proven. */
  readonly remoteKey: Bytes;
  /** What the device sent in its third message; null on the device's side. */
  readonly payload: unknown;
}

const TRANSPORT_HEADER = Uint8Array.of(FrameType.transport);
const TRANSPORT_MAX_BYTES = 1 + FRAME_PLAINTEXT_MAX_BYTES + TAG_BYTES;
/** Frames that were received and not yet decrypted; more means the other side floods. */
const UNREAD_FRAMES_MAX = 4096;

export class SecureChannel {
  readonly #options: ChannelOptions;
  readonly #opened = Promise.withResolvers<OpenedChannel>();
  readonly #writer = new MessageWriter();
  readonly #reader = new MessageReader();
  /** Reads and writes each keep their own order; the work inside may overlap. */
  #reading: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  #unread = 0;
  /** Of those, frames that came before the handshake was done; while there are any, no later frame may take a nonce. */
  #undecrypted = 0;
  #unsentBytes = 0;
  /** Frames that have their nonce and were not yet handed to `send`, in order. */
  readonly #unsent: Sealing[] = [];
  #isFlushScheduled = false;
  #result: HandshakeResult | null = null;
  #isOver = false;
  #handshake: (frame: Bytes) => Promise<void>;

  private constructor(options: ChannelOptions) {
    this.#options = options;
    this.#handshake = () => Promise.reject(new Error('The handshake has not begun.'));
    this.#opened.promise.catch(() => {}); // Anyone who does not wait for it hears of the failure through onFailure.
  }

  /** The device's side. Sends the first handshake frame at once. */
  static initiate(options: InitiatorOptions): SecureChannel {
    const channel = new SecureChannel(options);
    const initiator = Initiator.create(options);
    channel.#reading = channel.#guard('handshake', async () => {
      channel.#sendFrame(encodeFrame(FrameType.handshake1, await (await initiator).writeFirst()));
    });
    channel.#handshake = async (frame) => {
      if (frame[0] !== FrameType.handshake2) throw new Error('The host answered with something else than a handshake.');
      const { message, result } = await (await initiator).readSecondWriteThird(frame.slice(1), async (transcript) =>
        utf8(JSON.stringify(await options.createPayload(transcript))),
      );
      channel.#sendFrame(encodeFrame(FrameType.handshake3, message));
      channel.#open(result, { ...result, payload: null });
    };
    return channel;
  }

  /** The host's side. Waits for the first handshake frame. */
  static respond(options: ResponderOptions): SecureChannel {
    const channel = new SecureChannel(options);
    const responder = Responder.create(options);
    responder.catch(() => {}); // Awaited again, and reported, with the first frame.
    let next: number = FrameType.handshake1;
    channel.#handshake = async (frame) => {
      if (frame[0] !== next) throw new Error('The device sent something else than the expected handshake.');
      if (next === FrameType.handshake1) {
        next = FrameType.handshake3;
        const message = await (await responder).readFirstWriteSecond(frame.slice(1));
        channel.#sendFrame(encodeFrame(FrameType.handshake2, message));
        return;
      }
      const { payload, result } = await (await responder).readThird(frame.slice(1));
      const opened = { ...result, payload: JSON.parse(fromUtf8(payload)) as unknown };
      await options.verify?.(opened);
      channel.#open(result, opened);
    };
    return channel;
  }

  /** Settles when the other side has proven itself. On the device's side the host has yet to answer; its first message is the proof. */
  get opened(): Promise<OpenedChannel> {
    return this.#opened.promise;
  }

  /** Plaintext and frames that are not yet handed to `send`. */
  get unsentBytes(): number {
    return this.#writer.pendingBytes + this.#unsentBytes;
  }

  /** Takes the next frame from the other side. Never throws: what is wrong with it is told to `onFailure`. */
  receive(frame: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#unread >= UNREAD_FRAMES_MAX) {
      this.#fail(new ChannelError('frame', 'The other side sends faster than its frames can be read.'));
      return;
    }
    this.#unread += 1;
    // Copied: the carrier may use its buffer again.
    const copy = frame.slice() as Bytes;
    const result = this.#result;
    const early = result && this.#undecrypted === 0 ? this.#decrypt(result, copy) : null;
    early?.catch(() => {}); // Awaited, and reported, in its turn.
    if (!early) this.#undecrypted += 1;
    const before = this.#reading;
    this.#reading = this.#guard(result ? 'frame' : 'handshake', async () => {
      await before;
      this.#unread -= 1;
      if (this.#isOver) return;
      const decrypted = early ?? (this.#result && this.#decrypt(this.#result, copy));
      if (!early) this.#undecrypted -= 1;
      if (!decrypted) {
        await this.#handshake(copy);
        return;
      }
      const plaintext = await decrypted;
      for (const message of this.#reader.read(plaintext)) {
        if (this.#isOver) return;
        const handled = this.#options.onMessage(message);
        if (handled instanceof Promise) await handled;
      }
    });
  }

  /** Queues a message; messages of the same moment share frames. Before the channel is open they wait. */
  send(message: unknown): void {
    this.sendJson(JSON.stringify(message));
  }

  /** As `send`, of a message that is JSON already: for what goes to several clients. */
  sendJson(json: string): void {
    if (this.#isOver) return;
    this.#writer.writeJson(json);
    this.#scheduleFlush();
  }

  /**
   * Hands everything queued so far and this message to `send` before it returns, and ends the channel: for a machine that sleeps as soon
   * as it returns. What is being encrypted is encrypted once more, to the same bytes. Before the channel is open, it only ends it.
   */
  sendLast(message: unknown): void {
    const result = this.#result;
    if (this.#isOver) return;
    if (result) {
      this.#writer.write(message);
      for (let piece = this.#writer.take(); piece; piece = this.#writer.take()) {
        this.#unsent.push(result.send.reserve(piece, TRANSPORT_HEADER));
      }
      for (const sealing of this.#unsent.splice(0)) this.#sendFrame(encodeFrame(FrameType.transport, sealing.atOnce()));
    }
    this.dispose();
  }

  /** Resolves when everything queued so far was handed to `send`, or the channel is over. */
  async flushed(): Promise<void> {
    while (!this.#isOver && this.unsentBytes > 0) {
      if (this.#result) this.#flush();
      await (this.#result ? this.#writing : this.#opened.promise.catch(() => {}));
    }
  }

  /** Resolves when everything received so far was handled: a carrier that closes may have said something last. */
  async handled(): Promise<void> {
    await this.#reading;
  }

  /** Ends the channel silently: nothing is sent, no callback fires any more. */
  dispose(): void {
    this.#isOver = true;
    this.#opened.reject(new ChannelError('handshake', 'The channel was closed.'));
  }

  #open(result: HandshakeResult, { handshakeHash, transcript, remoteKey, payload }: OpenedChannel): void {
    this.#result = result;
    this.#opened.resolve({ handshakeHash, transcript, remoteKey, payload });
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled || !this.#result) return;
    this.#isFlushScheduled = true;
    queueMicrotask(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const result = this.#result;
    if (!result) return;
    for (let piece = this.#writer.take(); piece && !this.#isOver; piece = this.#writer.take()) {
      const bytes = piece.length;
      this.#unsentBytes += bytes;
      const sealing = result.send.reserve(piece, TRANSPORT_HEADER);
      this.#unsent.push(sealing);
      const encrypted = sealing.later();
      const before = this.#writing;
      this.#writing = this.#guard('frame', async () => {
        await before;
        const frame = encodeFrame(FrameType.transport, await encrypted);
        this.#unsentBytes -= bytes;
        if (this.#isOver) return;
        this.#unsent.shift();
        this.#sendFrame(frame);
      });
    }
  }

  async #decrypt(result: HandshakeResult, frame: Bytes): Promise<Bytes> {
    if (frame[0] !== FrameType.transport) throw new Error('A frame of another kind came in the middle of the channel.');
    if (frame.length > TRANSPORT_MAX_BYTES) throw new Error('A frame is too large.');
    return await result.receive.decrypt(frame.slice(1), TRANSPORT_HEADER);
  }

  #sendFrame(frame: Bytes): void {
    if (!this.#isOver) this.#options.send(frame);
  }

  /** Runs one step of the channel and turns its failure into the end of the channel. */
  async #guard(phase: 'handshake' | 'frame', step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#fail(cause instanceof ChannelError ? cause : new ChannelError(phase, message, { cause }));
    }
  }

  #fail(error: ChannelError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opened.reject(error);
    this.#options.onFailure(error);
  }
}
