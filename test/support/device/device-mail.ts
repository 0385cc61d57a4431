/** The mailbox of a device without a page: the phone's own writer, with SQLite instead of IndexedDB behind it. */
import { type LetterOutbox, MailboxWriter, type UnansweredCommand } from '#phone/core/outbox/mailbox-writer.ts';
import { parseCommand } from '#protocol/commands.ts';
import { encodePrologue } from '#protocol/keys.ts';
import { sealLetter } from '#protocol/letter.ts';
import { proveLetter } from '#protocol/proof.ts';
import type { DeviceStore, Identity } from './device-store.ts';
import { readKeys } from './pair.ts';

export interface DeviceMail {
  readonly writer: MailboxWriter;
  /** Why the relay did not keep these commands, newest last. */
  readonly refusals: { command: string; reason: string }[];
}

export function createDeviceMail(options: {
  store: DeviceStore;
  identity: Identity;
  now(): number;
  /** Something about a letter was written down. */
  onChange(): void;
}): DeviceMail {
  const { store, identity, now, onChange } = options;
  const refusals: DeviceMail['refusals'] = [];
  const records = (): UnansweredCommand[] =>
    store
      .outbox()
      .filter(({ state }) => state === 'sending')
      .map(({ command, letter }) => {
        const parsed = parseCommand(command);
        if (!parsed.ok) throw new Error(parsed.error);
        return { ...parsed.value, at: command.at, letter };
      });
  const desk: LetterOutbox = {
    now,
    refresh: async () => {},
    records: () => (store.isOpen ? records() : []),
    has: (id) => store.isOpen && store.outbox().some(({ command }) => command.id === id),
    setLetter: async (id, letter) => {
      // A device that is killed right after the relay answered has not written the answer down.
      if (!store.isOpen) return false;
      const isThere = store.setLetter(id, letter);
      onChange();
      return isThere;
    },
    noteRefusal(command, reason) {
      refusals.push({ command, reason });
      onChange();
    },
    takenOut: async (id) => {
      if (!store.isOpen) return;
      store.forgetCommand(id);
      onChange();
    },
    async seal({ id, session, kind, body, at }, after) {
      const keys = await readKeys(identity);
      const prologue = encodePrologue('mailbox', identity.hostId, identity.deviceId);
      const content = { sealedAt: now(), after, command: { id, session, kind, body, at } };
      const { hostId, deviceId } = identity;
      const options = { keys: keys.noise, remoteKey: keys.hostKey, psk: keys.psk, prologue };
      return await sealLetter(content, options, (text) =>
        proveLetter(keys.auth.privateKey, { hostId, deviceId, text }),
      );
    },
  };
  const writer = new MailboxWriter(desk, (error) => {
    throw error;
  });
  return { writer, refusals };
}
