import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitVisible } from '#ui/words/visible-marks.ts';

const drawn = (text: string) =>
  splitVisible(text)
    .map((part) => (part.kind === 'mark' ? `<${part.text}>` : part.text))
    .join('');

test.each([
  ['the writing turned round', 'a\u202eb\u2066c', 'a<U+202E>b<U+2066>c'],
  ['nothing where something is', 'a\u200bb\ufeff', 'a<U+200B>b<U+FEFF>'],
  ['a run of one of them', `a${'\u200b'.repeat(12)}b`, 'a<U+200B ×12>b'],
  ['what moves a cursor', 'a\u001b[2K\bb', 'a<U+001B>[2K<U+0008>b'],
  ['a line that is written over', 'safe\rrm', 'safe<U+000D>rm'],
  ['a filler', 'a\u3164b\u2800', 'a<U+3164>b<U+2800>'],
  ['tags outside of flags', 'a\u{e0041}b', 'a<U+E0041>b'],
  ['half a character', 'a\ud83d', 'a<U+D83D>'],
  ['a joiner between letters', 'a\u200db', 'a<U+200D>b'],
])('%s is seen', (_what, text, shown) => {
  expect(drawn(text)).toBe(shown);
});

test.each([
  ['lines and tabs', 'a\n\tb\r\nc'],
  ['Japanese', '日本語の文章（括弧付き）。\u3000全角'],
  ['Arabic and Hebrew', 'مرحبا, שלום'],
  ['pictures of several characters', '👩‍👩‍👧 ❤️ 👍🏽 🏳️‍🌈 1️⃣'],
])('%s stay as they are', (_what, text) => {
  expect(drawn(text)).toBe(text);
});

test('whatever the text, all that is drawn as a character stands there in its order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const parts = splitVisible(text);
      let at = 0;
      for (const part of parts) {
        if (part.kind === 'text') {
          expect(text.startsWith(part.text, at)).toBe(true);
          at += part.text.length;
          continue;
        }
        const [, hex = '', times = '1'] = /^U\+([0-9A-F]+)(?: ×(\d+))?$/.exec(part.text) ?? [];
        const run = String.fromCodePoint(Number.parseInt(hex, 16)).repeat(Number(times));
        expect(text.startsWith(run, at)).toBe(true);
        at += run.length;
      }
      expect(at).toBe(text.length);
    }),
    { numRuns: 300 },
  );
});

test('a text full of them stays one piece of the page', () => {
  const parts = splitVisible('a\u200b'.repeat(5_000));
  expect(parts).toHaveLength(1);
  expect(parts[0]?.text.match(/⟨U\+200B⟩/g)).toHaveLength(5_000);
});
