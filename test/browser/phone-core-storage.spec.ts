import { expect } from '@playwright/test';
import { test } from './phone-core-page.ts';

test('events and their cursor are stored together, in order, once, and never across a gap', async ({ storePage }) => {
  const result = await storePage.evaluate(async () => {
    const { Database, EventStore } = window.core;
    const store = new EventStore(new Database(), 'host');
    const events = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => ({
        seq: first + index,
        at: 1,
        kind: 'notice',
        body: { n: first + index },
      }));
    const kinds = [
      await store.append('s', 'epoch', events(1, 3)),
      await store.append('s', 'epoch', events(2, 5)),
      await store.append('s', 'epoch', events(7, 8)),
      await store.append('s', 'epoch', [...events(6, 6), ...events(8, 8)]),
      await store.append('s', 'other epoch', events(6, 6)),
      await store.append('new', 'epoch', events(2, 2)),
    ].map((each) => (each.kind === 'stored' ? each.fresh.map((event) => event.seq) : each.kind));
    const page = await store.page('s', null, 100);
    return { kinds, cursors: await store.cursors(), seqs: page.events.map((event) => event.seq) };
  });
  expect(result).toEqual({
    kinds: [[1, 2, 3], [4, 5], 'gap', 'gap', 'gap', 'gap'],
    cursors: [{ session: 's', epoch: 'epoch', seq: 5 }],
    seqs: [1, 2, 3, 4, 5],
  });
});

test('a snapshot replaces what is stored, pages join before it, and another epoch voids it', async ({ storePage }) => {
  const result = await storePage.evaluate(async () => {
    const { Database, EventStore } = window.core;
    const store = new EventStore(new Database(), 'host');
    const events = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => ({ seq: first + index, at: 1, kind: 'notice', body: {} }));
    const seqs = async (session: string) => (await store.page(session, null, 1000)).events.map((event) => event.seq);
    await store.append('s', 'one', events(1, 4));
    await store.append('kept', 'two', events(1, 2));
    const refused = await store.replace('s', 'one', 12, events(10, 11));
    await store.replace('s', 'one', 12, events(10, 12));
    const replaced = await seqs('s');
    const joined = [await store.prepend('s', 'one', events(5, 8)), await store.prepend('s', 'one', events(7, 9))];
    const pages = [await store.page('s', 10, 2), await store.page('s', 7, 2), await store.since('s', 11)];
    const dropped = await store.dropOtherEpochs('two');
    return {
      refused: refused.kind,
      replaced,
      joined,
      pages: pages.map((page) => [page.first, page.last, page.events.length]),
      dropped,
      left: [await seqs('s'), await seqs('kept')],
      cursors: (await store.cursors()).map((cursor) => cursor.session),
    };
  });
  expect(result).toEqual({
    refused: 'gap',
    replaced: [10, 11, 12],
    joined: [false, true],
    pages: [
      [8, 9, 2],
      [7, 6, 0],
      [12, 12, 1],
    ],
    dropped: ['s'],
    left: [[], [1, 2]],
    cursors: ['kept'],
  });
});

test('a session keeps its newest events, up to a limit, and a host its newest sessions', async ({ storePage }) => {
  const result = await storePage.evaluate(async () => {
    const { Database, EventStore, limits } = window.core;
    const store = new EventStore(new Database(), 'host');
    const total = limits.STORED_EVENTS_MAX + limits.STORED_EVENTS_SLACK;
    const events = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => ({ seq: first + index, at: 1, kind: 'notice', body: {} }));
    await store.append('s', 'e', events(1, total));
    const before = await store.since('s', 0);
    await store.append('s', 'e', events(total + 1, total + 1));
    const after = await store.since('s', 0);
    const stored = after.events.length;

    for (let count = 0; count < limits.STORED_SESSIONS_MAX; count += 1) await store.append(`t${1000 + count}`, 'e', []);
    await store.dropExcessSessions(new Set(['s', 't1000']));
    const sessions = (await store.cursors()).map((cursor) => cursor.session);
    return {
      before: before?.first,
      after: [after.first - (total + 1), after.last - total],
      stored,
      sessions: sessions.slice(0, 3),
      count: sessions.length,
      limits,
    };
  });
  const { limits } = result;
  expect(result).toMatchObject({
    before: 1,
    after: [1 - limits.STORED_EVENTS_MAX, 1],
    stored: limits.STORED_EVENTS_MAX,
    sessions: ['s', 't1000', 't1002'],
    count: limits.STORED_SESSIONS_MAX,
  });
});

