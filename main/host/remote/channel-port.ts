/** One channel as the relay bridges it: frames out, an end. Frames in come through anyone who owns the port. */

import type { Bytes } from '#protocol/bytes.ts';
import type { CloseCode } from '#protocol/close-codes.ts';

export interface ChannelPort {
  send(frame: Bytes): void;
  /** Tells the relay to end the channel and the device why. Harmless when it is gone already. */
  close(code: CloseCode, reason: string): void;
  bufferedBytes(): number;
}

/** What stands behind a bridged channel. */
export interface ChannelEnd {
  receive(frame: Uint8Array): void;
  /** The channel is gone; nothing more can be sent. */
  dispose(): void;
}
