import { expect, test } from 'vitest';
import { terminalText } from '#ui/transcript/terminal-text.ts';

const ESC = '\u001b';

test.each([
  ['colours', `${ESC}[1m${ESC}[32mok${ESC}[0m 3 passed`, 'ok 3 passed'],
  ['a title and a link', `${ESC}]0;npm\u0007run ${ESC}]8;;https://a.example${ESC}\\docs${ESC}]8;;${ESC}\\`, 'run docs'],
  ['a progress bar', '10 %\r 50 %\r100 %\ndone\n', '100 %\ndone\n'],
  ['a shorter line over a longer one', 'downloading\rdone', 'doneloading'],
  ['an erased line', `downloading\r${ESC}[Kdone`, 'done'],
  ['lines of Windows', 'one\r\ntwo\r\n', 'one\ntwo\n'],
  ['a spinner', '|\b/\b-\b ready', ' ready'],
  ['nothing of a terminal', 'plain [32m text\n\tx', 'plain [32m text\n\tx'],
])('%s', (_what, printed, shown) => {
  expect(terminalText(printed)).toBe(shown);
});

test('a bar of a hundred thousand steps is read at once', () => {
  const bar = Array.from({ length: 100_000 }, (_, step) => `step ${step}`).join('\r');
  expect(terminalText(bar)).toBe('step 99999');
  expect(terminalText(`${'x'.repeat(100_000)}${'\b'.repeat(100_000)}`)).toBe('');
});
