import { expect, test } from 'vitest';
import { addSession, openTestHistory, temporaryFolder } from './support.ts';

const PHONE = { device: 'phone', name: 'Phone' };
const options = [{ id: 'yes', name: 'Allow', kind: 'allow_once' as const }];

test('questions are kept in the order in which they were asked, and survive a restart', () => {
  const folder = temporaryFolder();
  const history = openTestHistory(folder);
  const session = addSession(history);
  for (const id of ['b', 'a', 'c'])
    history.approvals.add({ id, session, title: `Question ${id}`, tool: null, options, reference: null });
  const before = history.approvals.pending();
  expect(before.map(({ approval }) => approval)).toEqual(['b', 'a', 'c']);
  history.close();
  expect(openTestHistory(folder).approvals.pending()).toEqual(before);
});

test('the first answer wins, and what is over stays over', () => {
  const history = openTestHistory();
  const session = addSession(history);
  history.approvals.add({ id: 'a', session, title: 'A', tool: null, options, reference: null });
  expect(history.approvals.answer('a', 'command 1', PHONE)).toBe(true);
  expect(history.approvals.answer('a', 'command 2', { device: 'tablet', name: 'Tablet' })).toBe(false);
  expect(history.approvals.get('a')).toMatchObject({ state: 'answered', command: 'command 1', answeredBy: PHONE });
  expect(history.approvals.pending()).toEqual([]);
  expect(history.approvals.open(session)).toHaveLength(1);
  expect(history.approvals.resolve('a', 'selected')).toBe(true);
  expect(history.approvals.resolve('a', 'expired')).toBe(false);
  expect(history.approvals.answer('a', 'command 3', PHONE)).toBe(false);
  expect(history.approvals.get('a')).toMatchObject({ state: 'resolved', outcome: 'selected', command: 'command 1' });
  expect(history.approvals.open(session)).toEqual([]);
});
