/** `safeStorage`: real encryption under keys that lie in a file of the test instead of the system's keyring. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { StandInApp } from './app.ts';
import type { StandInOptions } from './messages.ts';

type Used = 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class StandInSafeStorage implements Pick<Electron.SafeStorage, Used> {
  readonly #app: StandInApp;
  readonly #keyring: StandInOptions['keyring'];

  constructor(app: StandInApp, keyring: StandInOptions['keyring']) {
    this.#app = app;
    this.#keyring = keyring;
    if (keyring.mode === 'rotated') this.#addKey();
  }

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    await this.#app.whenReady();
    return this.#keyring.mode !== 'unavailable';
  }

  getSelectedStorageBackend(): 'basic_text' | 'gnome_libsecret' | 'unknown' {
    if (!this.#app.isReady()) return 'unknown';
    return ['unavailable', 'basic-text'].includes(this.#keyring.mode) ? 'basic_text' : 'gnome_libsecret';
  }

  /** First byte: the number of the key, so that a later one is noticed. */
  async encryptStringAsync(plainText: string): Promise<Buffer> {
    await this.#requireAvailable();
    const keys = this.#keys();
    const number = keys.length - 1;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keys[number] as Buffer, nonce);
    const encrypted = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([number]), nonce, cipher.getAuthTag(), encrypted]);
  }

  async decryptStringAsync(encrypted: Buffer): Promise<Electron.DecryptStringAsyncReturnValue> {
    await this.#requireAvailable();
    const keys = this.#keys();
    const key = keys[encrypted[0] ?? keys.length];
    if (this.#keyring.mode === 'refusing' || !key) throw new Error('Error while decrypting the ciphertext provided.');
    const tagAt = 1 + NONCE_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(1, tagAt));
    decipher.setAuthTag(encrypted.subarray(tagAt, tagAt + TAG_BYTES));
    const text = Buffer.concat([decipher.update(encrypted.subarray(tagAt + TAG_BYTES)), decipher.final()]);
    return { result: text.toString('utf8'), shouldReEncrypt: encrypted[0] !== keys.length - 1 };
  }

  async #requireAvailable(): Promise<void> {
    if (!(await this.isAsyncEncryptionAvailable())) throw new Error('Encryption is not available.');
  }

  #keys(): Buffer[] {
    if (!existsSync(this.#keyring.file)) this.#addKey();
    return readFileSync(this.#keyring.file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => Buffer.from(line, 'hex'));
  }

  #addKey(): void {
    writeFileSync(this.#keyring.file, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { flag: 'a', mode: 0o600 });
  }
}
