/**
 * Markdown of agents, made safe: parsed by marked, sanitised by DOMPurify into nodes, never through `innerHTML` of the page.
 * DOMPurify brings the Trusted Types policy `dompurify` with it, which the page's Content-Security-Policy names.
 * Loaded on demand, because the list of sessions needs none of it.
 */
import createDOMPurify, { type Config } from 'dompurify';
import { createMarkdownParser } from './markdown-syntax.ts';

export interface MarkdownRenderer {
  /** A new copy of the rendered text, ready to be put into the page. */
  render(text: string): DocumentFragment;
}

/** Rendered texts that are kept: what scrolls out of view comes back at once. */
const CACHE_MAX_TEXTS = 300;
/** Longer texts are shown plain: parsing them would freeze a phone. */
export const MARKDOWN_MAX_CHARS = 400_000;

const ALLOWED_TAGS = [
  ...[
    'a',
    'b',
    'blockquote',
    'br',
    'code',
    'del',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'i',
    'kbd',
    'li',
    'ol',
    'p',
    'pre',
  ],
  ...['s', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul', 'details', 'summary', 'input'],
];
const ALLOWED_ATTR = ['href', 'title', 'start', 'align', 'class', 'type', 'checked', 'disabled', 'open'];

export function createMarkdownRenderer(window: Window & typeof globalThis): MarkdownRenderer {
  const { document } = window;
  const purify = createDOMPurify(window);
  const parse = createMarkdownParser();
  const config: Config = {
    ALLOWED_TAGS,
    ALLOWED_ATTR,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    // Every other attribute would be held against that expression too.
    ADD_URI_SAFE_ATTR: ALLOWED_ATTR.filter((name) => name !== 'href'),
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  };
  purify.addHook('uponSanitizeAttribute', (element, attribute) => {
    // The page's own looks are not for agents to borrow: a class may only name a code block's language.
    if (
      attribute.attrName === 'class' &&
      attribute.attrValue !== 'plain-text' &&
      !(element.nodeName === 'CODE' && /^language-[\w+#.-]+$/.test(attribute.attrValue))
    ) {
      attribute.keepAttr = false;
    }
  });
  const cache = new Map<string, DocumentFragment>();

  const make = (text: string): DocumentFragment => {
    if (text.length > MARKDOWN_MAX_CHARS) return plain(document, text);
    try {
      const fragment = purify.sanitize(parse(text), config) as unknown as DocumentFragment;
      const owned = document.importNode(fragment, true);
      dress(document, owned);
      return owned;
    } catch {
      // Nested beyond what the parser can take.
      return plain(document, text);
    }
  };

  return {
    render: (text) => {
      let fragment = cache.get(text);
      if (fragment) cache.delete(text);
      else fragment = make(text);
      cache.set(text, fragment);
      const oldest = cache.size > CACHE_MAX_TEXTS ? cache.keys().next().value : undefined;
      if (oldest !== undefined) cache.delete(oldest);
      return fragment.cloneNode(true) as DocumentFragment;
    },
  };
}

function plain(document: Document, text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const block = document.createElement('p');
  block.className = 'plain-text';
  block.dir = 'auto';
  block.textContent = text;
  fragment.append(block);
  return fragment;
}

const BLOCKS = 'p, li, ul, ol, h1, h2, h3, h4, h5, h6, blockquote, td, th, summary';

/** Links leave the page safely, wide things scroll inside themselves, code can be copied. */
function dress(document: Document, fragment: DocumentFragment): void {
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    // On a phone nothing else tells where it leads.
    const host = hostOf(link.href);
    if (host !== null && !namesHost(link.textContent ?? '', host)) {
      const place = document.createElement('span');
      place.className = 'link-host';
      place.textContent = ` (${host})`;
      link.append(place);
    }
  }
  // Each block is written in the direction of its own language; code never turns round.
  for (const block of fragment.querySelectorAll(BLOCKS)) block.setAttribute('dir', 'auto');
  for (const code of fragment.querySelectorAll('pre, code')) code.setAttribute('dir', 'ltr');
  for (const input of fragment.querySelectorAll('input')) {
    if (input.type !== 'checkbox') input.remove();
    else input.disabled = true;
  }
  for (const table of fragment.querySelectorAll('table')) wrap(document, table, 'table-box');
  for (const pre of fragment.querySelectorAll('pre')) {
    const box = wrap(document, pre, 'code-box');
    pre.tabIndex = 0;
    const language = /(?:^|\s)language-([\w+#.-]{1,24})/.exec(pre.querySelector('code')?.className ?? '')?.[1];
    const bar = document.createElement('div');
    bar.className = 'code-bar';
    const label = document.createElement('span');
    label.textContent = language ?? '';
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.className = 'copy';
    copy.dataset.copy = '';
    copy.textContent = 'Copy';
    bar.append(label, copy);
    box.prepend(bar);
  }
}

function hostOf(address: string): string | null {
  return /^https?:/i.test(address) ? new URL(address).host : null;
}

/** Whether the words are that host, or an address there that says so at its beginning. */
function namesHost(words: string, host: string): boolean {
  const [named = ''] = words
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .split(/[/?#]/);
  return named === host;
}

function wrap(document: Document, element: Element, className: string): HTMLElement {
  const box = document.createElement('div');
  box.className = className;
  element.replaceWith(box);
  box.append(element);
  return box;
}
