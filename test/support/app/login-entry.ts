/** The file that starts a program at login on Linux. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Null if there is none; throws if there are several. */
export function readLoginEntry(configFolder: string): { file: string; text: string } | null {
  const folder = join(configFolder, 'autostart');
  if (!existsSync(folder)) return null;
  // A file that is being written has another ending, and is gone in a moment.
  const names = readdirSync(folder).filter((name) => name.endsWith('.desktop'));
  if (names.length > 1) throw new Error(`Several login entries: ${names.join(', ')}`);
  const [name] = names;
  return name === undefined ? null : { file: join(folder, name), text: readFileSync(join(folder, name), 'utf8') };
}
