/**
 * Headers of every HTTP answer. The page loads nothing from anywhere else, and connects only to the relay that serves it:
 * a pairing link whose page and relay differ does not work with a page served from here.
 *
 * Trusted Types: the page makes the policy `baton` for the service worker's address, and DOMPurify makes `dompurify` for what it has sanitised.
 */
export function createSecurityHeaders(origins: readonly string[]): Readonly<Record<string, string>> {
  const socketOrigins = origins.map((origin) => origin.replace(/^http/, 'ws'));
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `font-src 'self'`,
    `img-src 'self' data: blob:`,
    // Some browsers do not count a WebSocket of the same origin as 'self'.
    `connect-src 'self' ${socketOrigins.join(' ')}`,
    `manifest-src 'self'`,
    `worker-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types baton dompurify`,
  ];
  const headers: Record<string, string> = {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy':
      'camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), browsing-topics=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  if (origins.some((origin) => origin.startsWith('https://'))) {
    headers['Strict-Transport-Security'] = 'max-age=31536000';
  }
  return headers;
}
