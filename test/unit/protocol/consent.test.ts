import { expect, test } from 'vitest';
import { digestOf } from '#main/host/sessions/consent.ts';
import { consentDigest, isShownWithoutProof, plainQuestion, type Question } from '#protocol/consent.ts';
import type { ToolCall } from '#protocol/events.ts';

const TOOL: ToolCall = {
  id: 't',
  title: 'Run',
  kind: 'execute',
  state: 'pending',
  content: [
    { kind: 'text', text: 'why' },
    { kind: 'diff', path: '/a', before: 'x', after: 'y' },
    { kind: 'blob', blob: 'b', bytes: 9, sha256: 'b', head: 'h', of: 'arguments' },
  ],
  paths: ['/a'],
  input: 'make',
  arguments: '{}',
};
const QUESTION: Question = {
  approval: 'q',
  session: 's',
  title: 'Run make?',
  tool: TOOL,
  options: [{ id: 'yes', name: 'Yes', kind: 'allow_once' }],
};

function withTool(change: Partial<ToolCall>): Question {
  return { ...QUESTION, tool: { ...TOOL, ...change } };
}

test('page and host have the same digest of a question', async () => {
  expect(await consentDigest(QUESTION)).toBe(digestOf(QUESTION));
  expect(await consentDigest({ ...QUESTION, tool: null })).toBe(digestOf({ ...QUESTION, tool: null }));
});

test('any part of a question changes its digest; how far the call is does not', () => {
  const [text, diff, blob] = TOOL.content;
  const others: Question[] = [
    { ...QUESTION, approval: 'r' },
    { ...QUESTION, session: 'r' },
    { ...QUESTION, title: 'Run make!' },
    { ...QUESTION, tool: null },
    { ...QUESTION, options: [] },
    { ...QUESTION, options: [{ id: 'no', name: 'Yes', kind: 'allow_once' }] },
    { ...QUESTION, options: [{ id: 'yes', name: 'No', kind: 'allow_once' }] },
    { ...QUESTION, options: [{ id: 'yes', name: 'Yes', kind: 'allow_always' }] },
    { ...QUESTION, options: [{ id: 'yes', name: 'Yes', kind: 'allow_once', said: '' }] },
    ...[{ id: 'u' }, { title: 'Walk' }, { kind: 'edit' }, { input: 'make ' }, { arguments: '[]' }].map(withTool),
    ...[{ paths: [] }, { paths: ['/a', '/b'] }, { isCut: true }, { content: [] }].map(withTool),
    ...[
      [diff, text, blob],
      [text, { kind: 'diff', path: '/b', before: 'x', after: 'y' }, blob],
      [text, { kind: 'diff', path: '/a', before: null, after: 'y' }, blob],
      [text, { kind: 'diff', path: '/a', before: 'x', after: 'z' }, blob],
      [text, diff, { ...blob, sha256: 'c' }],
      [text, diff, { ...blob, of: 'input' }],
      [text, diff, { ...blob, path: '/b' }],
    ].map((content) => withTool({ content: content as ToolCall['content'] })),
  ];
  const digests = [QUESTION, ...others].map(digestOf);
  expect(new Set(digests).size).toBe(digests.length);
  expect(digestOf(withTool({ state: 'running' }))).toBe(digestOf(QUESTION));
});

const plain = (title: string, tool: Partial<ToolCall> = {}): Question => ({
  ...QUESTION,
  title,
  tool: { id: 't', title, kind: 'execute', state: 'pending', content: [], paths: [], ...tool },
});

test.each([
  ['a title alone', plain('Run the tests'), 'Run the tests'],
  ['a title that is the command', plain('make all', { input: 'make all' }), 'make all'],
  ['a title, a command and a file', plain('Build', { input: 'make', paths: ['/m'] }), 'Build · make · /m'],
  ['other arguments', plain('Build', { input: 'make', arguments: '{"cwd":"/"}' }), null],
  ['a text beside it', plain('Build', { content: [{ kind: 'text', text: 'x' }] }), null],
  ['a part that could not be kept', plain('Build', { isCut: true }), null],
  ['a second line', plain('Build', { input: 'make\nrm x' }), null],
  ['a run of blanks', plain('Build', { input: `make${' '.repeat(9)}; rm x` }), null],
  ['a blank at the end', plain('Build', { input: 'make ' }), null],
  ['writing turned round', plain('Build', { input: 'make \u202etxt' }), null],
  ['letters that look like others', plain('Build', { input: 'm\u0430ke' }), null],
  ['more than fits', plain('Build', { input: 'm'.repeat(40) }), null],
])('%s: one plain line says all of it, or it is none', (_what, question, line) => {
  expect(plainQuestion(question, 40)).toBe(line);
});

test('a page that sends no proof shows no input that stands in the title', () => {
  expect(isShownWithoutProof(plain('make all', { input: 'make all' }))).toBe(true);
  expect(isShownWithoutProof(plain('Build', { input: 'make' }))).toBe(true);
  expect(isShownWithoutProof(plain('Never call rm x by mistake', { input: 'rm x' }))).toBe(false);
  expect(isShownWithoutProof(QUESTION)).toBe(false);
});
