/** What is typed for a relay, checked before it is sent to main, which checks it again. Pure. */

export interface RelayChoice {
  /** Origin; null: the relay inside Baton. */
  readonly address: string | null;
  /** https origin that leads to the relay inside Baton. */
  readonly publicUrl: string | null;
}
export interface RelayDraft {
  readonly kind: 'own' | 'other';
  readonly address: string;
  readonly publicUrl: string;
}

export function draftOf(choice: RelayChoice): RelayDraft {
  return {
    kind: choice.address === null ? 'own' : 'other',
    address: choice.address ?? '',
    publicUrl: choice.publicUrl ?? '',
  };
}

/** The choice as origins, or what is wrong with what was typed. */
export function readDraft(draft: RelayDraft): { ok: true; value: RelayChoice } | { ok: false; error: string } {
  if (draft.kind === 'own') {
    if (draft.publicUrl.trim() === '') return { ok: true, value: { address: null, publicUrl: null } };
    const url = readOrigin(draft.publicUrl);
    if (!url.ok) return url;
    return { ok: true, value: { address: null, publicUrl: url.value } };
  }
  const address = readOrigin(draft.address);
  return address.ok ? { ok: true, value: { address: address.value, publicUrl: null } } : address;
}

/** A name without a scheme means https. Plain http is for this computer only: browsers encrypt nothing elsewhere. */
export function readOrigin(typed: string): { ok: true; value: string } | { ok: false; error: string } {
  const text = typed.trim();
  if (text === '') return { ok: false, error: 'Type the address of the relay, such as https://relay.example.' };
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address))
    return { ok: false, error: `“${text}” is no address. It looks like https://relay.example.` };
  const url = new URL(address);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return {
      ok: false,
      error: 'The address must begin with https://: a phone’s browser refuses to encrypt on a page without it.',
    };
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/')
    return { ok: false, error: `Only the name and port count: leave out everything after ${url.origin}.` };
  return { ok: true, value: url.origin };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

export function isSameChoice(a: RelayChoice, b: RelayChoice): boolean {
  return a.address === b.address && a.publicUrl === b.publicUrl;
}

/** Which address a test dials: the one that phones would use. */
export function testedAddress(choice: RelayChoice): string | null {
  return choice.address ?? choice.publicUrl;
}
