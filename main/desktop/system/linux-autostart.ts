/** Start at login on Linux: an entry in the desktop's autostart folder (Desktop Entry and Desktop Application Autostart specifications). */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '#main/host/make-folder.ts';

const ENTRY_FILE = 'baton.desktop';
const GROUP = '[Desktop Entry]';

/** `$XDG_CONFIG_HOME/autostart/baton.desktop`. */
export function autostartPath(environment: NodeJS.ProcessEnv, home: string): string {
  return join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'autostart', ENTRY_FILE);
}

/** The entry that starts `command` (program and arguments) at login. Null if the command cannot be written in one. */
export function renderAutostartEntry(command: readonly string[]): string | null {
  const program = command[0];
  if (program === undefined || command.some((word) => /[\r\n\0]/.test(word))) return null;
  // The specification allows no = in the name of a program.
  if (program.includes('=')) return null;
  return [
    GROUP,
    'Type=Application',
    'Name=Baton',
    'Comment=Keeps your coding agents running and lets your phone carry them on',
    `Exec=${escapeString(command.map(quoteArgument).join(' '))}`,
    `TryExec=${escapeString(program)}`,
    'Icon=baton',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** One argument of Exec: quoted where it holds a reserved character; a percent sign begins a field code unless it is doubled. */
export function quoteArgument(argument: string): string {
  const doubled = argument.replaceAll('%', '%%');
  if (doubled !== '' && !/[\s"'\\><~|&;$*?#()`]/.test(doubled)) return doubled;
  return `"${doubled.replaceAll(/["`$\\]/g, '\\$&')}"`;
}

/** Of any value of type string: after the rules of Exec, and besides them. */
function escapeString(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t');
}

/** What an entry says: whether it starts anything, and which program. */
export function parseAutostartEntry(text: string): { isEnabled: boolean; program: string | null } {
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf(GROUP);
  const keys = new Map<string, string>();
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    if (line.startsWith('[')) break;
    const equals = line.indexOf('=');
    if (equals > 0) keys.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  const isEnabled =
    keys.has('Exec') && keys.get('Hidden') !== 'true' && keys.get('X-GNOME-Autostart-enabled') !== 'false';
  return { isEnabled, program: keys.get('TryExec')?.replaceAll(/\\(.)/g, '$1') ?? null };
}

/** The entry's text; null if there is none. */
export async function readAutostart(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function writeAutostart(path: string, entry: string): Promise<void> {
  makeFolder(dirname(path));
  await writeFile(`${path}.new`, entry, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

export async function removeAutostart(path: string): Promise<void> {
  await rm(path, { force: true });
}
