import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiledPackage, writeCompiledPackage } from '#scripts/compiled-package.ts';

const manifest = { imports: { '#main/*.ts': './main/*.ts', '#phone/*.tsx': './phone/*.tsx' } };

test('compiled files find compiled files under the names of the sources', () => {
  expect(compiledPackage(manifest)).toEqual({
    type: 'module',
    imports: { '#main/*.ts': './main/*.js', '#phone/*.tsx': './phone/*.js' },
  });
});

test('what is there already is left alone, so that nothing that watches starts again', () => {
  const root = mkdtempSync(join(tmpdir(), 'baton-package-'));
  try {
    writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
    writeCompiledPackage(root);
    const file = join(root, 'dist/package.json');
    const before = statSync(file, { bigint: true });
    writeCompiledPackage(root);
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    writeFileSync(file, '{}');
    writeCompiledPackage(root);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(compiledPackage(manifest));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
