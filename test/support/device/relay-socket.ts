/** A device's (or a pairing page's) socket to a relay: authenticates, then carries frames. */
import { WebSocket } from 'ws';
import type { AuthKeyPair } from '#protocol/keys.ts';
import { answerChallenge, relaySocketUrl } from '#protocol/relay-auth.ts';
import { type DeviceToRelay, type RelayToDevice, relayToDevice } from '#protocol/relay-messages.ts';

export interface RelaySocketEvents {
  onMessage(message: RelayToDevice): void;
  onFrame(frame: Uint8Array): void;
  onClose(code: number, reason: string): void;
}

export interface RelaySocket {
  say(message: DeviceToRelay): void;
  send(frame: Uint8Array): void;
  /** Cuts the connection without a word. */
  cut(): void;
  readonly bufferedBytes: number;
}

export function openRelaySocket(
  as: { role: 'device' | 'pairing'; hostId: string; id: string; keys: AuthKeyPair; relayOrigin: string },
  events: RelaySocketEvents,
): RelaySocket {
  const socket = new WebSocket(relaySocketUrl(as.relayOrigin), { perMessageDeflate: false });
  const say = (message: DeviceToRelay) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      events.onFrame(data);
      return;
    }
    const message = relayToDevice.parse(JSON.parse(data.toString()));
    if (message.type === 'challenge') {
      answerChallenge({ ...as, nonce: message.nonce }).then(say, () => socket.terminate());
    } else events.onMessage(message);
  });
  socket.on('error', () => {}); // A close always follows.
  socket.on('close', (code, reason) => events.onClose(code, reason.toString()));
  return {
    say,
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    cut: () => socket.terminate(),
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
  };
}
