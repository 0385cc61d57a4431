import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { silentLog } from '#lib/log.ts';
import { type KeychainApi, KeychainSecrets } from '#main/desktop/system/secrets.ts';
import { ENCRYPTED_KEYS_FILE, findKeychainObstacle, PLAIN_KEYS_FILE } from '#main/setup/key-files.ts';
import { temporaryFolder } from '#test/unit/main/host/history/support.ts';

/** A keychain with a key of its own: what another one encrypted it does not open. */
class Keychain implements KeychainApi {
  isAvailable = true;
  backend: ReturnType<KeychainApi['getSelectedStorageBackend']> = 'gnome_libsecret';
  key = 7;
  shouldReEncrypt = false;
  isLosing = false;

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    return this.isAvailable;
  }
  async encryptStringAsync(text: string): Promise<Buffer> {
    return Buffer.from([this.key, ...Buffer.from(text).map((byte) => byte ^ this.key)]);
  }
  async decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    if (encrypted[0] !== this.key) throw new Error('the wrong key');
    const result = Buffer.from(encrypted.subarray(1).map((byte) => byte ^ this.key)).toString();
    return { result: this.isLosing ? result.slice(1) : result, shouldReEncrypt: this.shouldReEncrypt };
  }
  getSelectedStorageBackend() {
    return this.backend;
  }
}

const KEYS = '{"version":1,"auth":"secret"}';
let folder: string;
let keychain: Keychain;
const plainPath = () => join(folder, PLAIN_KEYS_FILE);
const encryptedPath = () => join(folder, ENCRYPTED_KEYS_FILE);
const createStore = (platform: NodeJS.Platform = 'linux') =>
  new KeychainSecrets({ safeStorage: keychain, platform, dataFolder: folder, log: silentLog });
const mode = (path: string) => statSync(path).mode & 0o777;

beforeEach(() => {
  folder = temporaryFolder();
  keychain = new Keychain();
});

test('new keys go into the keychain, are read back from it, and lie nowhere in the clear', async () => {
  const store = createStore();
  expect(await store.read()).toBe(null);
  await store.write(KEYS);
  expect(await createStore().read()).toBe(KEYS);
  expect(readFileSync(encryptedPath(), 'latin1')).not.toContain('secret');
  expect([existsSync(plainPath()), mode(encryptedPath()), store.view.kind]).toEqual([false, 0o600, 'keychain']);
});

test("a terminal host's keys are moved once, and their file goes when the copy has been read back", async () => {
  writeFileSync(plainPath(), KEYS, { mode: 0o600 });
  const store = createStore();
  expect(await store.read()).toBe(KEYS);
  expect([existsSync(plainPath()), existsSync(encryptedPath()), store.view.kind]).toEqual([false, true, 'keychain']);
  expect(await createStore().read()).toBe(KEYS);
});

test('a keychain that gives back something else gets no keys: the file stays, and the page says so', async () => {
  writeFileSync(plainPath(), KEYS, { mode: 0o600 });
  keychain.isLosing = true;
  const store = createStore();
  expect(await store.read()).toBe(KEYS);
  expect([readFileSync(plainPath(), 'utf8'), existsSync(encryptedPath())]).toEqual([KEYS, false]);
  expect(store.view).toMatchObject({ kind: 'file', text: expect.stringContaining('did not take the keys') });
});

test('without a keyring the keys are in a file of this user, and the page says what that means', async () => {
  for (const change of [{ isAvailable: false }, { backend: 'basic_text' as const }]) {
    folder = temporaryFolder();
    keychain = new Keychain();
    Object.assign(keychain, change);
    const store = createStore();
    await store.write(KEYS);
    expect([readFileSync(plainPath(), 'utf8'), mode(plainPath()), existsSync(encryptedPath())]).toEqual([
      KEYS,
      0o600,
      false,
    ]);
    expect(await store.read()).toBe(KEYS);
    expect(store.view).toMatchObject({ kind: 'file', text: expect.stringContaining('every program') });
  }
});

test('the fixed key of a desktop without keyring is taken for none only on Linux, where it exists', async () => {
  keychain.backend = 'basic_text';
  const store = createStore('win32');
  await store.write(KEYS);
  expect([store.view.kind, existsSync(encryptedPath())]).toEqual(['keychain', true]);
});

test.each(['another key', 'no keychain'])(
  'keys that the keychain does not open (%s) are refused in words, and nothing is changed',
  async (how) => {
    await createStore().write(KEYS);
    const before = readFileSync(encryptedPath());
    if (how === 'another key') keychain.key = 9;
    else keychain.isAvailable = false;
    await expect(createStore().read()).rejects.toThrow(/does not open this computer's keys.*try again/);
    expect([readFileSync(encryptedPath()).equals(before), existsSync(plainPath())]).toEqual([true, false]);
  },
);

test('keys are encrypted again when the keychain asks for it', async () => {
  await createStore().write(KEYS);
  writeFileSync(encryptedPath(), await keychain.encryptStringAsync(KEYS));
  const before = statSync(encryptedPath()).ino;
  keychain.shouldReEncrypt = true;
  expect(await createStore().read()).toBe(KEYS);
  expect(statSync(encryptedPath()).ino).not.toBe(before);
  expect((await keychain.decryptStringAsync(readFileSync(encryptedPath()))).result).toBe(KEYS);
});

test('a crash between the move and the removal is finished; other keys beside are left and told of', async () => {
  await createStore().write(KEYS);
  writeFileSync(plainPath(), KEYS);
  const finished = createStore();
  expect([await finished.read(), existsSync(plainPath()), finished.notice]).toEqual([KEYS, false, null]);
  writeFileSync(plainPath(), 'other keys');
  const other = createStore();
  expect(await other.read()).toBe(KEYS);
  expect([readFileSync(plainPath(), 'utf8'), other.notice]).toEqual([
    'other keys',
    expect.stringContaining('two sets of keys'),
  ]);
});

test('a host in a terminal does not make a second set of keys beside those in the keychain', async () => {
  expect(findKeychainObstacle(folder)).toBe(null);
  await createStore().write(KEYS);
  expect(findKeychainObstacle(folder)).toContain('Start the tray app');
  writeFileSync(plainPath(), KEYS);
  expect(findKeychainObstacle(folder)).toBe(null);
});
