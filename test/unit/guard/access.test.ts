import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const DECIDES = 'main/host/access.ts';

/** What access is decided by, and the files besides `access.ts` that hold it without deciding anything. */
const RULES: { word: RegExp; holds: readonly string[] }[] = [
  { word: /\brevokedAt\b/, holds: ['main/host/history/device-store.ts'] },
  { word: /\bremoteControl\b/, holds: ['main/host/settings.ts'] },
  { word: /\bisAllowed\b/, holds: [] },
  // The session's own switch: its row, and the answer for the screen that shows the switch.
  { word: /\.isRemote\b(?!\()/, holds: ['main/host/history/session-store.ts', 'main/host/sessions/supervisor.ts'] },
  // A revoked device has no key.
  { word: /\bpsk\s*[!=]==?\s*null\b/, holds: [] },
];

/** The code of a file without its comments, which may name anything. */
function codeOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

test('who may see and do what is decided in access.ts, and nowhere else in the host', () => {
  const files = readdirSync(join(ROOT, 'main/host'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  const found = RULES.flatMap(({ word, holds }) =>
    files
      .filter((file) => file !== DECIDES && !holds.includes(file) && word.test(codeOf(file)))
      .map((file) => `${file} reads ${word.source}`),
  );
  expect(found).toEqual([]);
  // Each word is still what the decision is made by: a rename must not leave this test with nothing to find.
  expect(RULES.filter(({ word }) => !word.test(codeOf(DECIDES))).map(({ word }) => word.source)).toEqual([]);
});
