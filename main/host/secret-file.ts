/** Secrets in a file that only its owner can read: for machines without a keychain, and for the terminal host. */
import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SecretStore } from './host-keys.ts';

/** A file that others could read is made private when it is read. On Windows, the mode says nothing and is left alone. */
export function createSecretFile(path: string): SecretStore {
  return {
    async read() {
      try {
        if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    async write(text) {
      const temporary = `${path}.new`;
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      // Windows cannot open a folder, and does without.
      if (process.platform === 'win32') return;
      const folder = await open(dirname(path), 'r');
      await folder.sync().finally(() => folder.close());
    },
  };
}
