import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listSources, ROOMS, ROOT } from './import-tree.ts';

const LINES_MAX = 400;

test('files and types are named for the noun inside, never for a place to put things', () => {
  const files = [...ROOMS, 'scripts', 'test'].flatMap(listSources).filter((file) => !file.startsWith('test/fixtures/'));
  const inName = /(?:^|[-/])(?:desk|manager|helper|util)s?(?:[-./]|$)/;
  const inType = /\b(?:class|interface|type|enum) (\w*(?:Desk|Manager|Helper|Util)s?(?![a-z])\w*)/g;
  const found = files.flatMap((file) => [
    ...(inName.test(file) ? [file] : []),
    ...[...readFileSync(join(ROOT, file), 'utf8').matchAll(inType)].map(([, name]) => `${file}: ${name}`),
  ]);
  expect(found).toEqual([]);
});

test('no source file has grown past what one noun needs', () => {
  const long = [...ROOMS, 'scripts', 'test']
    .flatMap(listSources)
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > LINES_MAX);
  expect(long).toEqual([]);
});
