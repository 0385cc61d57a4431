/** Pairing in a terminal: the code as a picture of characters, and who asks. */
import QRCode from 'qrcode';
import { isLoopback } from '#protocol/relay-auth.ts';
import type { PairingOffer, PairingRequest } from '../host/remote/pairing.ts';

/** The QR code of a link as lines of half blocks. About 35 lines of 70 columns. */
export async function renderCode(link: string): Promise<string> {
  return await QRCode.toString(link, { type: 'terminal', small: true, errorCorrectionLevel: 'L' });
}

export function describeOffer(offer: PairingOffer): string {
  const isLocal = isLoopback(new URL(offer.link).hostname);
  const until = new Date(offer.expiresAt).toLocaleTimeString();
  return [
    isLocal
      ? 'Open this link in a browser on this computer (a phone cannot reach it: for that, run a relay with https and start with --relay):'
      : 'Scan the code with your phone, or open this link there:',
    '',
    `  ${offer.link}`,
    '',
    `It works once, until ${until}; a new one comes by itself. Press p to hide it.`,
  ].join('\n');
}

/** `build`: of the page that belongs to this host. What the asking page says of itself is only its word. */
export function describeRequest(request: PairingRequest, build: string): string {
  const digits = `${request.digits.slice(0, 3)} ${request.digits.slice(3)}`;
  return [
    '',
    `  “${request.name}” asks to be paired. It must show these digits:  ${digits}`,
    request.build === build
      ? `  Its page says it is build ${request.build}, as it should be.`
      : `  ! Its page says it is build ${request.build}; the one that belongs to this computer is ${build}.`,
    '  Do they match?   a  allow everything   s  allow prompts and answers   w  allow watching only   n  deny',
    '',
  ].join('\n');
}
