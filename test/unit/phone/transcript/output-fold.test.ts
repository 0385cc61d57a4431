import { describe, expect, test } from 'vitest';
import {
  folderName,
  foldOutput,
  OUTPUT_FOLDED_LINES,
  shortPath,
  sizeWords,
  splitBlocks,
} from '#phone/transcript/output-fold.ts';

const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line + 1}`).join('\n');

describe('a folded output', () => {
  test('is whole up to the limit, whatever empty lines follow it', () => {
    expect(foldOutput(`${lines(OUTPUT_FOLDED_LINES)}\n\n`)).toEqual({
      text: lines(OUTPUT_FOLDED_LINES),
      allLines: null,
    });
  });

  test('shows the first lines and says how many there are', () => {
    expect(foldOutput(lines(40))).toEqual({ text: lines(OUTPUT_FOLDED_LINES), allLines: 40 });
  });

  test('cuts a single endless line too', () => {
    const folded = foldOutput('x'.repeat(100_000));
    expect(folded.text.length).toBeLessThan(5000);
    expect(folded.allLines).toBe(1);
  });
});

test('sizes are told in units a person reads', () => {
  expect([999, 64 * 1024, 1_430_000].map(sizeWords)).toEqual(['999 bytes', '66 KB', '1.4 MB']);
});

test('a long path is told by its last two parts', () => {
  expect(['/home/ada/code/baton', '/', '/srv', '~/notes', 'C:\\Users\\ada\\work'].map(shortPath)).toEqual([
    '…/code/baton',
    '/',
    '/srv',
    '~/notes',
    '…\\ada\\work',
  ]);
});

describe('blocks of a text that is being written', () => {
  test('of a folder its name is its last part', () => {
    expect(['/home/ada/code/baton', '/home/ada/code/baton/', '/', 'C:\\Users\\ada'].map(folderName)).toEqual([
      'baton',
      'baton',
      '/',
      'ada',
    ]);
  });

  test('end at blank lines', () => {
    expect(splitBlocks('one\ntwo\n\nthree\n\n\nfour')).toEqual(['one\ntwo', 'three', 'four']);
  });

  test('never end inside code, also when the code is not finished', () => {
    expect(splitBlocks('text\n\n```ts\na\n\nb\n```\n\nmore')).toEqual(['text', '```ts\na\n\nb\n```', 'more']);
    expect(splitBlocks('```\na\n\nb')).toEqual(['```\na\n\nb']);
  });

  test('keep an indented continuation with the list above it', () => {
    expect(splitBlocks('- item\n\n  still the item\n\nnew')).toEqual(['- item\n\n  still the item', 'new']);
  });
});
