/** Both ends of a test, made for it: a host that signs in, and someone with a pairing code of it, to whom bytes go and come back. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Bytes, equalBytes, toBase64Url } from '../../../protocol/bytes.ts';
import { CloseCode } from '../../../protocol/close-codes.ts';
import { type AuthKeyPair, generateAuthKeys, keyId } from '../../../protocol/keys.ts';
import { RELAY_FRAME_MAX_BYTES } from '../../../protocol/limits.ts';
import { answerChallenge, relaySocketUrl } from '../../../protocol/relay-auth.ts';
import {
  decodeBridgeFrame,
  encodeBridgeFrame,
  type HostToRelay,
  type RelayAuth,
  type RelayToDevice,
  type RelayToHost,
  relayToDevice,
  relayToHost,
} from '../../../protocol/relay-messages.ts';
import { StepFailure } from './step-failure.ts';

const PAYLOAD_BYTES = 1024;

type Heard<Message> = { kind: 'message'; message: Message } | { kind: 'frame'; bytes: Uint8Array };

export class RoundTrip implements Disposable {
  readonly #origin: string;
  readonly #host: End<RelayToHost>;
  #device: End<RelayToDevice> | null = null;
  #hostId = '';

  /** `socket`: open, and paused since. */
  constructor(origin: string, socket: WebSocket) {
    this.#origin = origin;
    this.#host = new End(socket, (json) => parse(relayToHost, json));
    socket.resume();
  }

  async signIn(): Promise<{ text: string }> {
    const keys = await generateAuthKeys(false);
    this.#hostId = await keyId(keys.publicKey);
    const { nonce } = await this.#host.expect('challenge');
    this.#host.say(await this.#answer('host', this.#hostId, keys, nonce));
    await this.#host.expect('ready');
    return { text: 'The relay accepts a computer that signs for this address.' };
  }

  /** By a pairing code and not by a paired device, for the relay writes down who is paired, and forgets codes. */
  async run(): Promise<{ text: string; roundTripMs: number }> {
    const pairId = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
    this.#host.say({ type: 'pair.open', pairId });
    await this.#host.expect('pair.opened');
    const socket = new WebSocket(relaySocketUrl(this.#origin), {
      perMessageDeflate: false,
      maxPayload: RELAY_FRAME_MAX_BYTES,
    });
    const device = new End<RelayToDevice>(socket, (json) => parse(relayToDevice, json));
    this.#device = device;
    await once(socket, 'open').catch((error: unknown) => {
      throw new StepFailure(
        `The relay took the first connection and not a second one: ${error instanceof Error ? error.message : String(error)}. Try again in a minute.`,
      );
    });
    const { nonce } = await device.expect('challenge');
    device.say(await this.#answer('pairing', pairId, await generateAuthKeys(false), nonce));
    await device.expect('ready');
    await device.expect('open');
    const { channel } = await this.#host.expect('channel.open');

    const payload = crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES));
    const sentAt = performance.now();
    this.#host.send(encodeBridgeFrame(channel, payload));
    device.send(await device.frame());
    const bridged = decodeBridgeFrame(await this.#host.frame());
    const roundTripMs = Math.round((performance.now() - sentAt) * 10) / 10;
    if (bridged?.channel !== channel || !equalBytes(bridged.frame, payload)) {
      throw new StepFailure('What came back through the relay is not what was sent. Restart or update the relay.');
    }
    return { text: `There and back in ${Math.max(1, Math.round(roundTripMs))} ms.`, roundTripMs };
  }

  [Symbol.dispose](): void {
    this.#device?.dispose();
    this.#host.dispose();
  }

  #answer(role: 'host' | 'pairing', id: string, keys: AuthKeyPair, nonce: string): Promise<RelayAuth> {
    return answerChallenge({ role, hostId: this.#hostId, id, keys, relayOrigin: this.#origin, nonce });
  }
}

/** A socket whose messages wait until they are asked for. */
class End<Message extends { type: string }> {
  readonly #socket: WebSocket;
  readonly #heard: Heard<Message>[] = [];
  #wake: () => void = () => {};
  #failure: StepFailure | null = null;

  constructor(socket: WebSocket, read: (json: string) => Message | null) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      const message = isBinary ? null : read(bytes.toString('utf8'));
      if (isBinary) this.#heard.push({ kind: 'frame', bytes });
      else if (message) this.#heard.push({ kind: 'message', message });
      else this.#failure ??= new StepFailure('A server answers there, but it is no Baton relay. Check the address.');
      this.#wake();
    });
    socket.on('error', () => {}); // A close always follows.
    socket.on('close', (code) => {
      this.#failure ??= new StepFailure(describeClosing(code));
      this.#wake();
    });
  }

  say(message: HostToRelay): void {
    this.#socket.send(JSON.stringify(message));
  }

  send(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  async expect<T extends Message['type']>(type: T): Promise<Extract<Message, { type: T }>> {
    const heard = await this.#next();
    if (heard.kind === 'message' && heard.message.type === type) return heard.message as Extract<Message, { type: T }>;
    throw new StepFailure('The relay does not do as relays of this version do. Update the relay, or Baton.');
  }

  async frame(): Promise<Bytes> {
    const heard = await this.#next();
    if (heard.kind === 'frame') return heard.bytes.slice() as Bytes;
    throw new StepFailure('The relay ended the connection between both ends. Try again, or restart the relay.');
  }

  dispose(): void {
    this.#wake = () => {};
    this.#socket.terminate();
  }

  async #next(): Promise<Heard<Message>> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard) return heard;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function describeClosing(code: number): string {
  switch (code) {
    case CloseCode.notAuthentic:
      return 'The relay knows itself by another address than this one, and so accepts no signature for it. Start the relay with this address as its --public-url, or use the one that it was given.';
    case CloseCode.tooManyAttempts:
      return 'The relay asks to come less often. Try again in a few minutes.';
    case CloseCode.full:
      return 'The relay has as many connections as it can. Try again later, or use another relay.';
    case CloseCode.restarting:
      return 'The relay is being restarted. Try again in a minute.';
    default:
      return `The relay closed the connection (${code}). Check that the address leads to a Baton relay of this version.`;
  }
}

function parse<Message>(
  schema: { safeParse(value: unknown): { success: true; data: Message } | { success: false } },
  json: string,
): Message | null {
  try {
    const parsed = schema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
