import { describe, expect, test } from 'vitest';
import { STREAMING_TEXT_MAX_CHARS } from '#ui/client/limits.ts';
import { StreamingTexts } from '#ui/client/streaming-texts.ts';

const piece = (id: string, from: number, text: string) => ({ id, role: 'message' as const, from, text });

describe('streaming texts', () => {
  test('grow at the place that the host names, oldest text first', () => {
    const texts = new StreamingTexts();
    const results = [piece('a', 0, 'Hel'), piece('b', 0, 'x'), piece('a', 3, 'lo'), piece('a', 3, 'p!')].map((each) =>
      texts.apply(each),
    );
    expect(results).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(texts.list).toEqual([
      { id: 'a', role: 'message', text: 'Help!' },
      { id: 'b', role: 'message', text: 'x' },
    ]);
  });

  test('begin again at 0', () => {
    const texts = new StreamingTexts();
    texts.apply(piece('a', 0, 'one way'));
    texts.apply(piece('a', 0, 'or'));
    expect(texts.list[0]?.text).toBe('or');
  });

  test('never show what has a hole', () => {
    const texts = new StreamingTexts();
    texts.apply(piece('a', 0, 'abc'));
    expect(texts.apply(piece('a', 5, 'f'))).toBe('gap');
    expect(texts.apply(piece('unheard', 1, 'f'))).toBe('gap');
    expect(texts.list.map((each) => each.text)).toEqual(['abc']);
  });

  test('end when they are finished', () => {
    const texts = new StreamingTexts();
    texts.apply(piece('a', 0, 'abc'));
    expect([texts.finish('a'), texts.finish('a'), texts.list]).toEqual([true, false, []]);
  });

  test('stop growing at their limit without asking the host for more', () => {
    const texts = new StreamingTexts();
    texts.apply(piece('a', 0, 'x'.repeat(STREAMING_TEXT_MAX_CHARS + 10)));
    expect(texts.apply(piece('a', STREAMING_TEXT_MAX_CHARS + 10, 'y'))).toBe('applied');
    expect(texts.list[0]?.text).toHaveLength(STREAMING_TEXT_MAX_CHARS);
  });
});
