/** Compares this computer's clock with the relay's. */
import { request as requestPlainly } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { type Finding, ok, skipped, wrong } from './check.ts';

/** Two clocks may differ by this much; what is more confuses ages and, in time, certificates. */
export const CLOCK_OFF_MAX_MS = 120_000;
const MINUTE_MS = 60_000;

/** Asks the relay for the time. Never rejects. */
export async function checkClock(options: { origin: string; now: () => number; timeoutMs: number }): Promise<Finding> {
  const { origin, now, timeoutMs } = options;
  const askedAt = now();
  const theirs = await readDate(origin, timeoutMs);
  if (theirs === null) return skipped('The relay does not say what time it is.');
  return judgeClock((askedAt + now()) / 2 - theirs);
}

/** Pure. `aheadMs`: of the relay's clock, which is read to the second. */
export function judgeClock(aheadMs: number): Finding {
  const off = Math.abs(aheadMs);
  if (off <= CLOCK_OFF_MAX_MS) return ok('It agrees with the relay’s.');
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return wrong(
    `The clock of this computer is ${describeSpan(off)} ${direction} the relay’s. Set it by the network, or that of the relay if this one is right.`,
  );
}

function describeSpan(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

/**
 * The `Date` header (RFC 9110, section 6.6.1) of whatever answers, in milliseconds since 1970; null if nothing does in time.
 * The certificate is not asked for: a clock that is wrong is why it may not be accepted, and nothing is said that needs keeping.
 */
async function readDate(origin: string, timeoutMs: number): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const url = new URL('/healthz', origin);
  const asked =
    url.protocol === 'https:'
      ? requestSecurely(url, { method: 'HEAD', agent: false, rejectUnauthorized: false })
      : requestPlainly(url, { method: 'HEAD', agent: false });
  const timer = setTimeout(() => resolve(null), timeoutMs);
  asked.on('response', (response) => {
    response.resume();
    const at = Date.parse(response.headers.date ?? '');
    resolve(Number.isNaN(at) ? null : at);
  });
  asked.on('error', () => resolve(null));
  asked.end();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    asked.destroy();
  }
}
