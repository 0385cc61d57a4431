import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { describeDataFolderError } from '#main/host/folder-failure.ts';
import { makeFolder as makeDataFolder } from '#main/host/make-folder.ts';
import { openSettings } from '#main/host/settings.ts';
import { makeDemoFolder } from '#main/setup/demo-folder.ts';
import { addProjectFolders } from '#main/setup/project-folders.ts';
import { makeFolder } from '#test/support/test-host.ts';

test('folders are added once each; one that is none is named, and then nothing is added', () => {
  const folder = makeFolder();
  const settings = openSettings({ path: join(folder, 'settings.json'), now: Date.now, log: silentLog });
  const [one, two] = [makeFolder(), makeFolder()];
  expect(addProjectFolders(settings, [one, one])).toBeNull();
  expect(addProjectFolders(settings, [two, join(folder, 'missing')])).toBe(join(folder, 'missing'));
  expect(settings.get().projects).toEqual([one]);
  expect(addProjectFolders(settings, [two, one])).toBeNull();
  expect(settings.get().projects).toEqual([one, two]);
});

test('the folder to play in has a file to edit, which is left as it was edited', () => {
  const folder = makeDemoFolder(makeFolder());
  const file = join(folder, 'hello.js');
  expect(readFileSync(file, 'utf8')).toContain('hello');
  writeFileSync(file, 'edited');
  makeDemoFolder(join(folder, '..'));
  expect(readFileSync(file, 'utf8')).toBe('edited');
});

test('a data folder that cannot be made is explained in words', () => {
  const file = join(makeFolder(), 'file');
  writeFileSync(file, '');
  const reasons = [file, join(file, 'below')].map((path) => {
    try {
      makeDataFolder(path);
      return '';
    } catch (error) {
      return describeDataFolderError(error);
    }
  });
  expect(reasons).toEqual(['it is a file.', expect.stringMatching(/it is a file\.|no folder can be made there\./)]);
  expect(existsSync(join(file, 'below'))).toBe(false);
});
