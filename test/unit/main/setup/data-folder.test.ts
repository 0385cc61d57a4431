import { expect, test } from 'vitest';
import { defaultDataFolder } from '#main/setup/data-folder.ts';

test('the data folder is where each system keeps such things; without a home there may be none', () => {
  expect(defaultDataFolder('linux', {}, '/home/ada')).toBe('/home/ada/.local/share/baton');
  expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/data' }, '')).toBe('/data/baton');
  expect(defaultDataFolder('darwin', {}, '/Users/ada')).toBe('/Users/ada/Library/Application Support/Baton');
  expect(defaultDataFolder('linux', {}, '')).toBeNull();
  expect(defaultDataFolder('darwin', {}, '')).toBeNull();
});
