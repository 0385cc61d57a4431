/** Pure: text in the cells of a terminal, where some characters are two cells wide. */

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** East Asian wide and fullwidth characters (Unicode Standard Annex 11) and emoji, as terminals draw them. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

function cellsOf(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : 1;
}

/** How many cells a text takes. */
export function measureText(text: string): number {
  let cells = 0;
  for (const { segment } of GRAPHEMES.segment(text)) cells += cellsOf(segment);
  return cells;
}

/** Cut with an ellipsis, or padded on the right or the left, to exactly so many cells. */
export function fitText(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  let [fitted, width] = [text, measureText(text)];
  if (width > cells) {
    [fitted, width] = ['', 1];
    for (const { segment } of GRAPHEMES.segment(text)) {
      if (width + cellsOf(segment) > cells) break;
      fitted += segment;
      width += cellsOf(segment);
    }
    fitted += '…';
  }
  const padding = ' '.repeat(Math.max(0, cells - width));
  return align === 'left' ? fitted + padding : padding + fitted;
}
