/** Both ends of a test, made for it: a host that signs in, and someone with a pairing code of it, to whom bytes go and come back. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { equalBytes, toBase64Url } from '#protocol/bytes.ts';
import { type AuthKeyPair, generateAuthKeys, keyId } from '#protocol/keys.ts';
import { RELAY_FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { answerChallenge, relaySocketUrl } from '#protocol/relay-auth.ts';
import {
  decodeBridgeFrame,
  encodeBridgeFrame,
  type RelayAuth,
  type RelayToDevice,
  type RelayToHost,
  relayToDevice,
  relayToHost,
} from '#protocol/relay-messages.ts';
import { End } from './relay-test-end.ts';
import { StepFailure } from './step-failure.ts';

const PAYLOAD_BYTES = 1024;

export class RoundTrip implements Disposable {
  readonly #origin: string;
  readonly #host: End<RelayToHost>;
  #device: End<RelayToDevice> | null = null;
  #hostId = '';

  /** `socket`: open, and paused since. */
  constructor(origin: string, socket: WebSocket) {
    this.#origin = origin;
    this.#host = new End(socket, relayToHost);
    socket.resume();
  }

  async signIn(): Promise<{ text: string }> {
    const keys = await generateAuthKeys(false);
    this.#hostId = await keyId(keys.publicKey);
    const { nonce } = await this.#host.expect('challenge');
    this.#host.send(await this.#answer('host', this.#hostId, keys, nonce));
    await this.#host.expect('ready');
    return { text: 'The relay accepts a computer that signs for this address.' };
  }

  /** By a pairing code and not by a paired device, for the relay writes down who is paired, and forgets codes. */
  async run(): Promise<{ text: string; roundTripMs: number }> {
    const pairId = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
    this.#host.send({ type: 'pair.open', pairId });
    await this.#host.expect('pair.opened');
    const socket = new WebSocket(relaySocketUrl(this.#origin), {
      perMessageDeflate: false,
      maxPayload: RELAY_FRAME_MAX_BYTES,
    });
    const device = new End<RelayToDevice>(socket, relayToDevice);
    this.#device = device;
    await once(socket, 'open').catch((error: unknown) => {
      throw new StepFailure(
        `The relay took the first connection and not a second one: ${error instanceof Error ? error.message : String(error)}. Try again in a minute.`,
      );
    });
    const { nonce } = await device.expect('challenge');
    device.send(await this.#answer('pairing', pairId, await generateAuthKeys(false), nonce));
    await device.expect('ready');
    await device.expect('open');
    const { channel } = await this.#host.expect('channel.open');

    const payload = crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES));
    const sentAt = performance.now();
    this.#host.sendFrame(encodeBridgeFrame(channel, payload));
    device.sendFrame(await device.frame());
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
