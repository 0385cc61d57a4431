import { expect, test } from 'vitest';
import type { History } from '#main/host/history/history.ts';
import { openTestHistory } from './support.ts';

function fill(history: History): void {
  for (let number = 1; number <= 5; number += 1) {
    history.audit.append({
      by: { device: number % 2 ? 'phone' : null, name: `Device ${number}` },
      action: 'answer',
      session: 's',
      detail: { approval: `a${number}`, kind: 'allow_once' },
    });
  }
}

/** As somebody would who can write the file. */
function tamper(history: History, sql: string): void {
  const { connection } = history.database;
  connection.exec('DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_removed');
  connection.exec(sql);
}

test('rows are kept in order with who, what and when, and the chain is intact', () => {
  const history = openTestHistory();
  expect(history.audit.verify()).toEqual({ kind: 'intact', rows: 0 });
  fill(history);
  expect(history.audit.verify()).toEqual({ kind: 'intact', rows: 5 });
  expect(history.audit.newest(2)).toMatchObject([
    { seq: 5, by: { device: 'phone', name: 'Device 5' }, detail: { approval: 'a5' } },
    { seq: 4, by: { device: null, name: 'Device 4' } },
  ]);
  expect(history.audit.newest(2, 4).map(({ seq }) => seq)).toEqual([3, 2]);
});

test('a row can be neither changed nor removed', () => {
  const history = openTestHistory();
  fill(history);
  expect(() => history.database.connection.exec("UPDATE audit SET name = 'x'")).toThrow('append-only');
  expect(() => history.database.connection.exec('DELETE FROM audit')).toThrow('append-only');
});

test.each([
  ["UPDATE audit SET name = 'Mallory' WHERE seq = 3", 3, 'Row 3 of the audit was changed.'],
  ["UPDATE audit SET detail = '{}' WHERE seq = 1", 1, 'Row 1 of the audit was changed.'],
  ['UPDATE audit SET at = at + 1 WHERE seq = 5', 5, 'Row 5 of the audit was changed.'],
  ["UPDATE audit SET hash = 'x' WHERE seq = 2", 2, 'Row 2 of the audit was changed.'],
  ['UPDATE audit SET device = NULL WHERE seq = 1', 1, 'Row 1 of the audit was changed.'],
  ['DELETE FROM audit WHERE seq = 3', 3, 'Row 3 of the audit is missing.'],
  ['DELETE FROM audit WHERE seq = 1', 1, 'Row 1 of the audit is missing.'],
  ['DELETE FROM audit WHERE seq = 5', 5, 'Rows of the audit after 4 are missing.'],
  ['DELETE FROM audit', 1, 'Rows of the audit after 0 are missing.'],
])('tampering shows: %s', (sql, seq, text) => {
  const history = openTestHistory();
  fill(history);
  tamper(history, sql);
  expect(history.audit.verify()).toEqual({ kind: 'broken', seq, text });
});

test('a row is written together with what it tells of, or not at all', () => {
  const history = openTestHistory();
  expect(() =>
    history.database.transaction(() => {
      fill(history);
      throw new Error('no');
    }),
  ).toThrow();
  expect(history.audit.verify()).toEqual({ kind: 'intact', rows: 0 });
});
