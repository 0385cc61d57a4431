/** WebSocket close codes, and codes with which a host closes one channel. Who gets one knows whether to try again. */
export const CloseCode = {
  /** RFC 6455 "service restart": come back after a spread delay. */
  restarting: 1012,
  malformed: 4400,
  notAuthentic: 4401,
  /** The host has not admitted this device, or took that back. */
  notAdmitted: 4403,
  /** Pairing code unknown, used or too old. */
  pairingUnknown: 4404,
  authTimeout: 4408,
  /** A newer socket of the same host or device took this one's place. */
  replaced: 4409,
  /** The host revoked this device. */
  revoked: 4410,
  tooLarge: 4413,
  /** Host and page speak different versions of the protocol. */
  versionMismatch: 4426,
  /** The device did not read fast enough; it resumes by cursor. */
  tooSlow: 4429,
  tooManyAttempts: 4430,
  /** The relay or the host is at one of its limits. */
  full: 4431,
  hostGone: 4440,
  handshakeFailed: 4441,
  pairingDenied: 4442,
  /** A frame did not decrypt, or a message did not parse. */
  channelBroken: 4443,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
