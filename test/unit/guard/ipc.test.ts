/** Every channel that the contract names can be called by a page that was taken over; so every one has to refuse what it does not expect. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { callParsers } from '#main/shell/ipc-parsers.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** As written in the contract, which is only types. */
function readChannels(): { name: string; takesNothing: boolean }[] {
  const contract = readFileSync(join(ROOT, 'preload/contract.ts'), 'utf8');
  const calls = /export interface Calls \{([\s\S]*?)\n\}/.exec(contract)?.[1] ?? '';
  return [...calls.matchAll(/'([a-z.-]+)': Call<\s*(null\b)?/g)].map(([, name, nothing]) => ({
    name: name as string,
    takesNothing: nothing !== undefined,
  }));
}

const channels = readChannels();
const cyclic: Record<string, unknown> = {};
cyclic.itself = cyclic;
const GARBAGE: readonly unknown[] = [
  undefined,
  true,
  0,
  Number.NaN,
  '',
  'x'.repeat(100_000),
  [],
  [null],
  {},
  { surplus: 1 },
  cyclic,
  JSON.parse('{"__proto__": {"page": "sessions"}}'),
  new Date(0),
  new Map([['page', 'sessions']]),
  () => null,
];

test('every channel of the contract has a parser, and there is no other', () => {
  expect(channels.length).toBeGreaterThan(30);
  expect(Object.keys(callParsers).sort()).toEqual(channels.map(({ name }) => name).sort());
});

test.each(channels)('$name refuses garbage', ({ name, takesNothing }) => {
  const parser = callParsers[name as keyof typeof callParsers];
  const taken = [...GARBAGE, ...(takesNothing ? [] : [null])].filter((value) => parser.safeParse(value).success);
  // An empty object is a whole one where everything may be left out.
  expect(name === 'settings.set' ? taken.filter((value) => Object.keys(value as object).length > 0) : taken).toEqual(
    [],
  );
  expect(parser.safeParse(null).success).toBe(takesNothing);
});
