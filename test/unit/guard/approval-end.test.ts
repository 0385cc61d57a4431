import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
/** What writes the end of a question: its event, and its row. */
const WRITES = [/kind: 'approval\.resolved'/, /approvals\.resolve\(/];

test('the end of a question is written in one place: the journal', () => {
  const found = readdirSync(join(ROOT, 'main'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return WRITES.flatMap((write) => (text.match(new RegExp(write, 'g')) ?? []).map((match) => `${file}: ${match}`));
    });
  expect(found.toSorted()).toEqual([
    'main/host/sessions/session-journal.ts: approvals.resolve(',
    "main/host/sessions/session-journal.ts: kind: 'approval.resolved'",
  ]);
});
