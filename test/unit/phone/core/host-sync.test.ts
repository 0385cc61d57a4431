import { expect, test } from 'vitest';
import type { ApplyResult } from '#phone/core/event-store.ts';
import { HostSync, type SyncStore } from '#phone/core/host-sync.ts';
import { ACK_EVERY_EVENTS } from '#phone/core/limits.ts';
import type { WireEvent } from '#protocol/events.ts';
import type { Cursor, FromDevice } from '#protocol/messages.ts';

const event = (seq: number): WireEvent => ({ seq, at: 1, kind: 'notice', body: {} });
const events = (session: string, ...seqs: number[]) => ({
  type: 'events' as const,
  session,
  epoch: 'e',
  events: seqs.map(event),
});

/** The rules of the real store, which needs a browser, on a list of cursors. */
class MemoryStore implements SyncStore {
  readonly byCursor = new Map<string, Cursor>();
  failure: Error | null = null;

  cursors = async () => [...this.byCursor.values()];

  append = async (session: string, epoch: string, added: readonly WireEvent[]): Promise<ApplyResult> => {
    if (this.failure) throw this.failure;
    const { seq } = this.byCursor.get(session) ?? { seq: 0 };
    const fresh = added.filter((one) => one.seq > seq);
    if (fresh.some((one, index) => one.seq !== seq + 1 + index)) return { kind: 'gap' };
    this.byCursor.set(session, { session, epoch, seq: seq + fresh.length });
    return { kind: 'stored', seq: seq + fresh.length, fresh };
  };

  replace = async (session: string, epoch: string, last: number, fresh: readonly WireEvent[]): Promise<ApplyResult> => {
    this.byCursor.set(session, { session, epoch, seq: last });
    return { kind: 'stored', seq: last, fresh };
  };

  dropOtherEpochs = async (epoch: string) => {
    const dropped = [...this.byCursor.values()]
      .filter((cursor) => cursor.epoch !== epoch)
      .map((cursor) => cursor.session);
    for (const session of dropped) this.byCursor.delete(session);
    return dropped;
  };

  dropExcessSessions = async () => {};
}

function start() {
  const store = new MemoryStore();
  const sent: FromDevice[] = [];
  const told: string[] = [];
  const sync = new HostSync({
    store,
    send: (message) => {
      sent.push(message);
      return true;
    },
    onStored: async (session, fresh) => void told.push(`${session} +${fresh.length}`),
    onReplaced: async (session) => void told.push(`${session} replaced`),
    onMalformed: () => void told.push('malformed'),
    onFailure: (error) => void told.push(String(error)),
  });
  const take = async () => {
    await sync.idle();
    return { sent: sent.splice(0), told: told.splice(0) };
  };
  return { store, sync, take };
}

test('a channel begins with what is stored, and what is listed and not stored is asked for from its beginning', async () => {
  const { store, sync, take } = start();
  store.byCursor.set('a', { session: 'a', epoch: 'e', seq: 7 });
  sync.handleOpened();
  sync.run(() => sync.handleWelcome('e'));
  sync.run(() => sync.handleListed(['a', 'b']));
  sync.run(() => sync.handleListed(['a', 'b']));
  expect((await take()).sent).toEqual([
    { type: 'sync', cursors: [{ session: 'a', epoch: 'e', seq: 7 }] },
    { type: 'sync', cursors: [{ session: 'b', epoch: 'e', seq: 0 }] },
  ]);
});

test('a session that was not listed for a while is followed again from where it was', async () => {
  const { sync, take } = start();
  sync.handleOpened();
  sync.run(() => sync.handleWelcome('e'));
  sync.run(() => sync.handleListed(['a']));
  sync.run(() => sync.handleEvents(events('a', 1, 2)));
  sync.run(() => sync.handleListed([]));
  sync.run(() => sync.handleListed(['a']));
  const { sent } = await take();
  expect(sent.filter((message) => message.type === 'sync').at(-1)).toEqual({
    type: 'sync',
    cursors: [{ session: 'a', epoch: 'e', seq: 2 }],
  });
});

test('what is stored is acknowledged once for all that waits together, and on the way if that is much', async () => {
  const { sync, take } = start();
  sync.run(() => sync.handleEvents(events('a', 1, 2)));
  sync.run(() => sync.handleEvents(events('a', 3)));
  sync.run(() => sync.handleEvents(events('b', 1)));
  expect((await take()).sent).toEqual([
    { type: 'ack', session: 'a', seq: 3 },
    { type: 'ack', session: 'b', seq: 1 },
  ]);
  const many = Array.from({ length: ACK_EVERY_EVENTS }, (_, index) => 4 + index);
  sync.run(() => sync.handleEvents(events('a', ...many)));
  sync.run(() => sync.handleEvents(events('b', 2)));
  expect((await take()).sent).toEqual([
    { type: 'ack', session: 'a', seq: 3 + ACK_EVERY_EVENTS },
    { type: 'ack', session: 'b', seq: 2 },
  ]);
});

test('events that leave a gap are asked for again once, then the channel is malformed', async () => {
  const { sync, take } = start();
  sync.run(() => sync.handleEvents(events('a', 1)));
  sync.run(() => sync.handleEvents(events('a', 3)));
  expect(await take()).toEqual({
    sent: [
      { type: 'sync', cursors: [{ session: 'a', epoch: 'e', seq: 1 }] },
      { type: 'ack', session: 'a', seq: 1 },
    ],
    told: ['a +1'],
  });
  sync.run(() => sync.handleEvents(events('a', 3)));
  expect((await take()).told).toEqual(['malformed']);
});

test('what could not be stored is not acknowledged', async () => {
  const { store, sync, take } = start();
  store.failure = new Error('full');
  sync.run(() => sync.handleEvents(events('a', 1)));
  expect(await take()).toEqual({ sent: [], told: ['Error: full'] });
});

test('messages of a channel that is gone are not handled', async () => {
  const { sync, take } = start();
  sync.run(() => sync.handleEvents(events('a', 1)));
  sync.handleDrop();
  expect(await take()).toEqual({ sent: [], told: [] });
});

test('a snapshot replaces a log and is acknowledged; another epoch voids what was there', async () => {
  const { store, sync, take } = start();
  store.byCursor.set('a', { session: 'a', epoch: 'old', seq: 7 });
  sync.run(() => sync.handleWelcome('e'));
  sync.run(() =>
    sync.handleSnapshot({ type: 'snapshot', session: 'a', epoch: 'e', last: 3, events: [event(2), event(3)] }),
  );
  expect(await take()).toEqual({ sent: [{ type: 'ack', session: 'a', seq: 3 }], told: ['a replaced', 'a replaced'] });
});
