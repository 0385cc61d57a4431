/** What a fresh clone needs of a machine, and brings along. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { terminalCommand } from '#scripts/terminal-command.ts';
import { ROOT } from './import-tree.ts';

const manifest = () => JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

test('npm scripts run on the Node that the project brings, 22.12 or newer', () => {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  expect(major > 22 || (major === 22 && minor >= 12)).toBe(true);
  const own = execFileSync(join(ROOT, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' }).trim();
  expect(own).toBe(`v${manifest().devDependencies.node}`);
  expect(process.version).toBe(own);
});

test('npm run host gives Node the same as npm start does', () => {
  expect(manifest().scripts.host).toContain(`node ${terminalCommand('.').join(' ').replaceAll('\\', '/')}`);
});

test('every dependency is pinned to one version, and the lock file names no registry', () => {
  const { dependencies, devDependencies } = manifest();
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
  );
  expect(ranges).toEqual([]);
  expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved":/);
});

test('the pieces that a fresh clone needs are there', () => {
  const needed = [
    '.ci/run',
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'protocol/README.md',
    'relay/Dockerfile',
    'electron-builder.yml',
    'assets/logo.svg',
  ];
  expect(needed.filter((file) => !statSync(join(ROOT, file), { throwIfNoEntry: false })?.isFile())).toEqual([]);
});
