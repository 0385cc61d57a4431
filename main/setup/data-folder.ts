/** Where Baton keeps its files, by the custom of each system. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Empty for a user without one, as in some containers. */
export function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** Null for a user without a home folder who does not say where else. `environment` is the process's; XDG Base Directory specification on Linux. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home = homeFolder(),
): string | null {
  const place = platform === 'win32' ? environment.APPDATA : platform === 'darwin' ? '' : environment.XDG_DATA_HOME;
  if (home === '' && !place) return null;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Baton');
  if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'Baton');
  return join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), 'baton');
}
