import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  clearFailure,
  downloadElectron,
  findElectron,
  readElectronPackage,
  readFailure,
  writeFailure,
} from '#scripts/electron-binary.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'baton-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string, mode = 0o644): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** As `npm ci` leaves it. */
function makePackage(install = '') {
  put('node_modules/electron/package.json', '{"version": "45.4.1"}');
  put('node_modules/electron/install.js', install);
  const found = readElectronPackage(root);
  if (found === null) throw new Error('The package that was just made is not found.');
  return found;
}

test('without the npm package there is nothing to look for', () => {
  expect(readElectronPackage(root)).toBeNull();
});

test('the program counts only with the version of the package, and only if it can be run', () => {
  const electron = makePackage();
  const find = () => findElectron(electron, {}, 'linux').kind;
  expect(find()).toBe('absent');
  const executable = put('node_modules/electron/dist/electron', '#!/bin/sh\n');
  put('node_modules/electron/dist/version', 'v45.4.1\n');
  expect(find()).toBe('absent');
  chmodSync(executable, 0o755);
  expect(findElectron(electron, {}, 'linux')).toEqual({ kind: 'here', executable });
  put('node_modules/electron/dist/version', '44.0.0');
  expect(find()).toBe('absent');
});

test('ELECTRON_OVERRIDE_DIST_PATH stands before the package, and is believed only if a program is there', () => {
  const electron = makePackage();
  const environment = { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'own') };
  const executable = join(root, 'own/Electron.app/Contents/MacOS/Electron');
  expect(findElectron(electron, environment, 'darwin')).toEqual({ kind: 'override-empty', executable });
  put('own/Electron.app/Contents/MacOS/Electron', '', 0o755);
  expect(findElectron(electron, environment, 'darwin')).toEqual({ kind: 'here', executable });
});

test('a download is the install of the package itself; why it failed is its first line', async () => {
  // A mirror of one's own: only the install can tell whether it is there.
  const environment = { ...process.env, ELECTRON_MIRROR: 'http://127.0.0.1:9/', OUT: join(root, 'ran') };
  const said: string[] = [];
  const run = (install: string) =>
    downloadElectron(makePackage(install), environment, { isShown: false, say: (text) => void said.push(text) });
  expect(await run(`require('fs').writeFileSync(process.env.OUT, '')`)).toBeNull();
  expect(await run(`console.error('HTTPError: not found\\n    at x'); process.exit(1)`)).toBe('not found');
  expect(await run('process.exit(3)')).toBe('code 3');
  expect(said).toHaveLength(3);
});

test('a failure is remembered for its version, and a damaged memory is none', () => {
  const file = join(root, '.cache/baton/electron.json');
  expect(readFailure(file, '45.4.1')).toBeNull();
  writeFailure(file, '45.4.1', { at: 5, reason: 'no network' });
  expect(readFailure(file, '45.4.1')).toEqual({ at: 5, reason: 'no network' });
  expect(readFailure(file, '45.5.0')).toBeNull();
  writeFileSync(file, '{"version": "45.4.1", "at": "yesterday"}');
  expect(readFailure(file, '45.4.1')).toBeNull();
  clearFailure(file);
  clearFailure(file);
  expect(readFailure(file, '45.4.1')).toBeNull();
});
