/** The first `units` UTF-16 units of a text, without cutting a character in two. */
export function textHead(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units);
}

/** The last `units` UTF-16 units, in the same way. */
export function textTail(text: string, units: number): string {
  if (text.length <= units) return text;
  const first = text.charCodeAt(text.length - units);
  return text.slice(text.length - (first >= 0xdc00 && first <= 0xdfff ? units - 1 : units));
}
