import { expect, test } from 'vitest';
import { pathWords } from '#ui/words/path-words.ts';

const POSIX = '/home/ada/code/baton';
const WINDOWS = 'C:\\Users\\Ada\\code';

test.each([
  [`${POSIX}/src/a.ts`, 'src/a.ts'],
  ['src/a.ts', 'src/a.ts'],
  [`${POSIX}//src//a.ts `, 'src//a.ts '],
  ['src/../a.ts', 'src/../a.ts'],
  [POSIX, POSIX],
])('%s lies in the project', (path, text) => {
  expect(pathWords(path, POSIX)).toEqual({ text, isOutside: false });
});

test.each([
  '/etc/passwd',
  '../x',
  'src/../../x',
  '~/.ssh/id',
  `${POSIX}/../other/x`,
  `${POSIX}-evil/x`,
  `${POSIX}/src/../../x`,
  '/home/ada/code',
])('%s does not, and is told whole', (path) => {
  expect(pathWords(path, POSIX)).toEqual({ text: path, isOutside: true });
});

test.each([
  ['C:\\Users\\Ada\\code\\a.ts', 'a.ts', false],
  ['c:/users/ada/code/src/a.ts', 'src/a.ts', false],
  ['src\\a.ts', 'src\\a.ts', false],
  ['C:\\Users\\Ada\\code\\src\\a.ts', 'src\\a.ts', false],
  ['D:\\x', 'D:\\x', true],
  ['C:x', 'C:x', true],
  ['\\\\server\\share', '\\\\server\\share', true],
  ['..\\x', '..\\x', true],
])('on Windows: %s', (path, text, isOutside) => {
  expect(pathWords(path, WINDOWS)).toEqual({ text, isOutside });
});

test('where the folder is not known, nothing is said of it', () => {
  expect(pathWords('/x', null)).toEqual({ text: '/x', isOutside: false });
});
