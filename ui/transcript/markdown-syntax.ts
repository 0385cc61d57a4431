/**
 * How the words of an agent become HTML: Markdown as people write it about code. Tags, generics and placeholders are text; a backslash in
 * a Windows path stays; only `~~` strikes out; Chinese, Japanese and Korean emphasis works. What it makes is not yet safe.
 */
import { Marked, type RendererObject, type TokenizerObject, type Tokens } from 'marked';
import cjkFriendly from 'marked-cjk-friendly';

/** Tags that agents mean as such; all others are shown as they are written. */
const MEANT_TAG = /<\/?(?:br|kbd|sub|sup|details|summary)\s*\/?>/i;
const HTML_PIECE = new RegExp(`${MEANT_TAG.source}|[&<>"']`, 'gi');

/** From a drive, a share, the home or the folder itself: what a backslash belongs to. */
const WINDOWS_PATH = /(?:[A-Za-z]:|%\w+%|~|\.{1,2})\\[^\s`*"<>|]*|\\\\\w[\w.$-]*\\[^\s`*"<>|]*/;
const AT_PATH = new RegExp(`^(?:${WINDOWS_PATH.source})`);
const PATH_BEGINS = new RegExp(`(?<![\\w\\\\.])(?:${WINDOWS_PATH.source})`);

const STRUCK = /^~~(?=[^\s~])((?:\\.|[^\\])*?(?:\\.|[^\s~\\]))~~(?=[^~]|$)/;

const TAG =
  /^<(?:!--[\s\S]*?-->|\/?[A-Za-z][\w:-]*(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?>|\?[\s\S]*?\?>|![A-Za-z][^>]*>)/;

const tokenizer: TokenizerObject = {
  del(this: { lexer: { inlineTokens(text: string): Tokens.Generic[] } }, src: string): Tokens.Del | undefined {
    const [raw, text] = STRUCK.exec(src) ?? [];
    return raw === undefined || text === undefined
      ? undefined
      : ({ type: 'del', raw, text, tokens: this.lexer.inlineTokens(text) } as Tokens.Del);
  },
  // Unlike the tokenizer's own: it does not take what follows `<pre>` or `<code>` for HTML.
  tag(src: string): Tokens.Tag | undefined {
    const [raw] = TAG.exec(src) ?? [];
    return raw === undefined
      ? undefined
      : { type: 'html', raw, inLink: false, inRawBlock: false, block: false, text: raw };
  },
};

const renderer: RendererObject = {
  html({ text, block }: Tokens.HTML | Tokens.Tag): string {
    const shown = text.replace(HTML_PIECE, (piece) => (MEANT_TAG.test(piece) ? piece : escapeHtml(piece)));
    return block && !MEANT_TAG.test(text) ? `<p class="plain-text">${shown.trimEnd()}</p>` : shown;
  },
  // An image would tell a stranger's server that this text is being read: only its description is shown.
  image: ({ text, href }) => escapeHtml(text || href),
  link({ href, text, tokens }): string | false {
    if (/^(?:https?:\/\/|mailto:)/i.test(href)) return false;
    // It leads nowhere from here, so it is told.
    const words = this.parser.parseInline(tokens);
    return text === href ? `<code>${escapeHtml(href)}</code>` : `${words} <code>${escapeHtml(href)}</code>`;
  },
};

const windowsPath = {
  name: 'windowsPath',
  level: 'inline' as const,
  start: (src: string) => PATH_BEGINS.exec(src)?.index,
  tokenizer(src: string): Tokens.Generic | undefined {
    const [raw] = AT_PATH.exec(src) ?? [];
    return raw === undefined ? undefined : { type: 'windowsPath', raw, text: raw };
  },
  renderer: ({ text }: Tokens.Generic) => escapeHtml(String(text)),
};

/** Throws where the text is nested beyond what the parser can take. */
export function createMarkdownParser(): (text: string) => string {
  const marked = new Marked({ gfm: true, breaks: false });
  marked.use(cjkFriendly(), { tokenizer, renderer, extensions: [windowsPath] });
  return (text) => marked.parse(text, { async: false });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
