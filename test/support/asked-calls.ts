/** Random tool calls as an agent asks about them: any JSON, any Unicode, sizes to 2 MB. */
import fc from 'fast-check';

export interface AskedCall {
  readonly title: string;
  readonly kind: string;
  readonly rawInput: unknown;
  readonly content: readonly Piece[];
  readonly locations: readonly { readonly path: string }[];
}

type Piece =
  | { readonly type: 'content'; readonly content: { readonly type: 'text'; readonly text: string } }
  | { readonly type: 'diff'; readonly path: string; readonly oldText?: string; readonly newText: string };

/** Also what nobody sees, turns the writing round, or ends lines. */
const TRICKY = ['\u202e', '\u200b', '\u0000', '\u001b[2K', '\r', '\r\n', '\n', '\ud83d', '\u2028', '\u00ad', '\u3164'];

const short = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
      { weight: 2, arbitrary: fc.constantFrom(...TRICKY) },
      { weight: 1, arbitrary: fc.nat(200).map((blanks) => ' '.repeat(blanks)) },
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** One that ends in words of its own, behind much else. */
const long = fc
  .tuple(fc.constantFrom(' ', 'x', 'line\n', '日本', 'a\u200b'), fc.integer({ min: 1_000, max: 60_000 }), short)
  .map(([unit, times, end]) => `${unit.repeat(times)}${end}`);
const huge = fc
  .tuple(fc.constantFrom('0123456789abcdef', 'another line\n'), fc.integer({ min: 60_000, max: 130_000 }), short)
  .map(([unit, times, end]) => `${unit.repeat(times)}${end}`);

const text = fc.oneof({ weight: 40, arbitrary: short }, { weight: 2, arbitrary: long }, { weight: 1, arbitrary: huge });
const path = fc.oneof(
  short.map((name) => `/home/ada/code/baton/${name}`),
  short.map((name) => `../${name}`),
  short,
);

export const askedCall: fc.Arbitrary<AskedCall> = fc.record({
  title: short,
  kind: fc.constantFrom('execute', 'edit', 'read', 'other'),
  rawInput: fc.oneof(
    fc.record({ command: text }),
    fc.record({ command: text, cwd: short, env: fc.dictionary(short, short, { maxKeys: 3 }) }),
    fc.record({ command: fc.array(short, { maxLength: 4 }) }),
    fc.dictionary(short, fc.oneof(text, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 4 }),
    fc.jsonValue({ maxDepth: 3 }),
    fc.constant(null),
  ),
  content: fc.array(
    fc.oneof(
      text.map((words): Piece => ({ type: 'content', content: { type: 'text', text: words } })),
      fc.record({ type: fc.constant('diff' as const), path, oldText: text, newText: text }),
      fc.record({ type: fc.constant('diff' as const), path, newText: text }),
    ),
    { maxLength: 3 },
  ),
  locations: fc.array(
    path.map((one) => ({ path: one })),
    { maxLength: 3 },
  ),
});
