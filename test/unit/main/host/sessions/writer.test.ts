import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import type { HistoryDatabase } from '#main/host/history/database.ts';
import { Writer } from '#main/host/sessions/writer.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { openTestHistory } from '../history/support.ts';

/** Only its transaction is used. */
const database = { transaction: (work: () => void) => work() } as unknown as HistoryDatabase;

test('a bug in what follows one step does not keep later steps from being stored', () => {
  const writer = new Writer(database, new ManualClock(), silentLog, () => {});
  const done: string[] = [];
  writer.write(
    () => {
      done.push('first');
      writer.write(() => done.push('second'));
    },
    () => {
      throw new Error('a bug');
    },
  );
  writer.write(() => done.push('third'));
  expect(done).toEqual(['first', 'second', 'third']);
});

test('what is written in one group is stored as one, a bug in one step takes only that step with it, and what follows comes after', () => {
  const history = openTestHistory();
  const order: string[] = [];
  const writer = new Writer(history.database, new ManualClock(), silentLog, () => order.push('change'));
  const keep = (id: string) =>
    history.audit.append({ by: { device: null, name: id }, action: 'remote.set', session: null, detail: {} });
  let isOpenInside = false;
  writer.group(
    () => {
      writer.write(
        () => keep('one'),
        () => order.push('after one'),
      );
      writer.write(() => {
        keep('half of two');
        throw new Error('a bug');
      });
      writer.write(() => {
        isOpenInside = history.database.connection.inTransaction;
        keep('three');
      });
      order.push('nothing stored yet');
    },
    (isAnything) => writer.write(() => keep(`last, ${isAnything}`)),
  );
  const names = history.database.connection.prepare('SELECT name FROM audit ORDER BY seq').pluck().all();
  expect(names).toEqual(['one', 'three', 'last, true']);
  expect([isOpenInside, order]).toEqual([true, ['nothing stored yet', 'change', 'after one']]);
});
