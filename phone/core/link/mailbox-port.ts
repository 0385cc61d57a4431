import type { Bytes } from '#protocol/bytes.ts';
import type { DeviceToRelay, RelayToDevice } from '#protocol/relay-messages.ts';

export type MailToRelay = Extract<DeviceToRelay, { type: 'mail.put' | 'mail.list' | 'mail.cancel' }>;
export type MailFromRelay = Extract<
  RelayToDevice,
  { type: 'mail.kept' | 'mail.refused' | 'mail.listed' | 'mail.cancelled' }
>;

/** The mailbox at the relay, while that answers and the host is not connected to it. */
export interface MailboxPort {
  send(message: MailToRelay): void;
  /** A piece of the letter that was announced last. */
  sendFrame(bytes: Bytes): void;
  /** What the relay answers comes to `listener`, in place of an earlier one. */
  listen(listener: (message: MailFromRelay) => void): void;
}
