import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { History } from '#main/host/history/history.ts';
import { MIGRATIONS, migrate } from '#main/host/history/migrations.ts';
import { TurnWatch } from '#test/support/turn-watch.ts';
import { addSession, openTestHistory, temporaryFolder, testId } from './support.ts';

const BLOB_CHARS = 200_000;

/** A session in which everything that can be stored says `word`. */
function fill(history: History, id: string, word: string, events = 20): string {
  addSession(history, id);
  const by = { device: null, name: 'Ada' };
  const option = { id: 'y', name: 'Yes', kind: 'allow_once' as const };
  history.database.transaction(() => {
    history.sessions.setTitle(id, `About ${word}`, 'person');
    for (let index = 0; index < events; index += 1) {
      history.events.append(id, [
        { kind: 'message', body: { id: `m${index}`, text: `${word}${index} and some more words that all share` } },
      ]);
    }
    const content = [{ kind: 'text' as const, text: `${word} `.repeat(BLOB_CHARS / (word.length + 1)) }];
    const tool = { id: 't', title: word, kind: 'read' as const, state: 'done' as const, paths: [word], content };
    history.events.append(id, [{ kind: 'tool', body: tool }]);
    history.approvals.add({ id: `approval-${id}`, session: id, title: word, tool, options: [option], reference: null });
    history.approvals.resolve(`approval-${id}`, 'expired');
    const command = { id: `command-${id}`, by, session: id, kind: 'prompt', digest: 'd', body: { text: word } };
    history.commands.add({ ...command, state: 'applied' });
  });
  return id;
}

const end = (history: History, ...sessions: string[]) => {
  for (const session of sessions) history.sessions.setState(session, 'ended', '');
};

const delete_ = async (history: History) => {
  const ids = history.database.transaction(() => history.deletion.markEnded());
  await history.deletion.run();
  return ids;
};

const bytesOf = (folder: string) => ['', '-wal'].map((suffix) => readFileSync(join(folder, `history.db${suffix}`)));
const countIn = (folder: string, word: string) =>
  bytesOf(folder).reduce((sum, bytes) => sum + bytes.toString('latin1').split(word).length - 1, 0);

test('of a deleted session no word is left in the file, and of the others every one', async () => {
  const folder = temporaryFolder();
  const history = openTestHistory(folder);
  const [gone, kept] = [fill(history, testId(1), 'xylophone'), fill(history, testId(2), 'marimba')];
  const open = addSession(history, testId(3));
  end(history, gone);
  const before = { events: history.events.after(kept, 0, 100), size: history.database.bytes };
  expect(countIn(folder, 'xylophone')).toBeGreaterThan(100);

  expect(await delete_(history)).toEqual([gone]);
  expect(countIn(folder, 'xylophone')).toBe(0);
  expect(history.sessions.list().map(({ id }) => id)).toEqual([kept, open]);
  expect(history.events.after(kept, 0, 100)).toEqual(before.events);
  expect(history.search.newest('marimba7', { limit: 10 })).toHaveLength(1);
  expect(history.search.newest('xylophone7', { limit: 10 })).toEqual([]);
  expect(history.search.newest('share', { limit: 100 })).toHaveLength(20);
  expect([history.commands.get(`command-${gone}`), history.approvals.get(`approval-${gone}`)]).toEqual([null, null]);
  expect(history.commands.get(`command-${kept}`)).not.toBeNull();
  expect([history.deletion.isDeleted(gone), history.deletion.isDeleted(kept)]).toEqual([true, false]);
  expect(history.database.bytes).toBeLessThan(before.size - BLOB_CHARS);
  const check = history.database.connection.pragma('integrity_check', { simple: true });
  expect(check).toBe('ok');
  expect(await delete_(history)).toEqual([]);
});

test('a session that is marked is not there for anybody, while its events may still go', () => {
  const history = openTestHistory();
  const gone = fill(history, testId(1), 'xylophone');
  end(history, gone);
  history.deletion.markEnded();
  expect(history.sessions.get(gone)).toBeNull();
  expect([history.sessions.list(), history.sessions.shown(10), history.sessions.folders()]).toEqual([[], [], []]);
  expect(history.search.newest('xylophone1', { limit: 10 })).toEqual([]);
  const { connection } = history.database;
  expect(() => connection.exec(`DELETE FROM session WHERE id = '${gone}'`)).toThrow('FOREIGN KEY');
});

