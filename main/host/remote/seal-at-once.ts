import { createCipheriv } from 'node:crypto';
import type { Bytes } from '#protocol/bytes.ts';
import { type SealAtOnce, TAG_BYTES } from '#protocol/noise-state.ts';

/** AES-256-GCM as WebCrypto does it, without waiting: tag of 16 bytes after the ciphertext. */
export const sealAtOnce: SealAtOnce = (key, iv, plaintext, additionalData) => {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData);
  const body = cipher.update(plaintext);
  const end = cipher.final();
  const sealed: Bytes = new Uint8Array(body.length + end.length + TAG_BYTES);
  sealed.set(body);
  sealed.set(end, body.length);
  sealed.set(cipher.getAuthTag(), body.length + end.length);
  return sealed;
};
