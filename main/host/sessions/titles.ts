/** What a session is called. Pure. */

const TITLE_FROM_PROMPT_MAX_CHARS = 80;

/** The first line of a prompt that says something, short enough for a list; null if none does. */
export function titleFromPrompt(text: string): string | null {
  let isInCode = false;
  for (const line of text.slice(0, 20_000).split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) {
      isInCode = !isInCode;
      continue;
    }
    const plain = line
      .replace(/^\s*(?:(?:#{1,6}|>|[-*+•]|\d{1,3}[.)])\s+)*/, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
    if (!isInCode && /\p{L}{2}/u.test(plain)) return shorten(plain);
  }
  const any = text.slice(0, 20_000).replaceAll(/\s+/g, ' ').trim();
  return any === '' ? null : shorten(any);
}

/** The folder's own name; the whole path for a root. */
export function titleFromFolder(folder: string): string {
  return folder.split(/[\\/]/).filter(Boolean).at(-1) ?? folder;
}

function shorten(text: string): string {
  const characters = [...text];
  if (characters.length <= TITLE_FROM_PROMPT_MAX_CHARS) return text;
  const cut = characters.slice(0, TITLE_FROM_PROMPT_MAX_CHARS - 1).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > cut.length / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}
