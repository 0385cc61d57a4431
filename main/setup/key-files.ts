/** Where the host's keys lie in the data folder. Both bodies have to know, or one would make a second set beside the other's. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Readable by this user; what the host in a terminal uses, and the tray app where there is no keychain. */
export const PLAIN_KEYS_FILE = 'keys.json';
/** Encrypted with a key that the system's keychain keeps; only the tray app can read it. */
export const ENCRYPTED_KEYS_FILE = 'keys.keychain';

/** Why a body without a keychain cannot use this folder; null if it can. */
export function findKeychainObstacle(dataFolder: string): string | null {
  const isEncrypted = existsSync(join(dataFolder, ENCRYPTED_KEYS_FILE));
  if (!isEncrypted || existsSync(join(dataFolder, PLAIN_KEYS_FILE))) return null;
  return `The keys of ${dataFolder} are in this system's keychain, where only the tray app of Baton can read them. Start the tray app, or choose another folder with --data.`;
}
