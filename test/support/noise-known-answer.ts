import { type Bytes, utf8 } from '#protocol/bytes.ts';

/** Payload of message 3, the device's first transport message, the host's first. */
export const KNOWN_PAYLOADS: [Bytes, Bytes, Bytes] = [utf8('{"name":"phone"}'), utf8('hello'), utf8('world')];
