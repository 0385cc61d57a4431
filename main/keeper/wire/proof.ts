/**
 * How host and keeper prove to each other that both have read the token in the keeper's state file, without ever saying it:
 * anyone who listens at the socket in the keeper's place learns two random numbers and nothing else.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type Side = 'host' | 'keeper';

export function createNonce(): string {
  return randomBytes(32).toString('base64url');
}

/** HMAC-SHA-256 over who proves, both random numbers and the protocol; the keeper's number always first. */
export function prove(token: string, side: Side, keeperNonce: string, hostNonce: string): string {
  return createHmac('sha256', Buffer.from(token, 'base64url'))
    .update(`baton keeper 1\n${side}\n${keeperNonce}\n${hostNonce}`)
    .digest('base64url');
}

export function isProof(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
