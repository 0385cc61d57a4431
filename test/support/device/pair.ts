/** Pairs a device as the page does: from the link of the QR code to stored keys. */
import { fromBase64Url, toBase64Url } from '#protocol/bytes.ts';
import { SecureChannel } from '#protocol/channel.ts';
import {
  deriveDevicePsk,
  deriveDigits,
  derivePairing,
  encodePrologue,
  exportPrivateKey,
  generateAuthKeys,
  generateNoiseKeys,
  importAuthPrivateKey,
  importNoisePrivateKey,
  keyId,
  parseKey,
} from '#protocol/keys.ts';
import { PROTOCOL_VERSION } from '#protocol/limits.ts';
import { type PairingFromDevice, pairingFromHost } from '#protocol/messages.ts';
import { parsePairingLink } from '#protocol/pairing-link.ts';
import { proveHandshake } from '#protocol/proof.ts';
import type { Identity } from './device-store.ts';
import { openRelaySocket } from './relay-socket.ts';

export class PairingFailed extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Rejects with `PairingFailed`. `onDigits` is called when the host can be asked to allow it. */
export async function pair(
  link: string,
  name: string,
  onDigits: (digits: string) => void = () => {},
): Promise<Identity> {
  const parsed = parsePairingLink(link);
  if (!parsed) throw new Error('Not a pairing link.');
  const { hostKey, hostId, secret, relayOrigin } = parsed;
  const [noise, auth] = [await generateNoiseKeys(true), await generateAuthKeys(true)];
  const { pairId, psk } = await derivePairing(secret);
  const { promise, resolve, reject } = Promise.withResolvers<Identity>();
  let channel: SecureChannel | null = null;
  const socket = openRelaySocket(
    { role: 'pairing', hostId, id: pairId, keys: auth, relayOrigin },
    {
      onFrame: (frame) => channel?.receive(frame),
      onClose: (code, reason) => reject(new PairingFailed(code, reason)),
      onMessage: (message) => {
        if (message.type === 'closed') reject(new PairingFailed(message.code, message.reason));
        if (message.type === 'open') begin();
      },
    },
  );
  const begin = () => {
    const opening = SecureChannel.initiate({
      keys: noise,
      hostKey,
      psk,
      prologue: encodePrologue('pairing', hostId, pairId),
      createPayload: async (transcript) => ({
        version: PROTOCOL_VERSION,
        build: 'test',
        name,
        authKey: toBase64Url(auth.publicKey),
        proof: await proveHandshake(auth.privateKey, { purpose: 'pairing', hostId, id: pairId, transcript }),
      }),
      send: (frame) => socket.send(frame),
      onFailure: (error) => reject(error),
      onMessage: (message) => void receive(message).catch(reject),
    });
    channel = opening;
    opening.opened.catch(reject);
    let identity: Identity | null = null;
    const receive = async (raw: unknown) => {
      const message = pairingFromHost.parse(raw);
      if (message.type === 'reveal') {
        const { handshakeHash } = await opening.opened;
        onDigits(await deriveDigits(handshakeHash, parseKey(message.reveal) ?? new Uint8Array(0)));
        return;
      }
      if (message.type === 'denied') throw new PairingFailed(0, message.reason);
      if (message.type === 'done') {
        if (!identity) throw new Error('Done before allowed.');
        resolve(identity);
        socket.cut();
        return;
      }
      const { handshakeHash } = await opening.opened;
      identity = {
        hostId,
        hostKey: toBase64Url(hostKey),
        relayOrigin,
        deviceId: await keyId(auth.publicKey),
        psk: toBase64Url(await deriveDevicePsk(psk, handshakeHash)),
        noisePrivate: toBase64Url(await exportPrivateKey(noise.privateKey)),
        noisePublic: toBase64Url(noise.publicKey),
        authPrivate: toBase64Url(await exportPrivateKey(auth.privateKey)),
        authPublic: toBase64Url(auth.publicKey),
      };
      opening.send({ type: 'stored' } satisfies PairingFromDevice);
    };
  };
  return await promise.finally(() => {
    channel?.dispose();
    socket.cut();
  });
}

/** The keys of a stored identity, ready to use. */
export async function readKeys(identity: Identity) {
  const bytes = (text: string) => fromBase64Url(text) ?? new Uint8Array(0);
  return {
    noise: {
      privateKey: await importNoisePrivateKey(bytes(identity.noisePrivate)),
      publicKey: bytes(identity.noisePublic),
    },
    auth: {
      privateKey: await importAuthPrivateKey(bytes(identity.authPrivate)),
      publicKey: bytes(identity.authPublic),
    },
    hostKey: bytes(identity.hostKey),
    psk: bytes(identity.psk),
  };
}
