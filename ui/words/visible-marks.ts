/**
 * Characters that nobody sees, or that turn the writing round, so that a text reads as something else than it is: in what a person is to
 * allow, each is drawn as its number. Pure.
 */

export type VisiblePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `text` is what is drawn in its place: `U+202E`, or `U+200B ×12` for a run of one. */
  | { readonly kind: 'mark'; readonly text: string };

/**
 * Controls but tab and line end; format characters but those of Arabic and Kaithi that are drawn; line and paragraph separators; fillers
 * and joiners without width; halves of characters.
 */
const UNSEEN =
  /\u034f|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|(?!\r\n)[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
/** What makes one picture of several: seen by what it does, as long as it stands where it does that. */
const BEFORE_JOINER = /\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?$/u;
/** A text with more marks than this is drawn without colouring them: every one of them costs an element. */
const PARTS_MAX = 400;

/** The text in the order in which it is drawn; one part if there is nothing unseen in it. */
export function splitVisible(text: string): readonly VisiblePart[] {
  const unseen = findUnseen(text);
  const parts: VisiblePart[] = [];
  let from = 0;
  for (let next = 0; next < unseen.length; ) {
    const { character, index } = unseen[next] as Unseen;
    let times = 1;
    const follows = ({ character: other, index: at }: Unseen) =>
      other === character && at === index + times * character.length;
    for (let other = unseen[next + 1]; other && follows(other); other = unseen[next + times]) times += 1;
    if (index > from) parts.push({ kind: 'text', text: text.slice(from, index) });
    parts.push({ kind: 'mark', text: markOf(character, times) });
    from = index + times * character.length;
    next += times;
  }
  if (from < text.length || parts.length === 0) parts.push({ kind: 'text', text: text.slice(from) });
  return parts.length <= PARTS_MAX ? parts : [{ kind: 'text', text: parts.map(plainPart).join('') }];
}

interface Unseen {
  readonly character: string;
  readonly index: number;
}

function findUnseen(text: string): readonly Unseen[] {
  const found: Unseen[] = [];
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (character === '\n' || character === '\t' || isPartOfPicture(text, character, index)) continue;
    found.push({ character, index });
  }
  return found;
}

function markOf(character: string, times: number): string {
  const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return times === 1 ? `U+${number}` : `U+${number} ×${times}`;
}

function plainPart({ kind, text }: VisiblePart): string {
  return kind === 'mark' ? `⟨${text}⟩` : text;
}

/** Whether it stands in the middle of an emoji. */
function isPartOfPicture(text: string, character: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 4), index);
  if (character === '\ufe0f') return /[\p{Emoji}]$/u.test(before);
  if (character !== '\u200d') return false;
  return BEFORE_JOINER.test(before) && /^\p{Extended_Pictographic}/u.test(text.slice(index + 1, index + 3));
}
