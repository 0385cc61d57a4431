/** A custom agent as it is typed. Pure. */

export interface AgentDraft {
  readonly name: string;
  readonly command: string;
}

/** Agents' ids in the settings: small letters, digits, ".", "_" and "-". */
export function agentId(name: string, taken: readonly string[]): string {
  const base =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 56) || 'agent';
  let id = base;
  for (let count = 2; taken.includes(id); count += 1) id = `${base}-${count}`;
  return id;
}

/**
 * A command line as its program and arguments: blanks divide, '…' and "…" hold together, nothing else is special, and a
 * backslash is only that, for Windows' paths.
 */
export function splitCommand(line: string): { ok: true; value: readonly string[] } | { ok: false; error: string } {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const char of line) {
    if (quote !== null) {
      if (char === quote) quote = null;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) return { ok: false, error: `A ${quote} is opened and not closed.` };
  if (word !== null) words.push(word);
  if (words.length === 0 || words[0] === '') return { ok: false, error: 'Type the command that starts the agent.' };
  return { ok: true, value: words };
}

/** The command line again, for reading. */
export function joinCommand(command: string, args: readonly string[]): string {
  return [command, ...args].map((word) => (/^[^\s'"]+$/.test(word) ? word : `"${word}"`)).join(' ');
}