test('a full storage loses old events of this device before it refuses new ones, and refuses whole', async ({
  storePage,
  origin,
}) => {
  const devTools = await storePage.context().newCDPSession(storePage);
  await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 12 * 1024 * 1024 });
  const result = await storePage.evaluate(async () => {
    const { Database, EventStore, limits } = window.core;
    const store = new EventStore(new Database(), 'host');
    const text = (length: number) =>
      Array.from({ length: length / 8 }, () => Math.random().toString(36).slice(2, 10)).join('');
    const write = async (session: string, from: number, count: number, length: number) => {
      const events = Array.from({ length: count }, (_, index) => ({
        seq: from + index,
        at: 1,
        kind: 'notice',
        body: { text: text(length) },
      }));
      return await store.append(session, 'e', events).then(
        () => null,
        (error: Error) => error.name,
      );
    };
    const whole = async (session: string) => {
      const cursor = await store.cursor(session);
      const page = await store.since(session, 0);
      const isWhole = page.last === cursor?.seq && page.events.length === page.last - page.first + 1;
      return { isWhole, count: page.events.length, seq: page.last };
    };
    // Much of little use: more events of one session than are kept when there is no room.
    await write('old', 1, 4 * limits.STORED_EVENTS_WHEN_FULL, 4096);
    let seq = 0;
    let error: string | null = null;
    let room = await whole('old');
    const rooms = [room.count];
    while (error === null && seq < 100) {
      error = await write('new', seq + 1, 1, 512 * 1024);
      if (error === null) seq += 1;
      room = await whole('old');
      if (room.count !== rooms.at(-1)) rooms.push(room.count);
    }
    return { error, rooms, old: room, fresh: await whole('new'), seq, kept: limits.STORED_EVENTS_WHEN_FULL };
  });
  expect(result).toMatchObject({
    error: 'QuotaExceededError',
    rooms: [4 * result.kept, result.kept],
    old: { isWhole: true, count: result.kept },
    fresh: { isWhole: true, seq: result.seq },
  });
});

test('keys survive a reload, work, and cannot be read by the page', async ({ storePage }) => {
  await storePage.evaluate(async () => {
    const { Database, HostStore, createKeysRecord } = window.core;
    const keys = await createKeysRecord();
    const host = {
      hostId: 'h',
      name: '',
      hostKey: new Uint8Array(32),
      relayOrigin: '',
      deviceId: keys.deviceId,
      scope: 'full' as const,
      pairedAt: 1,
    };
    await new HostStore(new Database()).put(host, { ...keys, psk: new Uint8Array(32) });
  });
  await storePage.reload();
  await storePage.waitForFunction(() => document.title === 'ready');
  const result = await storePage.evaluate(async () => {
    const { Database, HostStore, proveKeys, unwrapKeys } = window.core;
    const store = new HostStore(new Database());
    const host = await store.host('h');
    const record = await store.keys(host?.deviceId ?? '');
    if (!record) return null;
    const keys = await unwrapKeys(record);
    const other = await window.core.createKeysRecord();
    const isReadable = async (key: CryptoKey, format: 'pkcs8' | 'raw') =>
      await crypto.subtle.exportKey(format, key).then(
        () => true,
        () => false,
      );
    return {
      works: await proveKeys(keys),
      worksWithOthers: await proveKeys({ ...keys, noise: { ...keys.noise, publicKey: other.noisePublicKey } }),
      signsForOthers: await proveKeys({ ...keys, auth: { ...keys.auth, publicKey: other.authPublicKey } }),
      readable: await Promise.all([
        isReadable(keys.noise.privateKey, 'pkcs8'),
        isReadable(keys.auth.privateKey, 'pkcs8'),
        isReadable(record.wrappingKey, 'raw'),
      ]),
    };
  });
  expect(result).toEqual({
    works: true,
    worksWithOthers: false,
    signsForOthers: false,
    readable: [false, false, false],
  });
});

test('forgetting a host leaves nothing of it, and all of the others', async ({ storePage }) => {
  const left = await storePage.evaluate(async () => {
    const { Database, EventStore, HostStore, Outbox, createKeysRecord, uuidv7 } = window.core;
    const database = new Database();
    const hosts = new HostStore(database);
    for (const hostId of ['a', 'a2', 'b']) {
      const keys = await createKeysRecord();
      const host = {
        hostId,
        name: '',
        hostKey: new Uint8Array(32),
        relayOrigin: '',
        deviceId: keys.deviceId,
        scope: 'full' as const,
        pairedAt: 1,
      };
      await hosts.put(host, { ...keys, psk: new Uint8Array(32) });
      await hosts.putState({ host: hostId, value: null, provenAt: null, clockOffset: 0, bye: null });
      await new EventStore(database, hostId).append('s', 'e', [{ seq: 1, at: 1, kind: 'notice', body: {} }]);
      const idle = { database, host: hostId, now: () => 1, channel: () => null, onAdded: () => {} };
      await new Outbox(idle).add('prompt', uuidv7(), { text: 'x' });
    }
    await hosts.forget('a');
    return await database.run(async (opened) => ({
      hosts: await opened.getAllKeys('hosts'),
      keys: await opened.count('keys'),
      events: await opened.getAllKeys('events'),
      cursors: await opened.getAllKeys('cursors'),
      outbox: (await opened.getAll('outbox')).map((record) => record.host),
      state: await opened.getAllKeys('state'),
    }));
  });
  expect(left).toEqual({
    hosts: ['a2', 'b'],
    keys: 2,
    events: [
      ['a2', 's', 1],
      ['b', 's', 1],
    ],
    cursors: [
      ['a2', 's'],
      ['b', 's'],
    ],
    outbox: ['a2', 'b'],
    state: ['a2', 'b'],
  });
});
