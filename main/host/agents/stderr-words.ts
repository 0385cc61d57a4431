/** What a program that failed wrote to stderr, as far as it speaks to a person. Pure. */

const SHOWN_CHARS = 1_000;
const SHOWN_LINES = 4;
/** A line that a program writes for those who debug it, not for those who use it. */
const DEBUG_LINE = /^\s*(\[|\{|at |\d{4}-\d\d-\d\d|(DEBUG|INFO|TRACE|debug|info|trace)\b)/;

/** The last few lines that say more than `known`, without debug output and stack traces; empty if there are none. */
export function lastWords(stderr: string, known: string): string {
  const lines = stderr
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !DEBUG_LINE.test(line) && !known.includes(line.trim()));
  return lines.slice(-SHOWN_LINES).join('\n').slice(-SHOWN_CHARS);
}
