import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import type { DeviceStore } from '#main/host/history/device-store.ts';
import type { HostKeys } from '#main/host/host-keys.ts';
import { LOOK_FOR_LETTERS_EVERY_MS, MailboxReader } from '#main/host/remote/mailbox-reader.ts';
import type { HostToRelay, RelayToHost } from '#protocol/relay-messages.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { settle } from '../sessions/support.ts';

const NOTHING: RelayToHost = { type: 'mail.batch', last: 0, isEmpty: true };

test('letters are looked for again while the connection lasts: a relay with a full disk says that it has none', async () => {
  const clock = new ManualClock();
  const said: HostToRelay[] = [];
  const reader = new MailboxReader({
    keys: {} as HostKeys,
    devices: {} as DeviceStore,
    clock,
    log: silentLog,
    send: (message) => said.push(message),
    handleCommand: () => expect.unreachable(),
    isStored: () => false,
    isDeleted: () => false,
  });
  reader.handleRelay({ type: 'ready', mailbox: true });
  reader.handleRelay(NOTHING);
  await settle();
  clock.advance(LOOK_FOR_LETTERS_EVERY_MS);
  expect(said).toEqual(Array.from({ length: 2 }, () => ({ type: 'mail.take', after: 0, taken: [] })));

  reader.handleRelay(NOTHING);
  await settle();
  reader.handleDisconnect();
  clock.advance(2 * LOOK_FOR_LETTERS_EVERY_MS);
  expect(said).toHaveLength(2);
});
