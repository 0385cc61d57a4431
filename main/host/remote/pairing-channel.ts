/** The channel of someone who holds a pairing code: proves that, then waits for a person's click. */

import type { Clock } from '#lib/clock.ts';
import type { Disposer } from '#lib/disposer.ts';
import type { Log } from '#lib/log.ts';
import { unawaited } from '#lib/unawaited.ts';
import { type Bytes, fromBase64Url } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import { CloseCode } from '#protocol/close-codes.ts';
import { encodePrologue } from '#protocol/keys.ts';
import { HANDSHAKE_TIMEOUT_MS, PROTOCOL_VERSION } from '#protocol/limits.ts';
import { type PairingFromHost, pairingHello } from '#protocol/messages.ts';
import { isHandshakeProven } from '#protocol/proof.ts';
import type { HostKeys } from '../host-keys.ts';
import type { ChannelEnd, ChannelPort } from './channel-port.ts';
import { type Pairing, PairingRefused } from './pairing.ts';

/** Between the last word and the closing, whose order a device could otherwise see reversed. */
const LINGER_MS = 2_000;
const NO_KEY = new Uint8Array(0);

export interface PairingChannelOptions {
  readonly pairId: string;
  readonly psk: Bytes;
  readonly keys: HostKeys;
  readonly pairing: Pairing;
  readonly port: ChannelPort;
  readonly clock: Clock;
  readonly log: Log;
  onHandshakeFailed(): void;
}

export function createPairingChannel(options: PairingChannelOptions): ChannelEnd {
  const { pairId, psk, keys, pairing, port, clock, log } = options;
  let request: string | null = null;
  let isOver = false;
  let cancelLinger: Disposer = () => {};
  const channel = SecureChannel.respond({
    keys: keys.noise,
    psk,
    prologue: encodePrologue('pairing', keys.hostId, pairId),
    send: (frame) => port.send(frame),
    onMessage: (message) => {
      if (request === null) end(CloseCode.channelBroken, 'A message came before it was expected.');
      else pairing.receive(request, message).catch((error) => fail(error));
    },
    onFailure: (error) => {
      if (error.phase === 'handshake') options.onHandshakeFailed();
      end(error.phase === 'handshake' ? CloseCode.handshakeFailed : CloseCode.channelBroken, 'The handshake failed.');
    },
  });
  const cancelTimeout = clock.after(HANDSHAKE_TIMEOUT_MS, () =>
    end(CloseCode.handshakeFailed, 'The handshake took too long.'),
  );

  const dispose = () => {
    isOver = true;
    cancelTimeout();
    cancelLinger();
    channel.dispose();
    if (request !== null) pairing.withdraw(request);
  };
  const end = (code: CloseCode, reason: string) => {
    if (isOver) return;
    dispose();
    port.close(code, reason);
  };
  const fail = (error: unknown) => {
    log.warn('Pairing failed', { error });
    end(CloseCode.pairingDenied, 'Pairing failed on the computer.');
  };
  /** The device reads the last word and leaves; one that stays is closed. */
  const close = async (isDenied: boolean) => {
    await channel.flushed();
    const code = isDenied ? CloseCode.pairingDenied : CloseCode.hostGone;
    cancelLinger = clock.after(LINGER_MS, () => end(code, isDenied ? 'It was denied on the computer.' : 'Paired.'));
  };

  const refuse = (reason: string) => {
    log.warn('A device was not asked about', { reason });
    channel.send({ type: 'denied', reason } satisfies PairingFromHost);
    unawaited(close(true), 'end the pairing channel', log);
  };

  channel.opened
    .then(async ({ handshakeHash, transcript, remoteKey, payload }) => {
      cancelTimeout();
      const hello = pairingHello.safeParse(payload);
      if (!hello.success) {
        end(CloseCode.channelBroken, 'The device introduced itself in a way that cannot be read.');
        return;
      }
      if (hello.data.version !== PROTOCOL_VERSION) {
        end(CloseCode.versionMismatch, 'The page and Baton on the computer are of different versions.');
        return;
      }
      const { proof, authKey } = hello.data;
      if (proof === undefined) {
        end(CloseCode.versionMismatch, 'The page is older than Baton on the computer.');
        return;
      }
      const handshake = { purpose: 'pairing', hostId: keys.hostId, id: pairId, transcript } as const;
      if (!(await isHandshakeProven(fromBase64Url(authKey) ?? NO_KEY, proof, handshake))) {
        options.onHandshakeFailed();
        end(CloseCode.handshakeFailed, 'The handshake failed.');
        return;
      }
      const send = (message: PairingFromHost) => channel.send(message);
      const id = await pairing.ask({
        hello: hello.data,
        noiseKey: remoteKey,
        handshakeHash,
        psk,
        send,
        close: (isDenied) => unawaited(close(isDenied), 'end the pairing channel', log),
      });
      if (isOver) pairing.withdraw(id);
      else request = id;
    })
    .catch((error) => {
      if (isOver) return;
      if (error instanceof PairingRefused) refuse(error.message);
      else fail(error);
    });

  return { receive: (frame) => channel.receive(frame), dispose };
}
