/** What a doctor finds, check by check. */

export type CheckName =
  | 'folder'
  | 'settings'
  | 'history'
  | 'keys'
  | 'clock'
  | 'relay'
  | 'name'
  | 'connect'
  | 'secure'
  | 'upgrade'
  | 'sign-in'
  | 'link'
  | 'admission'
  | 'round-trip'
  | 'devices'
  | 'agents'
  | 'notifications';

/** `skipped`: it could not be found out, or there is nothing to be found out; the text says why. */
export type CheckState = 'ok' | 'wrong' | 'skipped';

export interface Finding {
  readonly state: CheckState;
  /** For people. If it is wrong: what is wrong and what to do. */
  readonly text: string;
}

export interface Check extends Finding {
  readonly name: CheckName;
  /** What people call it. */
  readonly title: string;
  readonly ms: number;
}

export interface Diagnosis {
  readonly isOk: boolean;
  /** One sentence: the first thing that is wrong and what to do about it, or that nothing is. */
  readonly text: string;
  /** In the order in which they were made; what comes first is the cause of what comes later. */
  readonly checks: readonly Check[];
  /** Milliseconds since 1970, by this computer's clock. */
  readonly at: number;
}

export const ok = (text: string): Finding => ({ state: 'ok', text });
export const wrong = (text: string): Finding => ({ state: 'wrong', text });
export const skipped = (text: string): Finding => ({ state: 'skipped', text });

/** Names that begin a sentence and keep their capital in the middle of one. */
const NAMES = /^(Baton|Caddy|Node)\b/;

/** Pure: sentences as one, with semicolons between them. */
export function toOneSentence(text: string): string {
  return text.replaceAll(/\. (\S+)/g, (_match, word: string) => {
    const isKept = NAMES.test(word) || /^[A-Z]{2}/.test(word);
    return `; ${isKept ? word : word.charAt(0).toLowerCase() + word.slice(1)}`;
  });
}

/** Pure: the one sentence about all checks. */
export function summarise(checks: readonly Check[]): string {
  const first = checks.find(({ state }) => state === 'wrong');
  if (first) return toOneSentence(first.text);
  return checks.some(({ state }) => state === 'skipped')
    ? 'Nothing is wrong with what could be checked.'
    : 'Everything works.';
}
