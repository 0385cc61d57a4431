/** Every channel that the contract names can be called by a page that was taken over; so every one has to refuse what it does not expect. */
import { expect, test } from 'vitest';
import { type Channel, calls } from '#preload/contract.ts';

const channels = Object.entries(calls).map(([name, { argument }]) => ({
  name: name as Channel,
  takesNothing: argument.safeParse(null).success,
}));
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

test('the contract is as large as it was', () => {
  expect(channels.length).toBeGreaterThan(30);
});

test.each(channels)('$name refuses garbage', ({ name, takesNothing }) => {
  const parser = calls[name].argument;
  const taken = [...GARBAGE, ...(takesNothing ? [] : [null])].filter((value) => parser.safeParse(value).success);
  // An empty object is a whole one where everything may be left out.
  expect(name === 'settings.set' ? taken.filter((value) => Object.keys(value as object).length > 0) : taken).toEqual(
    [],
  );
});
