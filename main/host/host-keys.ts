/** The host's own keys: who it is to relays (ECDSA P-256) and to devices (X25519). Made once, kept wherever the body says. */
import * as z from 'zod';
import { fromBase64Url, toBase64Url } from '#protocol/bytes.ts';
import {
  type AuthKeyPair,
  exportPrivateKey,
  generateAuthKeys,
  generateNoiseKeys,
  importAuthPrivateKey,
  importNoisePrivateKey,
  keyId,
  type NoiseKeyPair,
} from '#protocol/keys.ts';

export interface HostKeys {
  readonly hostId: string;
  readonly auth: AuthKeyPair;
  readonly noise: NoiseKeyPair;
}

/** Where secrets lie: a 0600 file for the terminal, the system's keychain for the tray app. */
export interface SecretStore {
  /** Null if nothing was stored yet. */
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

const base64 = z.string().transform((text, context) => {
  const bytes = fromBase64Url(text);
  if (bytes) return bytes;
  context.addIssue({ code: 'custom', message: 'not base64url' });
  return z.NEVER;
});
const pair = z.object({ publicKey: base64, privateKey: base64 });
const storedKeys = z.object({ version: z.literal(1), auth: pair, noise: pair });

/** Reads the keys, or makes and stores them the first time. Throws, naming what to do, if what is stored cannot be read. */
export async function loadHostKeys(store: SecretStore): Promise<HostKeys> {
  return (await readHostKeys(store)) ?? (await createHostKeys(store));
}

/** The keys that were made, or null before the first start. Throws, naming what to do, if what is stored cannot be read. */
export async function readHostKeys(store: Pick<SecretStore, 'read'>): Promise<HostKeys | null> {
  const text = await store.read();
  return text === null ? null : await parseHostKeys(text);
}

async function createHostKeys(store: SecretStore): Promise<HostKeys> {
  const [auth, noise] = [await generateAuthKeys(true), await generateNoiseKeys(true)];
  const encode = async (keys: AuthKeyPair | NoiseKeyPair) => ({
    publicKey: toBase64Url(keys.publicKey),
    privateKey: toBase64Url(await exportPrivateKey(keys.privateKey)),
  });
  const text = JSON.stringify({ version: 1, auth: await encode(auth), noise: await encode(noise) });
  await store.write(text);
  return await parseHostKeys(text);
}

async function parseHostKeys(text: string): Promise<HostKeys> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const parsed = storedKeys.safeParse(json);
  if (!parsed.success) {
    throw new Error(
      "This computer's keys cannot be read. Restore them from a backup, or move them away and pair your devices again.",
    );
  }
  const { auth, noise } = parsed.data;
  return {
    hostId: await keyId(auth.publicKey),
    auth: { publicKey: auth.publicKey, privateKey: await importAuthPrivateKey(auth.privateKey) },
    noise: { publicKey: noise.publicKey, privateKey: await importNoisePrivateKey(noise.privateKey) },
  };
}
