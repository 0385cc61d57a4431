import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findElectron } from '#test/support/app/find-electron.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-electron-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('real Electron is used where its folder is named and a display is there', () => {
  writeFileSync(join(folder, 'electron'), '');
  const env = { ELECTRON_OVERRIDE_DIST_PATH: folder };
  expect(findElectron({ ...env, DISPLAY: ':1' }, 'linux')).toEqual({
    kind: 'found',
    executable: join(folder, 'electron'),
  });
  expect(findElectron({ ...env, WAYLAND_DISPLAY: 'wayland-0' }, 'linux').kind).toBe('found');
  expect(findElectron(env, 'linux')).toMatchObject({ kind: 'missing', reason: expect.stringContaining('display') });
});

it('on macOS it is the program inside the bundle, and no display is asked for', () => {
  mkdirSync(join(folder, 'Electron.app/Contents/MacOS'), { recursive: true });
  const executable = join(folder, 'Electron.app/Contents/MacOS/Electron');
  writeFileSync(executable, '');
  expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder }, 'darwin')).toEqual({ kind: 'found', executable });
});

it('a folder without Electron is said by its name', () => {
  expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder, DISPLAY: ':1' }, 'linux')).toEqual({
    kind: 'missing',
    reason: `there is no Electron in ELECTRON_OVERRIDE_DIST_PATH (${folder})`,
  });
});
