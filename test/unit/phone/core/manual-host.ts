/** A relay and a host behind a ManualSocket: real authentication and a real channel, and messages as the test wants them. */

import type { LinkIdentity } from '#phone/core/link-attempt.ts';
import { toBase64Url } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { encodePrologue, generateAuthKeys, generateNoiseKeys, keyId } from '#protocol/keys.ts';
import { type FromDevice, type FromHost, fromDevice } from '#protocol/messages.ts';
import { verifyAuth } from '#protocol/relay-auth.ts';
import { relayAuth } from '#protocol/relay-messages.ts';
import type { ManualEnvironment, ManualSocket } from './manual-environment.ts';

const RELAY_ORIGIN = 'https://relay.example';
const NONCE = toBase64Url(new Uint8Array(32).fill(7));

export interface ManualPair {
  readonly identity: LinkIdentity;
  serve(environment: ManualEnvironment, behaviour?: Partial<Behaviour>): ManualHost;
}

export interface Behaviour {
  /** Whether the host is connected to the relay when a device comes. */
  isOnline: boolean;
  answersPings: boolean;
  /** What the relay answers when it is asked itself; `silent`: nothing. `none`: one that knows no such question. */
  relay: 'none' | 'silent' | { hostSilentMs: number | null };
}

type Respond = (send: (frame: Uint8Array) => void, onMessage: (message: unknown) => void) => SecureChannel;

export class ManualHost {
  readonly received: FromDevice[] = [];
  readonly behaviour: Behaviour;
  authentications = 0;
  reopens = 0;
  channels = 0;
  channel: SecureChannel | null = null;
  socket: ManualSocket | null = null;
  readonly #respond: Respond;

  constructor(behaviour: Behaviour, respond: Respond) {
    this.behaviour = behaviour;
    this.#respond = respond;
  }

  accept(socket: ManualSocket): void {
    this.socket = socket;
    socket.onSent = (data) => void this.#read(socket, data);
    queueMicrotask(() => socket.say({ type: 'challenge', nonce: NONCE }));
  }

  /** Opens a channel, as the relay does when the host is there. */
  open(): void {
    const { socket } = this;
    if (!socket) throw new Error('No device is here.');
    this.channels += 1;
    this.channel?.dispose();
    const channel = this.#respond(
      (frame) => socket === this.socket && channel === this.channel && socket.sendFrame(frame),
      (message) => this.#handle(fromDevice.parse(message)),
    );
    this.channel = channel;
    socket.say({ type: 'open' });
  }

  say(message: FromHost): void {
    this.channel?.send(message);
  }

  async #read(socket: ManualSocket, data: string | Uint8Array): Promise<void> {
    if (typeof data !== 'string') {
      this.channel?.receive(data);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === 'ping') {
      const { relay } = this.behaviour;
      if (typeof relay === 'object') socket.say({ type: 'pong', id: message.id, ...relay });
      return;
    }
    if (message.type === 'reopen') {
      this.reopens += 1;
      if (this.behaviour.isOnline) this.open();
      else socket.say({ type: 'closed', code: CloseCode.hostGone, reason: '', at: 1 });
      return;
    }
    const isProven = await verifyAuth(relayAuth.parse(message), NONCE, [RELAY_ORIGIN]);
    if (!isProven) throw new Error('The device did not prove itself.');
    this.authentications += 1;
    if (socket !== this.socket) return;
    const pings = this.behaviour.relay !== 'none';
    socket.say({ type: 'ready', host: this.behaviour.isOnline ? 'online' : 'offline', since: null, pings });
    if (this.behaviour.isOnline) this.open();
  }

  #handle(message: FromDevice): void {
    this.received.push(message);
    if (message.type === 'ping' && this.behaviour.answersPings) this.say({ type: 'pong', id: message.id, now: 1 });
  }
}

/** A device and a host that know each other. */
export async function createManualPair(): Promise<ManualPair> {
  const [hostNoise, hostAuth, noise, auth] = await Promise.all([
    generateNoiseKeys(false),
    generateAuthKeys(false),
    generateNoiseKeys(false),
    generateAuthKeys(false),
  ]);
  const psk = crypto.getRandomValues(new Uint8Array(32));
  const [hostId, deviceId] = await Promise.all([keyId(hostAuth.publicKey), keyId(auth.publicKey)]);
  const identity = {
    hostId,
    hostKey: hostNoise.publicKey,
    relayOrigin: RELAY_ORIGIN,
    psk,
    keys: { deviceId, noise, auth },
  };
  return {
    identity,
    serve(environment, behaviour) {
      const host = new ManualHost(
        { isOnline: true, answersPings: true, relay: 'none', ...behaviour },
        (send, onMessage) =>
          SecureChannel.respond({
            keys: hostNoise,
            psk,
            prologue: encodePrologue('device', hostId, deviceId),
            send,
            onMessage,
            onFailure: () => {},
          }),
      );
      environment.onSocket = (socket) => host.accept(socket);
      return host;
    },
  };
}
