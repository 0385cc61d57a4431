/** The only places outside that Baton opens in the person's browser. The window names a place; it never gives an address. */
import type { OutsidePage } from '#preload/contract.ts';

type FixedPage = Exclude<OutsidePage, 'update'>;

const PAGES: Readonly<Record<FixedPage, string>> = {
  'agent-client-protocol': 'https://agentclientprotocol.com/',
  caddy: 'https://caddyserver.com/docs/quick-starts/reverse-proxy',
  'tailscale-serve': 'https://tailscale.com/kb/1312/serve',
};

/** `updatePage`: from this build's own package, null if it names none. */
export function outsideAddress(page: OutsidePage, updatePage: string | null): string | null {
  return page === 'update' ? updatePage : PAGES[page];
}

/** The address in a package's `homepage`, if it is one that may be opened. A name in `.invalid` (RFC 2606) says that there is none yet. */
export function parseUpdatePage(homepage: unknown): string | null {
  if (typeof homepage !== 'string' || !URL.canParse(homepage)) return null;
  const url = new URL(homepage);
  if (url.hostname.endsWith('.invalid')) return null;
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : null;
}
