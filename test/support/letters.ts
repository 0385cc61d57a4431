/** Letters as a relay sees them: random names and opaque bytes. Small clients that put and take them. */
import { randomBytes } from 'node:crypto';
import { createLetterId } from '#protocol/letter.ts';
import { LETTER_PIECE_BYTES } from '#protocol/limits.ts';
import type { RelayToDevice } from '#protocol/relay-messages.ts';
import type { HostClient, RelaySocket } from './relay-clients.ts';

export interface SomeLetter {
  readonly id: string;
  readonly body: Buffer;
}

export function createLetter(bytes = 1024): SomeLetter {
  return { id: createLetterId(), body: randomBytes(bytes) };
}

/** Sends a letter as a device does, and waits for the relay's word. */
export async function putLetter(device: RelaySocket, letter: SomeLetter): Promise<RelayToDevice> {
  device.say({ type: 'mail.put', letter: letter.id, bytes: letter.body.length });
  for (let at = 0; at < letter.body.length; at += LETTER_PIECE_BYTES) {
    device.sendFrame(letter.body.subarray(at, at + LETTER_PIECE_BYTES));
  }
  return (await device.next()) as RelayToDevice;
}

export interface Batch {
  readonly letters: (SomeLetter & { readonly device: string })[];
  readonly last: number;
}

/** Confirms `taken`, and takes the next few. */
export async function takeBatch(host: HostClient, after = 0, taken: readonly string[] = []): Promise<Batch> {
  host.socket.say({ type: 'mail.take', after, taken });
  const letters: (SomeLetter & { device: string })[] = [];
  for (;;) {
    const message = await host.socket.next();
    if (message.type === 'mail.batch') return { letters, last: message.last };
    if (message.type !== 'mail.letter') throw new Error(`Unexpected: ${JSON.stringify(message)}`);
    const pieces: Uint8Array[] = [];
    while (pieces.reduce((sum, piece) => sum + piece.length, 0) < message.bytes) {
      const { channel, frame } = await host.nextFrame();
      if (channel !== 0) throw new Error(`A piece of a letter came on channel ${channel}.`);
      pieces.push(frame);
    }
    letters.push({ id: message.letter, device: message.device, body: Buffer.concat(pieces) });
  }
}

/** Takes all there is; confirms each batch if `confirm`. */
export async function takeAll(host: HostClient, confirm: boolean): Promise<Batch['letters']> {
  const all: Batch['letters'] = [];
  let batch = await takeBatch(host);
  while (batch.letters.length > 0) {
    all.push(...batch.letters);
    batch = await takeBatch(host, batch.last, confirm ? batch.letters.map(({ id }) => id) : []);
  }
  return all;
}
