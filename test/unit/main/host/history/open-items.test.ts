/** With each change of the state what is open is looked up, so that must not take longer the more there ever was. */
import { expect, test } from 'vitest';
import { PENDING } from '#main/host/history/approval-store.ts';
import { WAITING } from '#main/host/history/command-store.ts';
import { openTestHistory } from './support.ts';

const planOf = (sql: string, ...values: string[]) =>
  openTestHistory()
    .database.connection.prepare<string[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => detail);

test('prompts that wait are found among the open commands of their session', () => {
  expect(planOf(`SELECT body FROM command WHERE ${WAITING}`, 'a session')).toEqual([
    'SEARCH command USING INDEX command_open (session=? AND state=?)',
  ]);
});

test('questions that wait are found among the open ones', () => {
  expect(planOf(`SELECT title FROM approval WHERE ${PENDING}`)).toEqual(['SCAN approval USING INDEX approval_open']);
});
