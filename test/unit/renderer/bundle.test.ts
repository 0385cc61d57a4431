import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** With the conversation, as on the phone; its Markdown comes later. */
const FIRST_LOAD_MAX_BYTES = 104 * 1024;

let folder: string;
let html: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-renderer-'));
  // As `npm run build` does it: in this process the libraries' development code would be bundled.
  const root = resolve(import.meta.dirname, '../../..');
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'renderer', '--outDir', folder, '--logLevel', 'warn'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  html = readFileSync(join(folder, 'index.html'), 'utf8');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('everything the window loads first is at most 104 KiB, compressed', () => {
  const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file as string);
  expect(files).toEqual(
    expect.arrayContaining([expect.stringMatching(/^assets\/.*\.js$/), expect.stringMatching(/^assets\/.*\.css$/)]),
  );
  const bytes = ['index.html', ...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length,
    0,
  );
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX_BYTES);
});

test('its Content-Security-Policy can forbid everything inline: no script, style or handler stands in the page', () => {
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
  expect([...html.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)).toEqual([
    expect.stringContaining('src="./assets/'),
  ]);
});

test('nothing of Node or of main is in it', () => {
  const scripts = readdirSync(join(folder, 'assets'))
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(join(folder, 'assets', file), 'utf8'));
  const foreign = /["'`]node:[a-z/]+["'`]|better-sqlite3|ipcRenderer|\brequire\(["'`]/g;
  expect([...scripts.join('\n').matchAll(foreign)].map(([found]) => found)).toEqual([]);
});
