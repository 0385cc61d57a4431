import { expect, test } from 'vitest';
import { titleFromFolder, titleFromPrompt } from '#main/host/sessions/titles.ts';

test.each([
  ['Fix the bug', 'Fix the bug'],
  ['\n\n  # Fix   the bug\nmore', 'Fix the bug'],
  ['```ts\nconst a = 1;\n```\nWhat does this do?', 'What does this do?'],
  ['> - 1. Quoted list', 'Quoted list'],
  ['---\n***\nAfter a rule', 'After a rule'],
  ['2024 was a year', '2024 was a year'],
  ['日本語でお願いします', '日本語でお願いします'],
  ['42', '42'],
  ['   \n ', null],
])('%j is called %j', (prompt, title) => {
  expect(titleFromPrompt(prompt)).toBe(title);
});

test('a long line is cut at a word, a long word in itself, never inside a character', () => {
  expect(titleFromPrompt(`${'word '.repeat(40)}`)).toBe(`${'word '.repeat(15).trimEnd()}…`);
  expect(titleFromPrompt('\u{1f600}x'.repeat(100))?.isWellFormed()).toBe(true);
  expect([...(titleFromPrompt('y'.repeat(500)) ?? '')]).toHaveLength(80);
});

test('a folder is called by its last part', () => {
  expect(['/home/ada/baton', '/home/ada/baton/', 'C:\\work\\baton', '/'].map(titleFromFolder)).toEqual([
    'baton',
    'baton',
    'baton',
    '/',
  ]);
});
