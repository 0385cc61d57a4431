/**
 * Where the host's keys lie: encrypted with a key of the system's keychain; where there is none, in a file that only this user can read.
 * Nothing that cannot be read is ever overwritten.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SafeStorage } from 'electron';
import type { Log } from '#lib/log.ts';
import type { SecretStore } from '#main/host/host-keys.ts';
import { createSecretFile } from '#main/host/secret-file.ts';
import { ENCRYPTED_KEYS_FILE, PLAIN_KEYS_FILE } from '#main/setup/key-files.ts';
import type { SecretsView } from '#preload/contract.ts';

export type KeychainApi = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

export interface KeychainSecretsOptions {
  readonly safeStorage: KeychainApi;
  readonly platform: NodeJS.Platform;
  readonly dataFolder: string;
  readonly log: Log;
}

export class KeychainSecrets implements SecretStore {
  /** For the person, as of the last time it was read or written. */
  view: SecretsView = { kind: 'file', text: 'The keys have not been read yet.' };
  /** To be told once; null if all is well. */
  notice: string | null = null;
  readonly #options: KeychainSecretsOptions;
  readonly #encryptedPath: string;
  readonly #plainPath: string;

  constructor(options: KeychainSecretsOptions) {
    this.#options = options;
    this.#encryptedPath = join(options.dataFolder, ENCRYPTED_KEYS_FILE);
    this.#plainPath = join(options.dataFolder, PLAIN_KEYS_FILE);
  }

  /** Moves the keys of a terminal host into the keychain, once. Throws, in words, if the keychain does not give out what it has. */
  async read(): Promise<string | null> {
    const encrypted = await readIfThere(this.#encryptedPath);
    const plainFile = createSecretFile(this.#plainPath);
    if (encrypted !== null) {
      const text = await this.#decrypt(encrypted);
      await this.#settlePlain(await plainFile.read(), text);
      this.#showKeychain();
      return text;
    }
    const plain = await plainFile.read();
    const obstacle = await this.#findObstacle();
    if (plain === null || obstacle !== null) {
      this.#show(obstacle);
      return plain;
    }
    await this.#move(plain);
    return plain;
  }

  async write(text: string): Promise<void> {
    const obstacle = await this.#findObstacle();
    if (obstacle === null) await this.#writeEncrypted(text);
    else await createSecretFile(this.#plainPath).write(text);
    this.#show(obstacle);
  }

  /** The plain copy goes only when the encrypted one has been read back from the disk. */
  async #move(plain: string): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#writeEncrypted(plain);
    } catch (error) {
      log.error('Failed to move the keys into the keychain', { error });
      this.#show('The keychain of this system did not take the keys.');
      return;
    }
    await rm(this.#plainPath);
    log.info('The keys were moved into the keychain');
    this.#showKeychain();
  }

  /** A crash may have come between the move and the removal; keys that are others are somebody's and stay. */
  async #settlePlain(plain: string | null, text: string): Promise<void> {
    if (plain === null) return;
    if (plain === text) {
      await rm(this.#plainPath);
      return;
    }
    this.notice = `There are two sets of keys: the one in the keychain is used. ${this.#plainPath} holds another, which was left as it is; move it away if you do not need it.`;
    this.#options.log.warn('There are other keys beside those in the keychain');
  }

  async #decrypt(encrypted: Buffer): Promise<string> {
    const { safeStorage, log } = this.#options;
    let text: string;
    let shouldReEncrypt: boolean;
    try {
      if (!(await safeStorage.isAsyncEncryptionAvailable())) throw new Error('no keychain is available');
      ({ result: text, shouldReEncrypt } = await safeStorage.decryptStringAsync(encrypted));
    } catch (error) {
      log.error('Failed to decrypt the keys', { error });
      throw new Error(
        `The keychain of this system does not open this computer's keys (${wordsOf(error)}). Unlock it, or log in to the desktop as usual, then try again. Nothing was changed: the keys are in ${this.#encryptedPath}.`,
      );
    }
    if (shouldReEncrypt) {
      await this.#writeEncrypted(text).catch((error: unknown) =>
        log.warn('Failed to encrypt the keys again; the previous copy still works', { error }),
      );
    }
    return text;
  }

  /** On disk under its name only once it could be read back. */
  async #writeEncrypted(text: string): Promise<void> {
    const { safeStorage } = this.#options;
    const temporary = `${this.#encryptedPath}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(await safeStorage.encryptStringAsync(text));
      await file.sync();
    } finally {
      await file.close();
    }
    const { result } = await safeStorage.decryptStringAsync(await readFile(temporary));
    if (result !== text) throw new Error('The keychain gives back something else than it was given.');
    await rename(temporary, this.#encryptedPath);
  }

  /** Why the keychain is not used, in words; null if it is. */
  async #findObstacle(): Promise<string | null> {
    const { safeStorage, platform, log } = this.#options;
    const isAvailable = await safeStorage.isAsyncEncryptionAvailable().catch((error: unknown) => {
      log.warn('The keychain could not be asked', { error });
      return false;
    });
    if (!isAvailable) return 'This system offers no keychain to Baton.';
    // Its key is the same in every program of this kind: that would be no protection, only look like one.
    if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text')
      return 'No keyring runs on this desktop.';
    return null;
  }

  #show(obstacle: string | null): void {
    if (obstacle === null) {
      this.#showKeychain();
      return;
    }
    const text = `${obstacle} The keys are in ${this.#plainPath}, which only this user can read, and so can every program that this user runs.`;
    this.view = { kind: 'file', text };
  }

  #showKeychain(): void {
    const { platform } = this.#options;
    const where =
      platform === 'darwin'
        ? 'the macOS keychain keeps'
        : platform === 'win32'
          ? 'Windows keeps for this user'
          : `the keyring of this desktop (${this.#options.safeStorage.getSelectedStorageBackend()}) keeps`;
    this.view = { kind: 'keychain', text: `The keys are encrypted with a key that ${where}.` };
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
