/** Finds a program as a shell would: by its path, or by its name in the folders of PATH. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from './shell-environment.ts';

const WINDOWS_EXTENSIONS = '.COM;.EXE;.BAT;.CMD';

/**
 * The absolute path of a program that this user may run, or null. `name` is a name, an absolute path or one that begins with `~/`.
 * Relative entries of PATH are left out: an agent's folder must not decide which program runs.
 */
export async function findProgram(name: string, environment: Environment): Promise<string | null> {
  const path = name.startsWith('~/') ? join(homedir(), name.slice(2)) : name;
  const isWindows = process.platform === 'win32';
  const extensions = isWindows ? ['', ...variable(environment, 'PATHEXT', WINDOWS_EXTENSIONS).split(';')] : [''];
  if (isAbsolute(path)) return firstProgram(extensions.map((extension) => path + extension));
  if (/[\\/]/.test(path)) return null;
  const folders = variable(environment, 'PATH', '').split(delimiter).filter(isAbsolute);
  return firstProgram(folders.flatMap((folder) => extensions.map((extension) => join(folder, path + extension))));
}

async function firstProgram(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    if (await isProgram(path)) return path;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** A variable whatever its case, for Windows calls it `Path`. */
function variable(environment: Environment, name: string, fallback: string): string {
  const found = Object.keys(environment).find((key) => key.toUpperCase() === name);
  return (found && environment[found]) || fallback;
}
