import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureFirstLoad } from '#test/support/bench/first-load.ts';

const FIRST_LOAD_MAX_BYTES = 90 * 1024;
/** Names of things, not addresses: nothing is fetched from them. */
const NAMES = [
  'http://www.w3.org/1998/Math/MathML',
  'http://www.w3.org/1999/xhtml',
  'http://www.w3.org/2000/svg',
  // In the text of an error of the Markdown library.
  'https://github.com/markedjs/marked.',
];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-bundle-'));
  // As `npm run build` does it: in this process the libraries' development code would be bundled.
  const root = resolve(import.meta.dirname, '../../..');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', 'phone', '--outDir', folder, '--logLevel', 'warn'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the JavaScript that the page loads first is at most 90 KiB, compressed', () => {
  const { scripts, scriptBytes, laterScriptBytes } = measureFirstLoad(folder);
  expect(scripts).toEqual([expect.stringMatching(/^assets\/index-.*\.js$/)]);
  expect(scriptBytes).toBeLessThanOrEqual(FIRST_LOAD_MAX_BYTES);
  // Markdown is not needed for the first picture.
  expect(laterScriptBytes).toBeGreaterThan(0);
});

test('the page holds no address of anybody else', () => {
  const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.png'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/\b(?:https?|wss?):\/\/[a-z0-9][^\s"'`<>()\\]*|["'`(=]\/\/[a-z0-9-]+\.[a-z]{2}[^\s"'`<>()]*/gi),
  ]);
  const addresses = new Set(found.map(([address]) => address));
  expect([...addresses].filter((address) => !NAMES.includes(address))).toEqual([]);
});
