/** Holds the documents against the tree: what they show, lead to and name is there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const README_MAX_LINES = 130;
/** Rooms and folders at the root: something in backticks that begins with one of them is a path of this tree. */
const ROOMS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['node_modules', 'dist', 'test-results'].includes(entry.name))
  .map((entry) => entry.name);

/** Every page in the root and under docs/, by its path from the root. */
const PAGES = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  'test/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
];

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const isThere = (file: string) => statSync(join(ROOT, file), { throwIfNoEntry: false }) !== undefined;

/** The text of a page without its blocks of code. */
const proseOf = (page: string) => read(page).replaceAll(/^```[\s\S]*?^```$/gm, '');

/** What a page shows or leads to inside this tree. `file`: from the root; `anchor`: empty if it leads to no heading. */
function targetsOf(page: string): { file: string; anchor: string }[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target as string)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      return { file: path === '' ? page : join(dirname(page), path), anchor };
    });
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Paths of this tree that a page names in backticks. */
function pathsIn(page: string): string[] {
  return [...proseOf(page).matchAll(/`([^`\s]+)`/g)]
    .map(([, text]) => text as string)
    .filter((text) => {
      const [first = '', ...rest] = text.split('/');
      if (/[*<>{}$@#:]/.test(text) || text.startsWith('.')) return false;
      // One word is a file of the root if its ending says so; those that Baton makes on a computer are none of this tree.
      if (rest.length === 0) return /\.(ts|tsx|cts|cjs|yml)$/.test(text) || /^[A-Z]+\.md$/.test(text);
      return ROOMS.includes(first) || /\.(ts|tsx|cts|cjs|md)$/.test(text);
    });
}

test('the documents are found, and so is what they name', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md']));
  expect(PAGES.filter((page) => page.startsWith('docs/decisions/')).length).toBeGreaterThan(10);
  expect(pathsIn('docs/architecture.md').length).toBeGreaterThan(60);
  expect(PAGES.flatMap(targetsOf).length).toBeGreaterThan(100);
});

test('every picture and page that a document shows or leads to is there', () => {
  const missing = PAGES.flatMap((page) =>
    targetsOf(page)
      .filter(({ file, anchor }) => !isThere(file) || (anchor !== '' && !anchorsOf(file).includes(anchor)))
      .map(({ file, anchor }) => `${page} → ${file}${anchor && `#${anchor}`}`),
  );
  expect(missing).toEqual([]);
});

test('every screenshot that is kept is shown in a document', () => {
  const shown = new Set(PAGES.flatMap(targetsOf).map(({ file }) => file));
  const kept = readdirSync(join(ROOT, 'assets/screenshots')).map((file) => `assets/screenshots/${file}`);
  expect(kept.length).toBeGreaterThan(40);
  expect(kept.filter((file) => !shown.has(file))).toEqual([]);
});

test('every path that a document names in backticks is there', () => {
  // An old entry of the changelog may name what has gone since.
  const missing = PAGES.filter((page) => page !== 'CHANGELOG.md').flatMap((page) =>
    pathsIn(page)
      .filter((path) => !isThere(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test('the README is short: what it is, how to begin, and where to read on', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(README_MAX_LINES);
});

test('the README begins with the two commands that a newcomer needs', () => {
  const [, first = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(read('README.md')) ?? [];
  expect(first.split('\n').map((line) => line.split('#')[0]?.trim())).toEqual([
    'npm ci && npm start -- --demo',
    'npm ci && npm test',
    '',
  ]);
});
