/** What goes wrong unseen: a promise that nobody waits for, an exception that nobody caught. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listSources, ROOMS, ROOT } from './import-tree.ts';

test('a promise that nobody waits for is marked by unawaited, which says what was attempted, and never by void', () => {
  const bare = /(?:^|[^=:<|,] |=> )void (?:this|[a-z#(])[\w.#(]*\(/;
  const found = ROOMS.flatMap(listSources).flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => bare.test(line) && !/^\s*(?:\*|\/)/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test('every process has the one crash policy, and nobody else listens for what was not caught', () => {
  const entries = ['main/index.ts', 'main/terminal/index.ts', 'main/keeper/server/index.ts', 'relay/index.ts'];
  const installs = (file: string) =>
    /\b(?:surviveCrashes|installCrashHandlers)\(/.test(readFileSync(join(ROOT, file), 'utf8'));
  expect(entries.filter((file) => !installs(file))).toEqual([]);
  const listens = ROOMS.flatMap(listSources).filter((file) =>
    /'(?:uncaughtException|unhandledRejection)'/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(listens).toEqual(['lib/crash-policy.ts']);
});
