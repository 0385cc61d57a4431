/** Where Baton keeps its files, by the custom of each system. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `environment` is the process's; XDG Base Directory specification on Linux. */
export function defaultDataFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Baton');
  if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'Baton');
  return join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), 'baton');
}
