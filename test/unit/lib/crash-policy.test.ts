import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { surviveCrashes } from '#lib/crash-policy.ts';

test('what nobody caught is reported as what it was, and a report that fails itself is given up', () => {
  const source = new EventEmitter();
  const reported: unknown[] = [];
  surviveCrashes(source, (what, error) => {
    reported.push([what, error]);
    throw new Error('no room for the log');
  });
  source.emit('uncaughtException', 'one');
  source.emit('unhandledRejection', 'two');
  expect(reported).toEqual([
    ['Nobody caught an error', 'one'],
    ['Nobody handled a rejection', 'two'],
  ]);
});
