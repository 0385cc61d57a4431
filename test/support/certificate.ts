/** Certificates made for one test: X.509 (RFC 5280) in DER, with no more fields than a TLS client looks at. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 24 * 60 * 60_000;
const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;
/** Object identifiers, as they are encoded. */
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('551d13', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('551d11', 'hex');

/** Signed by itself, for this DNS name; trusted only by who is told to. `isExpired`: since yesterday. */
export function makeCertificate(name: string, options: { isExpired?: boolean } = {}): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const now = Date.now();
  const algorithm = der(Tag.sequence, der(Tag.oid, ECDSA_WITH_SHA256));
  const owner = der(
    Tag.sequence,
    der(Tag.set, der(Tag.sequence, der(Tag.oid, COMMON_NAME), der(Tag.utf8, Buffer.from(name)))),
  );
  const toBeSigned = der(
    Tag.sequence,
    der(0xa0, der(Tag.integer, Buffer.of(2))),
    der(Tag.integer, Buffer.of(1)),
    algorithm,
    owner,
    der(Tag.sequence, time(now - 10 * DAY_MS), time(options.isExpired ? now - DAY_MS : now + DAY_MS)),
    owner,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      der(
        Tag.sequence,
        extension(BASIC_CONSTRAINTS, der(Tag.sequence, der(Tag.boolean, Buffer.of(0xff)))),
        extension(SUBJECT_ALT_NAME, der(Tag.sequence, der(0x82, Buffer.from(name)))),
      ),
    ),
  );
  const signature = der(Tag.bits, Buffer.of(0), sign('sha256', toBeSigned, privateKey));
  const certificate = der(Tag.sequence, toBeSigned, algorithm, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/\D/g, '');
  return der(Tag.utcTime, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function extension(id: Buffer, value: Buffer): Buffer {
  return der(Tag.sequence, der(Tag.oid, id), der(Tag.octets, value));
}
