import { expect, test } from 'vitest';
import { Screen } from '#main/terminal/screen.ts';

test('a status line stays on one line of a terminal, however narrow that is and however wide its characters are', () => {
  let written = '';
  const terminal = { isTTY: true, columns: 10, write: (text: string) => (written += text) };
  const screen = new Screen(terminal);
  screen.setStatus('connected to everything');
  expect(written).toBe('\r\u001b[2K\u001b[?7lconnecte…\u001b[?7h');
  written = '';
  terminal.columns = 100;
  screen.setStatus('“漢字漢字漢字漢字”');
  expect(written).toBe('\r\u001b[2K\u001b[?7l“漢字漢字漢字漢字”\u001b[?7h');
});
