import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '#main/host/make-folder.ts';
import { temporaryFolder } from './history/support.ts';

test('a folder and those above it are made, for their owner only, and one that is there is left alone', () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a file in the way is told, not waited for', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow('EEXIST');
  expect(() => makeFolder(join(file, 'below'))).toThrow(/ENOTDIR|EEXIST/);
});

// There a recursive mkdir of Node never returns.
test.runIf(process.platform === 'linux')('a place where no folder can be made is told, not waited for', () => {
  expect(() => makeFolder('/proc/baton')).toThrow('ENOENT');
});
