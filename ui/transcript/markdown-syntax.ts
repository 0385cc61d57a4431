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
const PATH_ROOT = String.raw`(?:[A-Za-z]:|%\w{1,40}%|~|\.{1,2})`;
const PATH_REST = '[^\\s`*"<>|]*';
const AT_PATH = new RegExp(String.raw`^(?:${PATH_ROOT}\\${PATH_REST}|\\\\\w[\w.$-]*\\${PATH_REST})`);
/** The longest root, and what must not stand before it. */
const ROOT_MAX_CHARS = 43;
const ROOT_ENDS = new RegExp(String.raw`(?<![\w\\.])${PATH_ROOT}$`);

const tokenizer: TokenizerObject = {
  // Two tildes, as the one before this takes them; one is a tilde.
  del: (src) => (src.startsWith('~~') ? false : undefined),
  // As the tokenizer's own, but what follows `<pre>` or `<code>` is not taken for HTML.
  tag(src): Tokens.Tag | undefined {
    const raw = this.rules.inline.tag.exec(src)?.[0];
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
  start: pathStart,
  tokenizer(src: string): Tokens.Generic | undefined {
    const [raw] = AT_PATH.exec(src) ?? [];
    return raw === undefined ? undefined : { type: 'windowsPath', raw, text: raw };
  },
  renderer: ({ text }: Tokens.Generic) => escapeHtml(String(text)),
};

/** Only the first backslash is of interest: the parser stops there by itself. */
function pathStart(src: string): number | undefined {
  const slash = src.indexOf('\\');
  if (slash === -1) return undefined;
  const root = ROOT_ENDS.exec(src.slice(Math.max(0, slash - ROOT_MAX_CHARS), slash))?.[0];
  return root === undefined ? slash : slash - root.length;
}

/** Throws where the text is nested beyond what the parser can take. */
export function createMarkdownParser(): (text: string) => string {
  const marked = new Marked({ gfm: true, breaks: false });
  marked.use(cjkFriendly(), { tokenizer, renderer, extensions: [windowsPath] });
  return (text) => marked.parse(text, { async: false });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
