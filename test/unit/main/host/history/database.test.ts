import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { openDatabase } from '#main/host/history/database.ts';
import { openHistory } from '#main/host/history/history.ts';
import { MIGRATIONS, migrate } from '#main/host/history/migrations.ts';
import { addSession, openTestHistory, temporaryFolder } from './support.ts';

const open = (folder: string) => openHistory({ folder, now: () => 1_700_000_000_000, log: silentLog });

test('a new history is durable, strict, and readable by its owner only', () => {
  const folder = join(temporaryFolder(), 'deep', 'data');
  const history = openTestHistory(folder);
  const { connection } = history.database;
  const pragma = (name: string) => connection.pragma(name, { simple: true });
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys'), pragma('user_version')]).toEqual([
    'wal',
    2,
    1,
    MIGRATIONS.length,
  ]);
  addSession(history);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(folder))
    expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
  const loose = connection.pragma('table_list') as { name: string; type: string; strict: number }[];
  const own = loose.filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'));
  expect(own.filter(({ strict }) => strict === 0)).toEqual([]);
  expect(() =>
    history.events.append('no such session', [{ kind: 'notice', body: { level: 'info', text: '' } }]),
  ).toThrow(/FOREIGN KEY/);
});

test('a history keeps its epoch for ever, and two have different ones', () => {
  const folder = temporaryFolder();
  const first = openTestHistory(folder);
  const { epoch } = first;
  first.close();
  expect(openTestHistory(folder).epoch).toBe(epoch);
  expect(openTestHistory().epoch).not.toBe(epoch);
  expect(epoch).toMatch(/^[0-9a-f-]{36}$/);
});

test('a second host on the same folder is refused in words, and let in when the first is gone', () => {
  const folder = temporaryFolder();
  const first = openTestHistory(folder);
  expect(open(folder)).toEqual({
    kind: 'refused',
    reason: 'locked',
    text: `Another Baton is already running with the data folder ${folder}. Quit it first, or use another folder.`,
  });
  first.close();
  openTestHistory(folder);
});

test('a host that was killed leaves no lock, and no half transaction, behind', async () => {
  const folder = temporaryFolder();
  const child = fork(join(import.meta.dirname, 'hold-history.ts'), [folder], { stdio: 'inherit' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'message');
  expect(open(folder)).toMatchObject({ kind: 'refused', reason: 'locked' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const history = openTestHistory(folder);
  const [session] = history.sessions.list();
  expect(history.events.after(session?.id ?? '', 0, 10).map(({ kind }) => kind)).toEqual(['notice']);
});

test('a history of a newer Baton is refused by both versions, and left alone', () => {
  const folder = temporaryFolder();
  openTestHistory(folder).close();
  const file = new Database(join(folder, 'history.db'));
  file.pragma('user_version = 9999');
  file.close();
  const before = readdirSync(folder);
  expect(open(folder)).toEqual({
    kind: 'refused',
    reason: 'newer',
    text: `The history in ${folder} was written by a newer Baton (format 9999; this one knows up to ${MIGRATIONS.length}). Update Baton.`,
  });
  expect(readdirSync(folder)).toEqual(before);
});

test.each([
  [
    'is no database',
    (path: string) => writeFileSync(path, 'not a database at all, and long enough to be looked at'.repeat(50)),
  ],
  [
    'has a broken page',
    (path: string) => {
      const bytes = readFileSync(path);
      bytes.fill(0xff, 4096 * 3, 4096 * 6);
      writeFileSync(path, bytes);
    },
  ],
])('a file that %s is kept under another name, a new one is begun, and the person is told', (_name, damage) => {
  const folder = temporaryFolder();
  const path = join(folder, 'history.db');
  const history = openTestHistory(folder);
  const { epoch } = history;
  history.close();
  damage(path);
  const damaged = readFileSync(path);
  const opened = open(folder);
  if (opened.kind !== 'opened') throw new Error(opened.text);
  onTestFinished(() => opened.history.close());
  const aside = `${path}.damaged-2023-11-14T22-13-20.000Z`;
  expect(opened.notice).toMatch(
    /^The history was damaged \(.+\)\. It was kept as .+, and a new, empty history was begun\.$/s,
  );
  expect(opened.notice).toContain(aside);
  expect(readFileSync(aside)).toEqual(damaged);
  expect(opened.history.epoch).not.toBe(epoch);
  addSession(opened.history);
});

test('two damaged files of the same moment are both kept', () => {
  const folder = temporaryFolder();
  for (let round = 0; round < 2; round += 1) {
    writeFileSync(join(folder, 'history.db'), `garbage ${round} `.repeat(400));
    const opened = open(folder);
    if (opened.kind === 'opened') opened.history.close();
  }
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toHaveLength(2);
});

test('a folder that cannot be used is refused in words', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(open(join(folder, 'file'))).toMatchObject({ kind: 'refused', reason: 'unusable' });
  if (process.getuid?.() === 0) return;
  mkdirSync(join(folder, 'closed'));
  chmodSync(join(folder, 'closed'), 0o500);
  expect(open(join(folder, 'closed', 'data'))).toMatchObject({ kind: 'refused', reason: 'unusable' });
});

test('all pending migrations happen together or not at all', () => {
  const file = new Database(join(temporaryFolder(), 'x.db'));
  onTestFinished(() => {
    file.close();
  });
  const steps = ['CREATE TABLE a (x) STRICT', 'CREATE TABLE b (x INTEGER) STRICT'];
  expect(() => migrate(file, ['CREATE TABLE a (x INTEGER) STRICT', ...steps])).toThrow();
  expect(file.pragma('user_version', { simple: true })).toBe(0);
  expect(file.prepare('SELECT name FROM sqlite_schema').all()).toEqual([]);
  expect(migrate(file, ['CREATE TABLE a (x INTEGER) STRICT'])).toEqual({ kind: 'migrated', from: 0, to: 1 });
  file.exec('INSERT INTO a VALUES (1)');
  expect(migrate(file, ['never run again', 'CREATE TABLE b (x INTEGER) STRICT'])).toEqual({
    kind: 'migrated',
    from: 1,
    to: 2,
  });
  expect(file.prepare('SELECT x FROM a').all()).toEqual([{ x: 1 }]);
  expect(migrate(file, ['one'])).toEqual({ kind: 'newer', found: 2, known: 1 });
});

test('what waits for a commit happens after it, and never if it is rolled back', () => {
  const opened = openDatabase({ folder: temporaryFolder(), now: () => 0, log: silentLog });
  if (opened.kind !== 'opened') throw new Error(opened.text);
  const { database } = opened;
  onTestFinished(() => database.close());
  const calls: string[] = [];
  expect(() =>
    database.transaction(() => {
      database.afterCommit(() => calls.push('lost'));
      throw new Error('no');
    }),
  ).toThrow('no');
  const value = database.transaction(() => {
    database.transaction(() => database.afterCommit(() => calls.push(`open: ${database.connection.inTransaction}`)));
    database.afterCommit(() => {
      throw new Error('a listener that fails');
    });
    database.afterCommit(() => calls.push('last'));
    calls.push('work');
    return 5;
  });
  expect(value).toBe(5);
  expect(calls).toEqual(['work', 'open: false', 'last']);
});