test('what a crash cut short is finished the next time', async () => {
  const folder = temporaryFolder();
  const first = openTestHistory(folder);
  const gone = fill(first, testId(1), 'xylophone', 2_000);
  end(first, gone);
  first.deletion.markEnded();
  const cut = first.deletion.run();
  while (first.events.last(gone) === 2_001 && first.events.after(gone, 0, 1)[0]?.seq === 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  first.close();
  await cut;
  const second = openTestHistory(folder);
  expect(second.events.last(gone)).toBe(2_001);
  await second.deletion.resume();
  expect(second.events.last(gone)).toBe(0);
  expect(countIn(folder, 'xylophone')).toBe(0);
});

test.each([1, 5, 40, 400, 2_000])(
  'whatever else is in the index (%i texts), the words of a deleted session go and the others stay',
  async (others) => {
    const folder = temporaryFolder();
    const history = openTestHistory(folder);
    const kept = fill(history, testId(1), 'marimba', others);
    for (let round = 2; round <= 4; round += 1) {
      const gone = fill(history, testId(round), 'xylophone', 30 * round);
      end(history, gone);
      await delete_(history);
      expect(countIn(folder, 'xylophone')).toBe(0);
      expect(history.search.newest(`marimba${others - 1}`, { limit: 10 })).toMatchObject([{ session: kept }]);
      expect(history.search.newest('share', { limit: 100 })).toHaveLength(Math.min(others, 100));
    }
  },
);

test('a deletion that was cut short before the last words were out of the index is finished too', async () => {
  const folder = temporaryFolder();
  const first = openTestHistory(folder);
  const gone = fill(first, testId(1), 'xylophone', 200);
  end(first, gone);
  first.deletion.markEnded();
  const cut = first.deletion.run();
  while (first.events.last(gone) > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(countIn(folder, 'xylophone')).toBeGreaterThan(0);
  first.close();
  await cut;
  const second = openTestHistory(folder);
  await second.deletion.resume();
  expect(countIn(folder, 'xylophone')).toBe(0);
  expect(second.database.connection.prepare('SELECT count(*) FROM session').pluck().get()).toBe(0);
});

test('a large history goes in small steps, between which everything else goes on', async () => {
  const history = openTestHistory();
  const sessions = Array.from({ length: 10 }, (_, index) => fill(history, testId(index + 1), 'xylophone', 500));
  const open = addSession(history, testId(99));
  end(history, ...sessions);
  history.database.transaction(() => history.deletion.markEnded());
  const { turns, longestMs } = await new TurnWatch().during(history.deletion.run(), () =>
    history.events.append(open, [{ kind: 'message', body: { id: 'm', text: 'meanwhile' } }]),
  );
  expect(turns).toBeGreaterThan(15);
  expect(history.search.newest('meanwhile', { limit: 10 })).toHaveLength(10);
  expect(history.sessions.list()).toHaveLength(1);
  expect(longestMs).toBeLessThan(50);
});

test('a history of the first version is written again once, so that it can shrink, and loses nothing', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'history.db');
  writeFileSync(path, '', { mode: 0o600 });
  const old = new Database(path);
  old.pragma('journal_mode = WAL');
  migrate(old, MIGRATIONS.slice(0, 1));
  old.exec(
    `INSERT INTO session (id, agent, agent_name, folder, title, title_from, state, since, created_at)
     VALUES ('${testId(5)}', 'demo', 'Demo', '/home/ada', 'Old', 'person', 'idle', 1, 1)`,
  );
  expect(old.pragma('auto_vacuum', { simple: true })).toBe(0);
  old.close();
  const history = openTestHistory(folder);
  expect(history.database.connection.pragma('auto_vacuum', { simple: true })).toBe(2);
  expect(history.sessions.list().map(({ title }) => title)).toEqual(['Old']);
  const gone = fill(history, testId(1), 'xylophone');
  end(history, gone);
  const before = history.database.bytes;
  await delete_(history);
  expect(history.database.bytes).toBeLessThan(before - BLOB_CHARS);
});
