/** The writer of one host: what it carries comes from the outbox, sealed with this device's keys for that host. */
import { encodePrologue } from '#protocol/keys.ts';
import { sealLetter } from '#protocol/letter.ts';
import { proveLetter } from '#protocol/proof.ts';
import type { ClockOffset } from '#ui/client/clock-offset.ts';
import type { Environment } from '../environment.ts';
import type { HostRecord } from '../store/database.ts';
import type { DeviceKeys } from '../store/device-keys.ts';
import { MailboxWriter, type UnansweredCommand } from './mailbox-writer.ts';
import type { Outbox } from './outbox.ts';

export function createMailboxWriter(options: {
  readonly outbox: Outbox;
  readonly environment: Environment;
  readonly record: HostRecord;
  /** Null if the browser lost the keys: then nothing connects either. */
  readonly identity: { readonly keys: DeviceKeys; readonly psk: Uint8Array<ArrayBuffer> } | null;
  /** How far the host's clock is ahead. */
  readonly clock: ClockOffset;
}): MailboxWriter {
  const { outbox, environment, record: host, identity, clock } = options;
  async function seal({ id, session, kind, body, at }: UnansweredCommand, after: string | null) {
    if (!identity) return null;
    const { noise, auth, deviceId } = identity.keys;
    const { hostId } = host;
    const prologue = encodePrologue('mailbox', hostId, deviceId);
    const content = { sealedAt: environment.now() + clock.value, after, command: { id, session, kind, body, at } };
    const options = { keys: noise, remoteKey: host.hostKey, psk: identity.psk, prologue };
    return await sealLetter(content, options, (text) => proveLetter(auth.privateKey, { hostId, deviceId, text }));
  }
  const desk = {
    now: () => environment.now(),
    refresh: () => outbox.load(),
    records: () => outbox.unanswered(),
    has: (command: string) => outbox.has(command),
    setLetter: outbox.setLetter.bind(outbox),
    noteRefusal: outbox.noteRefusal.bind(outbox),
    takenOut: outbox.takenOut.bind(outbox),
    seal,
  };
  // What could not be left waits on this device, and goes out when the computer is back.
  return new MailboxWriter(desk, (error) => console.warn('Baton: failed to leave a letter at the relay:', error));
}
