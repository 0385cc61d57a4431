import { expect, test } from 'vitest';
import type { HistoryDatabase } from '../../../../../main/host/history/database.ts';
import { silentLog } from '../../../../../main/host/log.ts';
import { Writer } from '../../../../../main/host/sessions/writer.ts';
import { FakeClock } from './support.ts';

/** Only its transaction is used. */
const database = { transaction: (work: () => void) => work() } as unknown as HistoryDatabase;

test('a bug in what follows one step does not keep later steps from being stored', () => {
  const writer = new Writer(database, new FakeClock(), silentLog, () => {});
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
