import type { Scope } from '#preload/contract.ts';

/** What a device may do, from most to least. */
export const SCOPES: readonly { readonly scope: Scope; readonly name: string; readonly words: string }[] = [
  { scope: 'full', name: 'Everything', words: 'Start, end and rename sessions, write prompts, answer questions' },
  { scope: 'answer', name: 'Answer and write', words: 'Answer questions and write prompts, start nothing' },
  { scope: 'watch', name: 'Watch only', words: 'See what happens, change nothing' },
];
