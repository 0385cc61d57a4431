/** Pure: what stands in a terminal after a program has printed its lines there; colours, titles and the cursor's ways are left out. */
import stripAnsi from 'strip-ansi';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's own signs are what is looked for.
const ERASES_LINE = /\u001b\[[02]?K/;

export function terminalText(printed: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  if (!/[\r\u001b\u009b\b]/.test(printed)) return printed;
  return printed.split('\n').map(lastState).join('\n');
}

/** A line whose beginning was written over, as by a progress bar. */
function lastState(line: string): string {
  let shown = '';
  for (const part of line.split('\r')) {
    const before = ERASES_LINE.test(part) ? '' : shown;
    const written = withoutErased(stripAnsi(part));
    shown = written + before.slice(written.length);
  }
  return shown;
}

/** Backspaces take back what stands before them. */
function withoutErased(text: string): string {
  if (!text.includes('\b')) return text;
  const left: string[] = [];
  for (const character of text) {
    if (character === '\b') left.pop();
    else left.push(character);
  }
  return left.join('');
}
